"""What a session wants done. The gateway performs effects in order and decides nothing."""

from typing import TypeAlias

from msgspec import Struct

from turngate.core.events import Timer
from turngate.core.items import AgentText, Item, UserText
from turngate.core.latency import Latency
from turngate.core.patch import Patch
from turngate.core.tools import Call
from turngate.errors import TurngateError
from turngate.units import Ms

# -- to the client


class Welcome(Struct, frozen=True):
    """Greet the connection."""

    request_id: str


class Acknowledge(Struct, frozen=True):
    """The upstream confirmed this change of the client's."""

    change_id: str


class ShowUserText(Struct, frozen=True):
    """What the user said or wrote, once an item."""

    text: str


class ShowAgentText(Struct, frozen=True):
    """A sentence that the agent begins to say, or has written."""

    text: str


class AgentThinks(Struct, frozen=True):
    """The agent has what it needs to go on, and works on it."""


class AgentStarted(Struct, frozen=True):
    """The agent begins to be heard, so many ms after the user's utterance.

    Of these the model took `text_ms` to its first text, and from that `tts_ms` to its first audio.
    """

    waited_ms: Ms
    text_ms: Ms = Ms(0)
    tts_ms: Ms = Ms(0)


class AgentFinished(Struct, frozen=True):
    """The turn's last byte was sent."""


class UserStarted(Struct, frozen=True):
    """The user took the floor; what the client still plays is not wanted any more."""


class AskFunctions(Struct, frozen=True):
    """Functions to run; their results are waited for."""

    calls: tuple[Call, ...]


class CancelFunctions(Struct, frozen=True):
    """Functions whose results are not wanted any more."""

    calls: tuple[Call, ...]


class Report(Struct, frozen=True):
    """Tell the client of a failure. Where its answer has a close code, the session ends."""

    error: TurngateError


# -- to the upstream; each carries the id that its refusal will name


class SendUpdate(Struct, frozen=True):
    """Change the configuration."""

    event_id: str
    patch: Patch


class SendItem(Struct, frozen=True):
    """Add an item to the conversation, under an id of ours, which is also the event's id."""

    item_id: str
    item: Item


class SendRequest(Struct, frozen=True):
    """Ask for a response; with `say`, one that speaks exactly these words."""

    event_id: str
    say: str | None = None


class SendCancel(Struct, frozen=True):
    """Stop a response; None is whichever runs."""

    event_id: str
    response_id: str | None


class SendTruncate(Struct, frozen=True):
    """Cut an item at what the user has heard of it."""

    event_id: str
    item_id: str
    heard_ms: int


class SendDelete(Struct, frozen=True):
    """Remove an item of which the user has heard nothing."""

    event_id: str
    item_id: str


class SendCommit(Struct, frozen=True):
    """Make an item of the user's audio so far."""

    event_id: str


# -- to the gateway itself


class Remember(Struct, frozen=True):
    """An entry of the conversation is final: of the agent's words, what the user has heard."""

    entry: UserText | AgentText


class RememberCall(Struct, frozen=True):
    """A function call has been answered."""

    call: Call
    output: str


class TurnTimed(Struct, frozen=True):
    """How long the parts of the turn took that has just finished."""

    latency: Latency


class OpenMicrophone(Struct, frozen=True):
    """The client's audio flows upstream from now on, what was held first."""


class Redial(Struct, frozen=True):
    """Drop the upstream connection, if there is one, and make another after so long.

    The client's audio is held from now on, until `OpenMicrophone`.
    """

    after_ms: Ms


class MeasureAudio(Struct, frozen=True):
    """Report all audio that the client sends from now on, as `UserAudio`, or none any more."""

    is_on: bool


class PadAudio(Struct, frozen=True):
    """Append so much silence to the client's audio."""

    silence_ms: int


class OpenGate(Struct, frozen=True):
    """Let the audio of one item pass to the client."""

    response_id: str
    item_id: str


class FlushGate(Struct, frozen=True):
    """Close the gate behind its last byte."""


class DiscardGate(Struct, frozen=True):
    """Close the gate and throw away what has not left yet."""


class SetTimer(Struct, frozen=True):
    """Fire once after so many ms, in place of the timer of that name."""

    timer: Timer
    after_ms: Ms


class CancelTimer(Struct, frozen=True):
    """Do not fire."""

    timer: Timer


class Count(Struct, frozen=True):
    """Something to be counted: a race, a repeated request, an event out of turn."""

    what: str


class Waited(Struct, frozen=True):
    """The request that leaves was next in the queue for so long, and answers so many wishes."""

    waited_ms: Ms
    wishes: int


class Hangup(Struct, frozen=True):
    """The session is over: close the upstream, drop all timers."""


ToClient: TypeAlias = (
    Welcome
    | Acknowledge
    | ShowUserText
    | ShowAgentText
    | AgentThinks
    | AgentStarted
    | AgentFinished
    | UserStarted
    | AskFunctions
    | CancelFunctions
    | Report
)
ToUpstream: TypeAlias = (
    SendUpdate | SendItem | SendRequest | SendCancel | SendTruncate | SendDelete | SendCommit
)
ToGateway: TypeAlias = (
    Remember
    | RememberCall
    | TurnTimed
    | OpenMicrophone
    | Redial
    | MeasureAudio
    | PadAudio
    | OpenGate
    | FlushGate
    | DiscardGate
    | SetTimer
    | CancelTimer
    | Count
    | Waited
    | Hangup
)
Effect: TypeAlias = ToClient | ToUpstream | ToGateway
