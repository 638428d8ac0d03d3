"""The page of metrics: every family that `GET /metrics` shows."""

from prometheus_client.core import Metric
from tools.reference.markdown import code, listed, page, table

from turngate.gateway.metrics import Metrics
from turngate.gateway.totals import CALLS_MS, WAITS_MS


def metric_row(family: Metric) -> tuple[str, str, str, str]:
    """Return a family by its name on the page, its kind, its labels with their values, its help."""
    suffix = "_total" if family.type == "counter" else ""
    values: dict[str, dict[str, None]] = {}
    for sample in family.samples:
        for label, value in sample.labels.items():
            if label != "le":
                values.setdefault(label, {})[value] = None
    shown = (
        f"{code(label)}: " + (listed(each) if len(each) <= SHOWN else f"{len(each)} values")
        for label, each in values.items()
    )
    return code(f"{family.name}{suffix}"), family.type, "; ".join(shown), family.documentation


SHOWN = 12
"""How many values of a label are written out."""


def metrics_page() -> str:
    """Return every family that `GET /metrics` shows."""
    ends = (listed(str(ms / 1000) for ms in bounds) for bounds in (WAITS_MS, CALLS_MS))
    waits, calls = ends
    return page(
        "Metrics",
        "What `GET /metrics` tells in Prometheus' text format. All label values are known from the "
        "start, so that nothing a client sends adds a series. Beside these stand the usual "
        "`process_*` and `python_info`.",
        "It needs no client key, as Prometheus has none: whoever reaches the port reads how busy the "
        "gateway is, and nothing that anybody said. Where that is too much, let the proxy before it "
        "refuse the path, as [this one](../../examples/deploy/haproxy.cfg) does, and Prometheus ask "
        "the gateway itself, from a network that nobody else is in.",
        "The counts in the log line `call ended` have the same names, for one call.",
        table(("name", "kind", "labels", "what"), map(metric_row, Metrics(tuple).collect())),
        f"The buckets of a wait end at {waits} seconds, those of a call at {calls}.",
    )
