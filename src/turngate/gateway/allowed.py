"""The limits that an operator may set, each with its default, its reason and what happens at it.

The other bounds of the shell are in `limits`, those of the turn in `core.limits`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from turngate.gateway.mistakes import Mistakes, mistakes_in

PREFIX = "TURNGATE_LIMITS_"
"""What stands before a field's name, in capitals, in the environment."""


def _meta(why: str, then: str, least: float, most: float) -> Meta:
    """Return the notes of a field; `then` is what happens at the limit."""
    return Meta(ge=least, le=most, description=why, extra={"then": then})


class Allowed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What clients may do. Field names are the keys of the table `[limits]`."""

    connections: Annotated[
        int,
        _meta(
            "Calls at once. A call takes about 2 ms of CPU a second, 0.1 MiB plain and its queues.",
            "the handshake is answered 503 `too_many_calls` with Retry-After",
            1,
            100_000,
        ),
    ] = 1_000
    connections_per_client: Annotated[
        int,
        _meta(
            "Calls at once with one client key, or from one address where no keys are asked for: one"
            " client must not take every place.",
            "the handshake is answered 429 `too_many_calls_of_client` with Retry-After",
            1,
            100_000,
        ),
    ] = 600
    calls_per_s: Annotated[
        float,
        _meta(
            "New calls of one client a second, as it goes on; as many as it may have may come at"
            " once. To begin a call costs a hundred times what a second of it does.",
            "the handshake is answered 429 `too_many_calls_of_client` with Retry-After",
            0.1,
            100_000,
        ),
    ] = 50.0
    settings_bytes: Annotated[
        int,
        _meta(
            "A message of an agent client before its settings are applied: a long prompt, some"
            " functions and the history of a conversation.",
            "`MESSAGE_TOO_BIG`, close 1009",
            1_024,
            16 * 1024 * 1024,
        ),
    ] = 128 * 1024
    message_bytes: Annotated[
        int,
        _meta(
            "A message of an agent client after that, audio or text; 1.3 s of 24 kHz audio.",
            "`MESSAGE_TOO_BIG`, close 1009",
            1_024,
            16 * 1024 * 1024,
        ),
    ] = 64 * 1024
    native_message_bytes: Annotated[
        int,
        _meta(
            "A message of a Realtime client, which may hold an image or a recording.",
            "`message_too_big`, close 1009",
            1_024,
            16 * 1024 * 1024,
        ),
    ] = 1024 * 1024
    messages_per_s: Annotated[
        float,
        _meta(
            "Text messages of a client a second, as it goes on, audio left out: no person and no"
            " program that waits for answers sends as many.",
            "once `CLIENT_TOO_FAST` as a warning, then the same as an error, close 1008",
            1,
            100_000,
        ),
    ] = 50.0
    messages_burst: Annotated[
        int,
        _meta(
            "Text messages at once before that counts: a conversation may be put back item by item."
            " As many again follow the warning.",
            "see `messages_per_s`",
            1,
            1_000_000,
        ),
    ] = 500
    audio_speed: Annotated[
        float,
        _meta(
            "Audio of a client against real time, as it goes on; a microphone sends 1.",
            "once `CLIENT_TOO_FAST` as a warning, then the same as an error, close 1008",
            1,
            1_000,
        ),
    ] = 2.0
    audio_burst_s: Annotated[
        float,
        _meta(
            "Seconds of audio at once before that counts: recordings are sent whole. As many again"
            " follow the warning.",
            "see `audio_speed`",
            1,
            3_600,
        ),
    ] = 60.0
    client_queue_bytes: Annotated[
        int,
        _meta(
            "What may wait for a client that reads more slowly than it is sent: nearly three minutes"
            " of 24 kHz speech, which an upstream sends far faster than it plays.",
            "`SLOW_CLIENT`, close 1013, since nothing may be dropped",
            64 * 1024,
            1024 * 1024 * 1024,
        ),
    ] = 8 * 1024 * 1024
    audio_lead_ms: Annotated[
        int,
        _meta(
            "How far audio runs ahead of its playing on its way to a client that speaks: what it was"
            " sent it has to throw away when its user interrupts, and with less a short stall of"
            " the network is heard.",
            "what comes earlier waits its time; a client that only types is sent it at once",
            0,
            3_600_000,
        ),
    ] = 500
    stalled_s: Annotated[
        float,
        _meta(
            "How long a client may take nothing at all while something waits for it.",
            "`SLOW_CLIENT`, close 1013",
            1,
            3_600,
        ),
    ] = 30.0
    native_silent_s: Annotated[
        float,
        _meta(
            "How long a Realtime client may send nothing; agent clients have `idle_timeout_s`. 0 is"
            " for ever.",
            "`client_silent`, close 1000",
            0,
            86_400,
        ),
    ] = 900.0
    drain_s: Annotated[
        float,
        _meta(
            "How long calls in a turn may finish it once the gateway is told to stop; stay below"
            " the patience of whoever stops it.",
            "`SERVER_GOING_AWAY`, close 1001",
            0,
            3_600,
        ),
    ] = 20.0


USUAL = Allowed()
"""What holds where nobody has set anything."""


def overridden(own: Allowed, environ: Mapping[str, str], mistakes: Mistakes) -> Allowed:
    """Return `own` with what the environment says; what is wrong there is noted."""
    given: dict[str, Any] = {}
    for name, kind in Allowed.__annotations__.items():
        text = environ.get(variable(name), "").strip()
        wrong = [*mistakes_in(text, kind, shows=True, strict=False)] if text else []
        for each in wrong:
            mistakes.note(variable(name), each.reason)
        if text and not wrong:
            given[name] = msgspec.convert(text, kind, strict=False)
    return msgspec.structs.replace(own, **given)


def variable(field: str) -> str:
    """Return the environment variable of a limit."""
    return f"{PREFIX}{field.upper()}"


def notes(field: str) -> Meta:
    """Return what stands beside a field: bounds, reason, and what happens."""
    return next(x for x in get_args(Allowed.__annotations__[field]) if isinstance(x, Meta))
