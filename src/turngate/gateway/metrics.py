"""The metrics page: what the totals say, in Prometheus' words.

Every name, label and label value stands in the tables here, so that what clients send can add no
series. Nothing is computed before somebody asks.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple, Protocol

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from turngate.answers import ANSWERS
from turngate.core.order import Why
from turngate.gateway.totals import CLOSES, OTHER_CLOSE, Depths, Moved, Spread, Totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Counted(NamedTuple):
    """A counter: its name without `_total`, what it counts, its label, and what is each value."""

    name: str
    help: str
    labels: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    """From the words in which calls count to the values of the labels."""


COUNTED = (
    Counted("turngate_requests", "Responses asked for.", (), {"requests": ()}),
    Counted("turngate_turns", "Turns of the agent that ended, however.", (), {"turns": ()}),
    Counted("turngate_merged", "Wishes that shared a response with another.", (), {"merged": ()}),
    Counted("turngate_races", "Requests that met another response upstream.", (), {"race": ()}),
    Counted("turngate_resent", "Requests that were asked again after that.", (), {"resent": ()}),
    Counted(
        "turngate_upstream_surprises",
        "Upstream events that nobody expected: not readable, of no known type, out of turn, or a"
        " refusal that no longer matters.",
        ("kind",),
        {
            "upstream_unreadable": ("unreadable",),
            "upstream_unknown": ("unknown",),
            "stray": ("out_of_turn",),
            "refused_aside": ("refused_aside",),
        },
    ),
    Counted(
        "turngate_failures",
        "Errors and warnings, by their code and by what failed.",
        ("code", "failure"),
        {kind.__name__: (answer.code, kind.__name__) for kind, answer in ANSWERS.items()},
    ),
    Counted(
        "turngate_holds",
        "Events of Realtime clients that could not leave at once, by what they waited for.",
        ("why",),
        {f"held_{why}": (why,) for why in Why},
    ),
    Counted(
        "turngate_client_events",
        "What became of a Realtime client's events that could not leave at once, or at all.",
        ("what",),
        {
            each: (each,)
            for each in (
                "held",
                "sent",
                "lapsed",
                "withdrawn",
                "refused",
                "unanswered",
                "lost",
                "abandoned",
            )
        },
    ),
    Counted(
        "turngate_client_closes",
        "Ends of client connections by close code; 1006 came without one.",
        ("code",),
        {f"client_closed_{code}": (code,) for code in (*map(str, CLOSES), OTHER_CLOSE)},
    ),
)


_NAMES = {
    word: counted.name.removeprefix("turngate_")
    for counted in COUNTED
    if not counted.labels
    for word in counted.values
} | {"stray": "out_of_turn"}


def by_name(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of one call, for its log line, by the names that the page has for them."""
    return {_NAMES.get(word, word): count for word, count in counts.items() if count}


class Timed(NamedTuple):
    """A histogram: its name, what it times, and where it is kept."""

    name: str
    help: str
    spread: Callable[[Totals], Spread]


TIMED = (
    Timed("turngate_call_seconds", "Whole calls, at their end.", attrgetter("calls")),
    Timed("turngate_dial_seconds", "From the dial to an open upstream.", attrgetter("dials")),
    Timed(
        "turngate_slot_wait_seconds",
        "How long a request was ready and had to wait for the slot.",
        attrgetter("waits"),
    ),
    Timed(
        "turngate_hold_seconds",
        "How long a Realtime client's event was held, whatever it was.",
        attrgetter("holds"),
    ),
    Timed(
        "turngate_acceptance_seconds",
        "From a request to response.created.",
        attrgetter("acceptances"),
    ),
    Timed(
        "turngate_first_audio_seconds",
        "From a request to the first audio of its answer.",
        attrgetter("first_audio"),
    ),
    Timed(
        "turngate_speech_answer_seconds",
        "From the end of the user's speech, as the upstream tells it, to the answer's first audio.",
        attrgetter("answers_to_speech"),
    ),
)

REFUSED = "turngate_handshakes_refused", "Requests for a call that were refused, by HTTP status."
STATUSES = (400, 401, 403, 404, 405, 426, 429, 431, 503)
ACTIVE = "turngate_calls_active", "Calls that are connected now."
MOVED = "turngate_network_bytes", "Bytes on the network by leg and direction; on Linux only."
DROPPED = "turngate_audio_dropped_bytes", "Microphone audio that could not leave in time."
QUEUED = "turngate_queue_bytes", "What waits before all peers of a kind together."
LONGEST = "turngate_queue_longest_bytes", "What waits before the one with the longest queue."
HELD = "turngate_held", "Requests, changes and events that wait for the slot."
DRAINING = "turngate_draining", "1 while the gateway lets its calls end and takes no more."


class Measured(Protocol):
    """A call, as far as it is measured."""

    totals: Totals

    def moved(self) -> Moved:
        """Return what has crossed its legs."""
        ...

    def depths(self) -> Depths:
        """Return what waits in it."""
        ...

    def dropped_bytes(self) -> int:
        """Return what could not leave."""
        ...


class Metrics(Collector):
    """The numbers of one gateway. `calls` gives the calls that are connected."""

    def __init__(self, calls: Callable[[], Iterable[Measured]]) -> None:
        self._calls = calls
        self.fronts = {"agent": Totals(), "native": Totals(), "deepgram": Totals()}
        self.refusals: Counter[int] = Counter()
        self.is_draining = False
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def page(self) -> bytes:
        """Return the page in Prometheus' text format, which is of the type `CONTENT_TYPE`."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        live = {
            name: [x for x in self._calls() if x.totals is totals] for name, totals in self._all()
        }
        yield _gauge(*ACTIVE, {name: len(calls) for name, calls in live.items()})
        for counted in COUNTED:
            yield self._counter(counted)
        for timed in TIMED:
            yield self._histogram(timed)
        refused = CounterMetricFamily(*REFUSED, labels=["status"])
        for status in STATUSES:
            refused.add_metric([str(status)], self.refusals[status])
        yield refused
        yield self._moved(live)
        yield self._dropped(live)
        yield from _queues(live)
        draining = GaugeMetricFamily(*DRAINING)
        draining.add_metric([], int(self.is_draining))
        yield draining

    def _all(self) -> Iterable[tuple[str, Totals]]:
        return self.fronts.items()

    def _counter(self, counted: Counted) -> Metric:
        family = CounterMetricFamily(counted.name, counted.help, labels=["front", *counted.labels])
        for front, totals in self._all():
            for word, values in counted.values.items():
                family.add_metric([front, *values], totals.counts[word])
        return family

    def _histogram(self, timed: Timed) -> Metric:
        family = HistogramMetricFamily(timed.name, timed.help, labels=["front"])
        for front, totals in self._all():
            spread = timed.spread(totals)
            ends = [*(str(ms / 1000) for ms in spread.bounds_ms), "+Inf"]
            buckets = list(zip(ends, accumulate(spread.counts), strict=True))
            family.add_metric([front], buckets, spread.sum_ms / 1000)
        return family

    def _moved(self, live: Mapping[str, Iterable[Measured]]) -> Metric:
        family = CounterMetricFamily(*MOVED, labels=["front", "path"])
        for front, totals in self._all():
            moved = totals.moved
            for call in live[front]:
                moved = moved.plus(call.moved())
            for path, size in moved._asdict().items():
                family.add_metric([front, path], size)
        return family

    def _dropped(self, live: Mapping[str, Iterable[Measured]]) -> Metric:
        family = CounterMetricFamily(*DROPPED, labels=["front"])
        for front, totals in self._all():
            dropped = sum(call.dropped_bytes() for call in live[front])
            family.add_metric([front], totals.dropped_bytes + dropped)
        return family


def _gauge(name: str, text: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["front"])
    for front, value in values.items():
        family.add_metric([front], value)
    return family


def _queues(live: Mapping[str, Iterable[Measured]]) -> Iterator[Metric]:
    depths = {front: [call.depths() for call in calls] for front, calls in live.items()}
    queued = GaugeMetricFamily(*QUEUED, labels=["front", "to"])
    longest = GaugeMetricFamily(*LONGEST, labels=["front", "to"])
    for front, each in depths.items():
        for to, sizes in (
            ("client", [depth.to_client_bytes for depth in each]),
            ("upstream", [depth.to_upstream_bytes for depth in each]),
        ):
            queued.add_metric([front, to], sum(sizes))
            longest.add_metric([front, to], max(sizes, default=0))
    yield queued
    yield longest
    yield _gauge(*HELD, {front: sum(x.held for x in each) for front, each in depths.items()})
