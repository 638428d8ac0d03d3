"""What can happen to a session: the client said something, the upstream did, a deadline passed.

Neutral words between two protocols; `dialects` turns frames into these. Audio is not among them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from turngate.core.items import Item
from turngate.core.manners import Manners
from turngate.core.patch import Patch
from turngate.errors import TurngateError
from turngate.units import Ms

# -- the client


class ClientOpened(Struct, frozen=True):
    """A client connected; `request_id` names the session towards it."""

    request_id: str


class Configure(Struct, frozen=True):
    """The client configures the session for the first time, or anew.

    `context` are items of an earlier conversation, oldest first. `greeting` is spoken once the
    configuration is in force, unless there is context. With `manual_turns` the upstream does not
    detect turns (the patch says so too), and what the user says is committed here. `manners` are
    those of the client's functions, by name.
    """

    change_id: str
    patch: Patch
    context: tuple[Item, ...] = ()
    greeting: str = ""
    manual_turns: bool = False
    manners: Mapping[str, Manners] = {}


class Reconfigure(Struct, frozen=True):
    """The client changes a part of the configuration; with `manners`, those of all its functions."""

    change_id: str
    patch: Patch
    manners: Mapping[str, Manners] | None = None


class UserTyped(Struct, frozen=True):
    """The client sent a message on behalf of the user; it wants an answer."""

    text: str


class CallResult(Struct, frozen=True):
    """The client answers a function call. Without an id, `name` tells which."""

    call_id: str
    name: str
    output: str


class Manner(StrEnum):
    """How a line of the agent's treats a turn in progress."""

    DEFAULT = "default"
    """It is refused: the floor is taken."""
    QUEUE = "queue"
    """It waits for its place."""
    INTERRUPT = "interrupt"
    """It cuts in."""


class AgentLine(Struct, frozen=True):
    """The client wants the agent to say `text` word for word."""

    text: str
    manner: Manner = Manner.DEFAULT


class UserAudio(Struct, frozen=True):
    """The client sent so much audio; told only where it is measured."""

    audio_ms: int


class TurnEnded(Struct, frozen=True):
    """The client says that the user's turn is over, whatever detects turns."""


class ClientFaulted(Struct, frozen=True):
    """The client sent something that cannot be acted on."""

    error: TurngateError


class ClientGone(Struct, frozen=True):
    """The client connection ended."""


# -- the upstream


class UpstreamOpened(Struct, frozen=True):
    """The upstream connection is there. Nothing is configured yet."""


class UpstreamFailed(Struct, frozen=True):
    """There is no upstream connection, or none any more."""

    error: TurngateError


class Updated(Struct, frozen=True):
    """The upstream confirmed a configuration."""


class ResponseCreated(Struct, frozen=True):
    """A response began in the conversation; `event_id` is the request that it names, if any."""

    response_id: str
    event_id: str | None = None


class ResponseDone(Struct, frozen=True):
    """A response ended: completed, cancelled, failed or incomplete, with the reason given."""

    response_id: str | None
    event_id: str | None = None
    status: str = "completed"
    reason: str = ""
    message: str = ""


class ItemAcknowledged(Struct, frozen=True):
    """An item is part of the conversation. It may be said more than once."""

    item_id: str


class CallAsked(Struct, frozen=True):
    """The model calls a function; `arguments` is JSON text. It may be said more than once."""

    response_id: str
    call_id: str
    name: str
    arguments: str


class AgentText(Struct, frozen=True):
    """A piece of what the agent writes, or says (`is_spoken`)."""

    response_id: str
    item_id: str
    delta: str
    is_spoken: bool = False


class AgentTextDone(Struct, frozen=True):
    """The whole of what an item says; empty where only its pieces tell."""

    response_id: str
    item_id: str
    text: str
    is_spoken: bool = False


class AudioBegan(Struct, frozen=True):
    """Audio came that the open gate does not let pass: a new item's, or a straggler's."""

    response_id: str
    item_id: str


class AudioEnded(Struct, frozen=True):
    """All of an item's audio has come."""

    response_id: str
    item_id: str


class Heard(Struct, frozen=True):
    """How much audio of an item has come (ms), and how much of that the user has heard.

    Such are no events: they ride along with every event.
    """

    item_id: str
    heard_ms: int
    generated_ms: int


class SpeechStarted(Struct, frozen=True):
    """The user began to speak."""

    item_id: str


class SpeechStopped(Struct, frozen=True):
    """The user stopped speaking."""

    item_id: str


class SilenceTold(Struct, frozen=True):
    """The user said nothing for long; that is an item, which the upstream answers by itself."""

    item_id: str


class SpeechCommitted(Struct, frozen=True):
    """What the user said is an item now."""

    item_id: str


class SpeechCleared(Struct, frozen=True):
    """What the user has said since the last commit was thrown away."""


class UserTranscribed(Struct, frozen=True):
    """What the user said, in writing; empty where it was nothing."""

    item_id: str
    text: str


class TranscriptionFailed(Struct, frozen=True):
    """What the user said could not be written down."""

    item_id: str
    code: str


class SlotTaken(Struct, frozen=True):
    """A request of ours was refused since a response is active; `holder` if upstream names it."""

    event_id: str | None
    holder: str | None


class CancelMissed(Struct, frozen=True):
    """There was nothing to cancel; `event_id` is the cancel, if upstream names it."""

    event_id: str | None = None


class Rejected(Struct, frozen=True):
    """The upstream refused an event of ours (`event_id`), or complains of something else."""

    event_id: str | None
    code: str
    message: str
    field: str = ""


# -- time


class Timer(Struct, frozen=True):
    """A deadline's name, and of what it is the deadline."""

    name: str
    of: str = ""


class TimerFired(Struct, frozen=True):
    """A deadline passed.

    `quiet_ms` is how long the upstream has sent nothing at all, and `is_heard` whether the client has
    sent anything since it was asked for the last time.
    """

    timer: Timer
    quiet_ms: Ms = Ms(0)
    is_heard: bool = False


ClientEvent: TypeAlias = (
    ClientOpened
    | Configure
    | Reconfigure
    | UserTyped
    | CallResult
    | AgentLine
    | UserAudio
    | TurnEnded
    | ClientFaulted
    | ClientGone
)
UpstreamEvent: TypeAlias = (
    UpstreamOpened
    | UpstreamFailed
    | Updated
    | ResponseCreated
    | ResponseDone
    | ItemAcknowledged
    | CallAsked
    | AgentText
    | AgentTextDone
    | AudioBegan
    | AudioEnded
    | SpeechStarted
    | SpeechStopped
    | SilenceTold
    | SpeechCommitted
    | SpeechCleared
    | UserTranscribed
    | TranscriptionFailed
    | SlotTaken
    | CancelMissed
    | Rejected
)
Event: TypeAlias = ClientEvent | UpstreamEvent | TimerFired
