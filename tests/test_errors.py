"""Every failure has its answer, says itself in one sentence, and is a value."""

from dataclasses import fields
from typing import Any, cast

import pytest

from turngate import errors
from turngate.answers import ANSWERS, Severity, answer_to
from turngate.errors import TurngateError
from turngate.wire.agent_codes import ERROR_CODES, WARNING_CODES

# Where a code of the protocol fits, no other is used.
DOCUMENTED = {
    Severity.ERROR: frozenset(ERROR_CODES),
    Severity.WARNING: frozenset(WARNING_CODES),
}

# The protocol has no word for these; its codes are free strings.
OWN = {
    "UNSUPPORTED",
    "SETTINGS_FIELDS_IGNORED",
    "UNKNOWN_FUNCTION_CALL",
    "REPEATED_FUNCTION_CALL_RESPONSE",
    "FUNCTION_ENDPOINT_REFUSED",
    "FUNCTION_IGNORED",
    "ASR_FAILED",
    "QUEUE_FULL",
    "SLOW_CLIENT",
    "MESSAGE_TOO_BIG",
    "CLIENT_TOO_FAST",
    "CLIENT_SILENT",
}

STAY_AWAY = 1000
"""After this code stock clients do not come back."""

SAMPLES: dict[str, Any] = {
    "port": 8080,
    "unanswered": 3,
    "limit": 64,
    "after_s": 60,
    "left_s": 300,
    "limit_s": 7200,
    "limit_bytes": 4096,
    "fields": ("agent.mood", "agent.tone"),
    "others": (errors.ConfigError("--port", "'x' is not a whole number"),),
}


def leaves(kind: type[TurngateError] = TurngateError) -> list[type[TurngateError]]:
    """Return the classes of the tree that are raised or reported."""
    below = kind.__subclasses__()
    return [leaf for each in below for leaf in leaves(each)] if below else [kind]


def sample(kind: type[TurngateError], mark: str = "a") -> TurngateError:
    """Return an error whose texts are recognisable: `<field>-<mark>`."""
    values = {f.name: SAMPLES.get(f.name, f"{f.name}-{mark}") for f in fields(kind)}
    return kind(**values)


def every_leaf(test: Any) -> Any:
    return pytest.mark.parametrize("kind", leaves(), ids=lambda each: each.__name__)(test)


def test_every_leaf_has_its_answer_and_nothing_else_has() -> None:
    assert set(ANSWERS) == set(leaves())


def test_tree_in_the_docstring_is_the_tree() -> None:
    assert errors.__doc__
    for kind in (*leaves(), *TurngateError.__subclasses__()):
        assert f"- {kind.__name__}" in errors.__doc__


@every_leaf
def test_text_is_one_line_made_from_the_fields(kind: type[TurngateError]) -> None:
    error = sample(kind)
    text = str(error)
    assert "\n" not in text
    assert text != kind.__name__
    message_stands_for_code = (
        {"code"} if kind in {errors.RequestRefused, errors.ContextRefused} else set[str]()
    )
    for each in fields(kind):
        if each.name not in message_stands_for_code:
            value = getattr(error, each.name)
            parts = cast("tuple[str, ...]", value) if isinstance(value, tuple) else (value,)
            assert all(str(part) in text for part in parts)


@every_leaf
def test_errors_are_equal_by_value(kind: type[TurngateError]) -> None:
    one, same, other = sample(kind), sample(kind), sample(kind, "b")
    assert one == same
    assert hash(one) == hash(same)
    if any(f.name not in SAMPLES for f in fields(kind)):
        assert one != other


def test_errors_of_different_kinds_differ() -> None:
    assert errors.UpstreamUnreachable("x") != errors.Undecodable("x")


@every_leaf
def test_code_is_spelt_as_documented_or_listed_as_our_own(kind: type[TurngateError]) -> None:
    answer = ANSWERS[kind]
    assert answer.code in DOCUMENTED[answer.severity] | OWN


def test_no_code_is_listed_as_our_own_in_vain() -> None:
    used = {answer.code for answer in ANSWERS.values()}
    assert used >= OWN
    assert OWN.isdisjoint(DOCUMENTED[Severity.ERROR] | DOCUMENTED[Severity.WARNING])


@every_leaf
def test_close_code_lets_the_client_come_back_unless_it_would_only_be_silent_again(
    kind: type[TurngateError],
) -> None:
    close = ANSWERS[kind].close
    assert close is None or close in {1001, 1008, 1009, 1011, 1013, STAY_AWAY}
    silent = {errors.ClientSilent, errors.CallTooLong, errors.CallerIdle}
    assert (close == STAY_AWAY) == (kind in silent)


@every_leaf
def test_only_an_error_ends_the_session(kind: type[TurngateError]) -> None:
    answer = ANSWERS[kind]
    assert answer.close is None or answer.severity is Severity.ERROR


@every_leaf
def test_http_status_and_log_level_are_ones(kind: type[TurngateError]) -> None:
    answer = ANSWERS[kind]
    assert 400 <= answer.http < 600
    assert answer.log in {"debug", "info", "warning", "error"}


@pytest.mark.parametrize(
    "kind, close",
    [
        (errors.GoingAway, 1001),
        (errors.UpstreamLost, 1011),
        (errors.UpstreamUnreachable, 1011),
        (errors.InternalFault, 1011),
        (errors.SlowReader, 1013),
        (errors.SettingsRefused, None),
        (errors.Undecodable, None),
    ],
)
def test_session_ends_only_where_it_cannot_go_on(
    kind: type[TurngateError], close: int | None
) -> None:
    assert answer_to(sample(kind)).close == close


@pytest.mark.parametrize(
    "error, text",
    [
        (errors.UpstreamLost("code 1006"), "The upstream connection ended: code 1006."),
        (
            errors.UpstreamLost("code 1006", 2),
            "The upstream connection ended: code 1006; 2 request(s) were not answered.",
        ),
        (
            errors.SettingsRefused("agent.think.prompt", "too long"),
            "The setting agent.think.prompt was refused: too long",
        ),
        (errors.SettingsRefused("", "too late"), "The settings were refused: too late"),
        (errors.RequestRefused("busy", ""), "The upstream refused a request: busy"),
        (
            errors.RequestRefused("busy", "Wait.", "response.tools"),
            "The upstream refused a request (field response.tools): Wait.",
        ),
        (
            errors.UnknownCall(""),
            "No function call (no id) waits for a result; it was ignored.",
        ),
        (errors.UpstreamTrouble("", "Oh."), "The upstream reported an error: Oh."),
        (
            errors.ContextRefused("invalid_value", ""),
            "An entry of the conversation so far was refused, and is left out: invalid_value",
        ),
        (errors.ResponseFailed("", ""), "The answer failed (no code): no reason given"),
        (errors.ResponseIncomplete(""), "The answer is incomplete: no reason given."),
        (errors.TranscriptionFailed(""), "The speech could not be transcribed (no code)."),
    ],
)
def test_text_fits_what_is_known(error: TurngateError, text: str) -> None:
    assert str(error) == text
