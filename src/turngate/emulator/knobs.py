"""Everything that can be turned: delays, orders, faults and strictness of one emulated server.

Each knob names its unit and the behaviour of real servers that it imitates. Knobs are given to
`serving`, to one connection by the query `?emu=<json>`, or to a running server by `POST /control`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec


class At(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place in the stream: right after the `nth` event of type `event` was sent."""

    event: str
    nth: int = 1


class CloseAt(At, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close the connection there, as a server that restarts or refuses does."""

    code: int = 1011
    reason: str = "emulated close"


class ErrorAt(At, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send an `error` event there that no client event caused, such as idle_timeout."""

    code: str | None = "server_error"
    message: str = "The server had an error while processing your request."
    type: str = "server_error"


class FrameAt(At, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Send a raw frame there: an event from the future, text that is not JSON, a binary frame."""

    frame: str
    binary: bool = False


class Knobs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one emulated server behaves. Times are ms; 0 means at once, in the same burst."""

    seed: int = 0
    """Seed of ids, jitter and faults: the same seed and the same client give the same bytes."""

    # Delays
    created_ms: float = 0
    """From the acceptance of a response to its response.created: the slot is taken, unannounced."""
    first_delta_ms: float = 5
    """From response.created to the first output item: the model thinks."""
    per_delta_ms: float = 1
    """Between deltas. An audio delta holds 100 ms, so 1 is a hundred times real time."""
    done_after_last_ms: float = 1
    """From the last output_item.done to response.done: a client that takes the end of the audio
    for the end of the response is caught in this gap."""
    item_ack_ms: float = 0
    """From an accepted conversation.item.create to its item.added and item.done."""
    session_updated_ms: float = 0
    """From an accepted session.update to its session.updated."""
    cancel_ack_ms: float = 0
    """From response.cancel to the close-out; deltas go on in between, as over a long wire."""
    transcript_ms: float = 20
    """From the commit of spoken input to the first delta of its transcription."""
    jitter_ms: float = 0
    """Up to this much is added to each delay above, from the seed."""

    # Orders
    transcript_before_commit: bool = False
    """Deltas of the transcription come before the speech is committed, as with live audio."""
    output_ack: Literal["both", "done_only", "after_response_done", "none"] = "both"
    """How a function_call_output is acknowledged. While the calling response runs, recordings of
    the real service show the acknowledgement after its response.done."""
    user_item_added_after_args_done: bool = False
    """Acknowledge a user message only after the next function_call_arguments.done."""
    text_done_before_audio_done: bool = False
    """Send output_audio_transcript.done before output_audio.done; the wire has the other order."""
    interleave_outputs: bool = False
    """Announce the next output item before the one before it is finished (gpt-realtime-2.1)."""
    item_done_last: bool = False
    """Send conversation.item.done after response.output_item.done; the wire has it before."""
    swap_at: At | None = None
    """The event there changes places with the one that follows it: order is no promise."""
    whole_deltas: bool = False
    """Text, transcript and arguments come in one delta each instead of one for each word."""

    # Races
    vad_race_ms: float | None = None
    """On a received response.create the server first begins a response of its own, as after
    speech, and withholds its response.created this long: the client's request is refused."""
    vad_race_times: int = 1
    """How many response.create of a connection meet such a race."""

    # Faults
    drop_at: At | None = None
    """Cut the TCP connection there without a close frame."""
    close_at: CloseAt | None = None
    """Close the connection there with a code and a reason, as a server that restarts does."""
    half_open_at: At | None = None
    """From there on neither read nor send, with the connection still open."""
    errors: tuple[ErrorAt, ...] = ()
    """Errors there that no client event caused; the connection stays open, as with the service."""
    frames: tuple[FrameAt, ...] = ()
    """Raw frames there: events that do not exist yet, text that is not JSON, binary frames."""
    fail_response: int = 0
    """The nth response of a connection ends as failed; 0 is none."""
    fail_code: str = "server_error"
    """Code in status_details.error of that response, such as insufficient_quota."""
    fail_before_created: bool = False
    """That response ends without ever having been announced by response.created."""
    incomplete_response: int = 0
    """The nth response of a connection stops half-way: incomplete, max_output_tokens."""
    never_done_response: int = 0
    """The nth response of a connection never ends by itself; a cancel ends it."""
    deaf_to_cancel: bool = False
    """response.cancel is accepted and has no effect."""
    stragglers: int = 0
    """Deltas of a cancelled response that arrive after its response.done."""
    duplicate_done: bool = False
    """Every response.done is sent twice."""
    stale_done: bool = False
    """Right after each response.created the response.done of the response before is repeated."""
    no_metadata_echo: bool = False
    """metadata is null in response.created and response.done, as with some other servers."""
    event_id_null_in_errors: bool = False
    """Errors do not name the event that caused them (openai-agents-python#3405)."""
    omit_rate_limits: bool = False
    """No rate_limits.updated follows a response.done."""
    refuse_session_update: tuple[int, ...] = ()
    """The session.updates of a connection, counted from 1, that are refused."""
    refuse_param: str = "session.instructions"
    """The field such a refusal names."""
    silent_session_update: tuple[int, ...] = ()
    """The session.updates of a connection, counted from 1, that get no answer at all."""
    silent_create: tuple[int, ...] = ()
    """The response.creates of a connection, counted from 1, that get no answer at all."""
    expire_after_ms: float | None = None
    """Error session_expired and close 1001 after this time; the real service does so at 60 min."""

    # At the door
    http_status: int = 0
    """Refuse the upgrade with this status: 401, 429, 503; 0 accepts."""
    upgrade_ms: float = 0
    """Time before the upgrade is answered. Only as a knob of the whole server."""
    hang_upgrade: bool = False
    """Read the upgrade request and never answer it. Only as a knob of the whole server."""
    key: str = ""
    """The key a client must present, as a bearer or, on Azure's paths, in the header `api-key`; empty
    accepts any and none."""
    beta: Literal["reject", "ignore"] = "reject"
    """What `OpenAI-Beta: realtime=v1` meets: beta_api_shape_disabled and close 4000, or nothing."""

    # Session and limits
    strict_session_update: bool = True
    """Refuse a session.update while a response is active. The real service accepts it."""
    other_model: Literal["refuse", "ignore"] = "refuse"
    """What a session.update with another model than the URL's meets. The Agents SDK sends its own
    default model whatever the URL says."""
    refuse_unanswered_calls: bool = False
    """A response.create while outputs of the last response's calls are missing is refused with
    function_call_output_pending, as Hugging Face's speech-to-speech server does."""
    repeat_part_as_content: bool = False
    """Azure repeats `part` as `content` in content_part events."""
    object_on_items: bool = False
    """Items carry `object: "realtime.item"`, as documentation shows and the wire does not."""
    older_shape: bool = False
    """The protocol of before general availability: a flat session, older names of events, items
    that are created instead of added and done. Servers that came early still speak it (speaches)."""
    omit_session_created: bool = False
    """The server says nothing when a connection opens, as xAI does."""
    silence_duration_ms: int | None = None
    """Default of turn_detection; None is the model's own: 200, or 500 for gpt-realtime-2 on."""
    default_voice: str | None = None
    """Default voice; None is the model's own: alloy, or marin for gpt-realtime-2 on."""
    max_oob: int | None = None
    """Out-of-band responses beside each other and the default one; None is any number."""
    commit_min_ms: int = 100
    """A commit with less audio is refused."""
    append_max_bytes: int = 15 * 1024 * 1024
    """Decoded audio of one append."""

    # Ears, voice and mind
    ears: Literal["off", "auto"] = "off"
    """Who hears: off takes what is loud for speech and understands nothing of it. auto tells voices
    from other sound and understands the sentences of docs/explanation/local-ears.md, where the
    extra `local` is installed."""
    voice: Literal["tone", "espeak"] = "tone"
    """What answers sound like: a tone as long as the text would take, or espeak-ng."""
    mind: Literal["echo", "rules", "script", "llm"] = "echo"
    """Who answers where the script has nothing: an echo that calls tools by their names; rules for
    small talk and a shop besides; nobody; or the chat completions server that was named at start."""


STANDALONE = Knobs(
    first_delta_ms=60,
    per_delta_ms=20,
    strict_session_update=False,
    other_model="ignore",
    ears="auto",
    voice="espeak",
    mind="rules",
)
"""What `turngate emulate` starts with: at a human pace and as lenient as the real service."""

DIALECTS: Mapping[str, Mapping[str, object]] = {
    "openai": {
        "repeat_part_as_content": False,
        "omit_session_created": False,
        "older_shape": False,
        "no_metadata_echo": False,
        "refuse_unanswered_calls": False,
        "max_oob": None,
    },
    "azure": {"repeat_part_as_content": True},
    "older": {"older_shape": True, "no_metadata_echo": True},
    "xai": {"omit_session_created": True},
    "huggingface": {"refuse_unanswered_calls": True, "max_oob": 0},
}
"""What servers other than OpenAI's do differently, by name, as knobs: the value of `dialect`.

azure repeats content parts. older is the protocol before general availability, without the echo of
metadata, as speaches has it. xai does not greet. huggingface, the server of speech-to-speech,
refuses requests in parallel and before all calls are answered.
"""


def overridden(knobs: Knobs, changes: bytes | str) -> Knobs:
    """Return `knobs` with the fields of a JSON object laid over them.

    The field `dialect` stands for the knobs of that dialect; fields beside it win.

    Raises msgspec.DecodeError, whose text names the field, for an unknown or ill-typed knob.
    """
    given = msgspec.json.decode(changes, type=dict[str, object])
    if "dialect" in given:
        name = given.pop("dialect")
        if name not in DIALECTS:
            known = ", ".join(DIALECTS)
            raise msgspec.ValidationError(f"Unknown dialect; known are {known} - at `$.dialect`")
        given = {**DIALECTS[str(name)], **given}
    return msgspec.convert({**msgspec.to_builtins(knobs), **given}, Knobs)


def changes_of(told: str) -> bytes:
    """Return the JSON object that a flag tells: itself, or the name of a file that holds it.

    Raises:
        OSError: There is no such file.

    """
    return told.encode() if told.lstrip().startswith("{") else Path(told).read_bytes()
