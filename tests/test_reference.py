"""The generated pages say what the code does, and say all of it."""

from collections.abc import Iterable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, get_args

import pytest

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
PAGES = (
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


@pytest.fixture(scope="module")
def reference() -> Any:
    spec = spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def first_cells(page: str) -> set[str]:
    """Return what stands in the first column of a page's tables."""
    rows = (line for line in page.splitlines() if line.startswith("| "))
    return {row.split(" | ")[0].removeprefix("| ").strip("`") for row in rows}


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_up_to_date(name: str, reference: Any) -> None:
    page = ROOT / "docs" / "reference" / name
    kept = page.read_text() if page.exists() else ""
    if kept != reference.PAGES[name]():
        pytest.fail(f"docs/reference/{name} is stale; run make reference", pytrace=False)


def test_every_generated_page_is_checked(reference: Any) -> None:
    assert tuple(reference.PAGES) == PAGES


def names(kinds: Iterable[Any]) -> set[str]:
    return {kind.__name__ for kind in kinds}


def test_message_maps_hold_every_message_event_and_effect(reference: Any) -> None:
    cells = first_cells(reference.messages_page())
    assert {str(each.__struct_config__.tag) for each in get_args(agent.ClientMessage)} <= cells
    known: set[Any] = {*back.READS, *back.IGNORED} - {Unknown}
    assert {str(each.__struct_config__.tag) for each in known} <= cells
    assert names(get_args(effects.ToClient) + get_args(effects.ToUpstream)) <= cells


def test_every_event_that_is_read_means_something(reference: Any) -> None:
    rows = dict(zip(back.READS, reference.upstream_rows(), strict=False))
    assert {kind.__name__: row[2] for kind, row in rows.items() if not row[2]} == {}


def test_every_effect_is_among_the_samples(reference: Any) -> None:
    samples: tuple[object, ...] = (*reference.TOLD, *reference.ASKED)
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
    message: agent.ClientMessage, upstream: list[str], client: list[str], reference: Any
) -> None:
    assert tuple(reference.exchange(message)) == (upstream, client)


def test_every_message_of_a_server_is_told_or_there_is_a_reason(reference: Any) -> None:
    samples: list[object] = reference.told_messages()
    told = {type(each) for each in samples}
    assert told | set(unsaid.MESSAGES) == set(get_args(agent.ServerMessage))
    assert told.isdisjoint(unsaid.MESSAGES)


def test_every_field_of_a_client_has_its_row(reference: Any) -> None:
    cells = first_cells(reference.compatibility_page())
    for kind in get_args(agent.ClientMessage):
        paths = {field.path for field in reference.fields(kind)}
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
def test_field_is_tried_out(kind: str, field: str, happens: str, reference: Any) -> None:
    assert reference.heeded(kind, field) == happens


def test_errors_and_settings_are_complete(reference: Any) -> None:
    assert names(ANSWERS) <= first_cells(reference.errors_page())
    assert set(Config.__struct_fields__) <= first_cells(reference.configuration_page())


def test_limits_are_told_with_their_reasons(reference: Any) -> None:
    modules = (core_limits, gateway_limits)
    bounds = {name for module in modules for name in vars(module) if name.isupper()}
    bounds.discard("RATE_HZ")  # a unit, imported there
    shown = first_cells(reference.limits_page()) - {"name", "limit", "---"}
    assert shown == bounds | set(Allowed.__struct_fields__)


def test_every_knob_is_told(reference: Any) -> None:
    assert set(Knobs.__struct_fields__) <= first_cells(reference.emulator_page())


def test_every_command_has_its_section(reference: Any) -> None:
    page = reference.cli_page()
    for command in ("serve", "emulate", "talk", "check"):
        assert f"\n## turngate {command}\n" in page
    assert "--until-stdin-closes" not in page


def test_bar_inside_a_cell_does_not_end_it(reference: Any) -> None:
    assert reference.table(["a"], [["b | c"]]).splitlines()[-1] == "| b \\| c |"
