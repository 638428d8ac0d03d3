"""The generated pages say what the code does, and say all of it."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, get_args

import pytest
from tools.reference import PAGES
from tools.reference.bars import COST, README, measured, proven, with_bars
from tools.reference.commands import cli_page
from tools.reference.compatibility import compatibility_page, told_messages
from tools.reference.configuration import configuration_page
from tools.reference.emulator import emulator_page
from tools.reference.errors import errors_page
from tools.reference.exchange import exchange
from tools.reference.fields import fields, heeded
from tools.reference.limits import limits_page
from tools.reference.markdown import table
from tools.reference.messages import messages_page, upstream_rows
from tools.reference.samples import ASKED, TOLD

from turngate.answers import ANSWERS
from turngate.core import effects
from turngate.core import limits as core_limits
from turngate.dialects import realtime as back
from turngate.dialects import unsaid
from turngate.emulator import Knobs
from turngate.gateway import limits as gateway_limits
from turngate.gateway.allowed import Allowed
from turngate.gateway.config import Config
from turngate.wire import agent
from turngate.wire.codec import Unknown

ROOT = Path(__file__).parent.parent
GENERATED = (
    "settings.md",
    "messages.md",
    "compatibility.md",
    "errors.md",
    "limits.md",
    "configuration.md",
    "metrics.md",
    "cli.md",
    "emulator.md",
    "client.md",
)


def first_cells(page: str) -> set[str]:
    """Return what stands in the first column of a page's tables."""
    rows = (line for line in page.splitlines() if line.startswith("| "))
    return {row.split(" | ")[0].removeprefix("| ").strip("`") for row in rows}


@pytest.mark.parametrize("name", GENERATED)
def test_generated_page_is_up_to_date(name: str) -> None:
    page = ROOT / "docs" / "reference" / name
    kept = page.read_text() if page.exists() else ""
    if kept != PAGES[name]():
        pytest.fail(f"docs/reference/{name} is stale; run make reference", pytrace=False)


def test_the_bars_in_the_readme_are_those_that_were_measured() -> None:
    if README.read_text() != with_bars(README.read_text()):
        pytest.fail("the bars in README.md are stale; run make reference", pytrace=False)


def test_the_bars_are_those_of_the_figures() -> None:
    rounds = json.loads(COST.with_suffix(".json").read_text())["rounds"]
    agent, bare = (
        [each["cpu_ms"] for each in rounds[name]]
        for name in ("turngate, agent front", "bare relay")
    )
    ratio = median(a / b for a, b in zip(agent, bare, strict=True))
    rows = list(measured(COST.read_text()))
    told = f"| CPU, agent front against the bare relay | {ratio:.2f} x | <= 1.25 x |"
    assert [row for row in rows if row.startswith(told)]
    assert len(rows) >= 7


def test_a_promise_that_did_not_hold_is_a_bar_that_was_missed() -> None:
    figures = {"piece": "leaks", "ok": False, "calls": 20_000}
    rows = list(proven({"leaks": figures}))
    leaks = "[20,000 calls on real sockets](docs/proof.md#leaks)"
    assert f"| broken promises in {leaks} | 1 | 0 | **missed** |" in rows
    assert "| [fuzz](docs/proof.md): broken promises | not run | 0 | |" in rows


def test_what_has_a_score_is_measured_by_it() -> None:
    modules = [{"changes": 100, "noticed": 97, "explained": 3}]
    figures = {"piece": "mutation", "ok": True, "modules": modules, "unexplained": []}
    rows = list(proven({"mutation": figures}))
    changes = "[100 changes of the code](docs/proof.md#mutation)"
    assert f"| {changes} noticed by the tests | 97.0% | >= 95% | met |" in rows


def test_a_readme_without_a_place_for_the_bars_is_noticed() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_bars("# turngate")


def test_every_generated_page_is_checked() -> None:
    assert tuple(PAGES) == GENERATED


def names(kinds: Iterable[Any]) -> set[str]:
    return {kind.__name__ for kind in kinds}


def test_message_maps_hold_every_message_event_and_effect() -> None:
    cells = first_cells(messages_page())
    assert {str(each.__struct_config__.tag) for each in get_args(agent.ClientMessage)} <= cells
    known: set[Any] = {*back.READS, *back.IGNORED} - {Unknown}
    assert {str(each.__struct_config__.tag) for each in known} <= cells
    assert names(get_args(effects.ToClient) + get_args(effects.ToUpstream)) <= cells


def test_every_event_that_is_read_means_something() -> None:
    rows = dict(zip(back.READS, upstream_rows(), strict=False))
    assert {kind.__name__: row[2] for kind, row in rows.items() if not row[2]} == {}


def test_every_effect_is_among_the_samples() -> None:
    samples: tuple[object, ...] = (*TOLD, *ASKED)
    sampled = {type(each) for each in samples}
    assert sampled == set(get_args(effects.ToClient) + get_args(effects.ToUpstream))


@pytest.mark.parametrize(
    "message, upstream, client",
    [
        (agent.UpdatePrompt("Be brief."), ["session.update"], ["PromptUpdated"]),
        (
            agent.InjectUserMessage("hello"),
            ["conversation.item.create", "response.create"],
            ["ConversationText", "History"],
        ),
        (
            agent.FunctionCallResponse("f", "noon", "call_1"),
            ["conversation.item.create", "response.create"],
            ["History", "AgentThinking"],
        ),
        (agent.KeepAlive(), [], []),
        (agent.ForceEndTurn(), ["input_audio_buffer.commit"], []),
    ],
)
def test_message_leads_to(
    message: agent.ClientMessage, upstream: list[str], client: list[str]
) -> None:
    assert tuple(exchange(message)) == (upstream, client)


def test_every_message_of_a_server_is_told_or_there_is_a_reason() -> None:
    told: set[Any] = {type(each) for each in told_messages()}
    assert told | set(unsaid.MESSAGES) == set(get_args(agent.ServerMessage))
    assert told.isdisjoint(unsaid.MESSAGES)


def test_every_field_of_a_client_has_its_row() -> None:
    cells = first_cells(compatibility_page())
    for kind in get_args(agent.ClientMessage):
        paths = {field.path for field in fields(kind)}
        assert {path for path in paths if not {path, f"agent.{path}"} & cells} == set()
    assert "agent.think.functions[].endpoint.url" in cells


@pytest.mark.parametrize(
    "kind, field, happens",
    [
        ("InjectAgentMessage", "behavior", "heeded"),
        ("InjectAgentMessage", "content", "heeded"),
        ("InjectAgentMessage", "is_dynamic", "answered by the warning `UNSUPPORTED`"),
        ("FunctionCallResponse", "result", "heeded"),
    ],
)
def test_field_is_tried_out(kind: str, field: str, happens: str) -> None:
    assert heeded(kind, field) == happens


def test_errors_and_settings_are_complete() -> None:
    assert names(ANSWERS) <= first_cells(errors_page())
    assert set(Config.__struct_fields__) <= first_cells(configuration_page())


def test_limits_are_told_with_their_reasons() -> None:
    modules = (core_limits, gateway_limits)
    bounds = {name for module in modules for name in vars(module) if name.isupper()}
    bounds.discard("RATE_HZ")  # a unit, imported there
    shown = first_cells(limits_page()) - {"name", "limit", "---"}
    assert shown == bounds | set(Allowed.__struct_fields__)


def test_every_knob_is_told() -> None:
    assert set(Knobs.__struct_fields__) <= first_cells(emulator_page())


def test_every_command_has_its_section() -> None:
    page = cli_page()
    for command in ("serve", "emulate", "talk", "check"):
        assert f"\n## turngate {command}\n" in page
    assert "--until-stdin-closes" not in page


def test_bar_inside_a_cell_does_not_end_it() -> None:
    assert table(["a"], [["b | c"]]).splitlines()[-1] == "| b \\| c |"
