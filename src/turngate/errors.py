"""Everything that can go wrong, by whose fault it is. `answers` says what each leads to.

    TurngateError
    |- ConfigError            the operator's: a setting names what is wrong; the program does not start
    |- ListenFailed           the operator's: the address cannot be listened on
    |- ProtocolError          the peer's that spoke
    |  |- Undecodable         not JSON, or not an object with a type
    |  |- UnknownMessage      a type that the protocol does not have
    |  |- BadField            a field of the wrong type or value, by its path
    |  |- TooEarly            a message before Settings
    |  |- AlreadyApplied      a second Settings, in strict mode
    |  |- SettingsRefused     a setting that cannot be had, by its path
    |  |- NoStoredAgents      an agent by name, where none are stored
    |  |- UnknownAgent        an agent by a name that none has
    |  |- PromptTooLong       a prompt of more characters than the protocol foresees
    |  |- WithoutEffect       settings that are known and mean nothing here
    |  |- Unsupported         a message that is known and not available
    |  |- FieldsIgnored       fields that are not known, in lenient mode
    |  |- UnknownCall         a function result nobody waits for
    |  |- RepeatedResult      a function result that was given already
    |  |- EndpointRefused     a function's URL that may not be called
    |  '- FunctionIgnored     a function that has the name of one of the gateway's
    |  |- UserHasFloor        a line for the agent while the user speaks
    |  |- AgentHasFloor       a line for the agent in the middle of its turn
    |- UpstreamError          the upstream's
    |  |- UpstreamUnreachable it could not be connected to
    |  |- UpstreamLost        the connection ended
    |  |- UpstreamSilent      an answer is overdue
    |  |- UpstreamTrouble     it reported an error that belongs to no request of ours
    |  |- UpstreamExhausted   it refuses to work on: key, quota, billing
    |  |- RequestRefused      it refused one request for good
    |  |- ResponseFailed      a response ended as failed
    |  |- ResponseIncomplete  a response ended before its end
    |  '- TranscriptionFailed the user's speech could not be written down
    |- LimitReached           a bound of ours; the newest request is refused
    |  |- QueueFull           too much waits
    |  |- SlowReader          the client does not read what it is sent
    |  |- ReaderStalled       it takes nothing at all
    |  |- MessageTooBig       one message is larger than a message may be
    |  |- TooFast             it sends more than anybody needs; it is warned
    |  |- Flooding            it was warned, and went on
    |  |- CallerIdle          a Realtime client sends nothing for too long
    |  |- ClientSilent        nothing came from the client for too long
    |  |- CallEnding          the call is about to reach the longest that it may last
    |  |- CallTooLong         it has reached that
    |  |- CallOverdue         a function's result did not come in time
    |  |- FunctionFailed      a function that the gateway runs gave no result
    |  '- VoiceKept           the voice cannot change any more in this session
    '- ServerFault            ours
       |- GoingAway           the gateway stops
       '- InternalFault       a bug

An error is also a value: the core puts it into an effect and never raises it. Its text is made
from its fields and never holds a key or what a person said.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_FIELDS_SHOWN = 20
_FIELD_SHOWN = 100  # characters; the names are the peer's to choose


@dataclass(eq=True, unsafe_hash=True)
class TurngateError(Exception):
    """The root: whatever turngate itself raises or reports."""

    def __str__(self) -> str:
        """Return one sentence for the person who reads it."""
        return type(self).__name__


@dataclass(eq=True, unsafe_hash=True)
class ConfigError(TurngateError):
    """A setting is wrong. `field` is the flag, variable or key that the operator wrote.

    `others` are wrong beside it.
    """

    field: str
    reason: str
    others: "tuple[ConfigError, ...]" = ()

    @classmethod
    def of(cls, errors: Iterable["ConfigError"]) -> "ConfigError":
        """Return all of these as one."""
        first, *others = errors
        return cls(first.field, first.reason, tuple(others))

    def each(self) -> "tuple[ConfigError, ...]":
        """Return all that is wrong, one by one."""
        return (ConfigError(self.field, self.reason), *self.others)

    def __str__(self) -> str:
        return "; ".join((f"{self.field}: {self.reason}", *map(str, self.others)))


@dataclass(eq=True, unsafe_hash=True)
class ListenFailed(TurngateError):
    """The address cannot be listened on."""

    host: str
    port: int
    reason: str

    def __str__(self) -> str:
        return f"cannot listen on {self.host}:{self.port}: {self.reason}"


class ProtocolError(TurngateError):
    """The peer broke its protocol."""


@dataclass(eq=True, unsafe_hash=True)
class Undecodable(ProtocolError):
    """The frame is not a JSON object with a string `type`."""

    reason: str

    def __str__(self) -> str:
        return f"The message cannot be read: {self.reason}."


@dataclass(eq=True, unsafe_hash=True)
class UnknownMessage(ProtocolError):
    """The protocol has no message of this type."""

    type: str

    def __str__(self) -> str:
        return f"The message type {self.type!r} is not known."


@dataclass(eq=True, unsafe_hash=True)
class BadField(ProtocolError):
    """A field has the wrong type or value. `path` is dotted, from the top of the message."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"The field {self.path} is wrong: {self.reason}."


@dataclass(eq=True, unsafe_hash=True)
class TooEarly(ProtocolError):
    """A message that needs a configured session came before Settings."""

    def __str__(self) -> str:
        return "The session is not configured; send Settings first. The message was ignored."


@dataclass(eq=True, unsafe_hash=True)
class AlreadyApplied(ProtocolError):
    """A second Settings in strict mode."""

    def __str__(self) -> str:
        return "Settings were applied already; use the Update messages to change them."


@dataclass(eq=True, unsafe_hash=True)
class SettingsRefused(ProtocolError):
    """A configuration was refused, by turngate or by the upstream. The rest stays as it was."""

    field: str
    reason: str

    def __str__(self) -> str:
        where = f"The setting {self.field} was" if self.field else "The settings were"
        return f"{where} refused: {self.reason}"


@dataclass(eq=True, unsafe_hash=True)
class NoStoredAgents(ProtocolError):
    """`agent` is a name, and the operator has stored no agents."""

    def __str__(self) -> str:
        return "The setting agent is a name, and no agents are stored here; send an object."


@dataclass(eq=True, unsafe_hash=True)
class UnknownAgent(ProtocolError):
    """`agent` is a name that no stored agent has."""

    def __str__(self) -> str:
        return "The setting agent names no agent that is stored here."


@dataclass(eq=True, unsafe_hash=True)
class PromptTooLong(ProtocolError):
    """A prompt is longer than the protocol foresees; `outcome` says what became of it."""

    length: int
    limit: int
    outcome: str

    def __str__(self) -> str:
        return (
            f"The prompt has {self.length} characters, more than the {self.limit} of the protocol;"
            f" {self.outcome}."
        )


@dataclass(eq=True, unsafe_hash=True)
class WithoutEffect(ProtocolError):
    """Settings were applied without fields that are known and mean nothing here, and why."""

    fields: tuple[str, ...]

    def __str__(self) -> str:
        return f"These settings have no effect here: {'; '.join(self.fields)}."


@dataclass(eq=True, unsafe_hash=True)
class Unsupported(ProtocolError):
    """A message of the protocol that turngate cannot act on."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what} is not available: {self.reason}."


@dataclass(eq=True, unsafe_hash=True)
class FieldsIgnored(ProtocolError):
    """A message was acted on without the fields that turngate does not know."""

    fields: tuple[str, ...]

    def __str__(self) -> str:
        named = [field[:_FIELD_SHOWN] for field in self.fields[:_FIELDS_SHOWN]]
        more = len(self.fields) - len(named)
        tail = f" and {more} more" if more else ""
        return f"These fields are not known and were ignored: {', '.join(named)}{tail}."


@dataclass(eq=True, unsafe_hash=True)
class UnknownCall(ProtocolError):
    """A function result for a call that this session never asked for, or cancelled."""

    call_id: str

    def __str__(self) -> str:
        return f"No function call {self.call_id or '(no id)'} waits for a result; it was ignored."


@dataclass(eq=True, unsafe_hash=True)
class RepeatedResult(ProtocolError):
    """A second result for a call; the first one counts."""

    call_id: str

    def __str__(self) -> str:
        return f"The function call {self.call_id} has its result already; this one was ignored."


@dataclass(eq=True, unsafe_hash=True)
class EndpointRefused(ProtocolError):
    """A client's function names a URL that is not called; the client is asked to run it."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"The endpoint of the function {self.name} is not called: {self.reason}."


@dataclass(eq=True, unsafe_hash=True)
class FunctionIgnored(ProtocolError):
    """A client's function has the name of one that the gateway offers, which is used."""

    name: str

    def __str__(self) -> str:
        return f"The gateway has a function {self.name} of its own; the client's is not used."


@dataclass(eq=True, unsafe_hash=True)
class UserHasFloor(ProtocolError):
    """A line for the agent came while the user speaks, and was not to wait."""

    def __str__(self) -> str:
        return "The user is speaking; the agent's message was not spoken."


@dataclass(eq=True, unsafe_hash=True)
class AgentHasFloor(ProtocolError):
    """A line for the agent came in the middle of its turn, and was not to wait."""

    def __str__(self) -> str:
        return "The agent is in the middle of a turn; the message was not spoken."


class UpstreamError(TurngateError):
    """The upstream failed us."""


@dataclass(eq=True, unsafe_hash=True)
class UpstreamUnreachable(UpstreamError):
    """No connection to the upstream: refused, name, certificate, deadline, or its HTTP status."""

    reason: str

    def __str__(self) -> str:
        return f"The upstream could not be reached: {self.reason}."


@dataclass(eq=True, unsafe_hash=True)
class UpstreamLost(UpstreamError):
    """The upstream connection ended. `unanswered` counts the requests that were still waiting."""

    reason: str
    unanswered: int = 0

    def __str__(self) -> str:
        tail = f"; {self.unanswered} request(s) were not answered" if self.unanswered else ""
        return f"The upstream connection ended: {self.reason}{tail}."


@dataclass(eq=True, unsafe_hash=True)
class UpstreamSilent(UpstreamError):
    """The upstream owes an answer and does not give it."""

    stage: str

    def __str__(self) -> str:
        return f"The upstream did not answer in time ({self.stage})."


@dataclass(eq=True, unsafe_hash=True)
class UpstreamTrouble(UpstreamError):
    """An upstream `error` event that belongs to no request of ours."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"The upstream reported {self.code or 'an error'}: {self.message}"


@dataclass(eq=True, unsafe_hash=True)
class UpstreamExhausted(UpstreamError):
    """The upstream will not go on for this key: credentials, quota, billing."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"The upstream refuses to go on ({self.code}): {self.message}"


@dataclass(eq=True, unsafe_hash=True)
class RequestRefused(UpstreamError):
    """The upstream refused a request, and asking again would not help or was tried enough."""

    code: str
    message: str
    field: str = ""

    def __str__(self) -> str:
        where = f" (field {self.field})" if self.field else ""
        return f"The upstream refused a request{where}: {self.message or self.code}"


@dataclass(eq=True, unsafe_hash=True)
class ResponseFailed(UpstreamError):
    """A response ended as failed; the next request goes on."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"The answer failed ({self.code or 'no code'}): {self.message or 'no reason given'}"


@dataclass(eq=True, unsafe_hash=True)
class ResponseIncomplete(UpstreamError):
    """A response stopped before its end."""

    reason: str

    def __str__(self) -> str:
        return f"The answer is incomplete: {self.reason or 'no reason given'}."


@dataclass(eq=True, unsafe_hash=True)
class TranscriptionFailed(UpstreamError):
    """The user's speech could not be written down; the answer goes on."""

    code: str

    def __str__(self) -> str:
        return f"The speech could not be transcribed ({self.code or 'no code'})."


class LimitReached(TurngateError):
    """A bound of ours was met."""


@dataclass(eq=True, unsafe_hash=True)
class QueueFull(LimitReached):
    """More waits than may wait; the newest was refused."""

    what: str
    limit: int

    def __str__(self) -> str:
        return f"Too much is waiting: {self.what}, at most {self.limit}. The newest was refused."


@dataclass(eq=True, unsafe_hash=True)
class SlowReader(LimitReached):
    """The client does not read, and what waits for it would grow without bound."""

    limit_bytes: int

    def __str__(self) -> str:
        return f"The client does not read; {self.limit_bytes} bytes wait for it."


@dataclass(eq=True, unsafe_hash=True)
class ReaderStalled(LimitReached):
    """Something waits for the client, and for so many seconds it has taken nothing."""

    after_s: float

    def __str__(self) -> str:
        return f"The client has read nothing for {self.after_s:g} s."


@dataclass(eq=True, unsafe_hash=True)
class MessageTooBig(LimitReached):
    """A message of the client's is larger than one may be at this point."""

    limit_bytes: int

    def __str__(self) -> str:
        return f"The message is too big; at most {self.limit_bytes} bytes are taken here."


@dataclass(eq=True, unsafe_hash=True)
class TooFast(LimitReached):
    """The client sends more of `what` than `allowed`; what it sent is taken, once."""

    what: str
    allowed: str

    def __str__(self) -> str:
        return f"Too much {self.what} at once; {self.allowed}. Going on like this ends the call."


@dataclass(eq=True, unsafe_hash=True)
class Flooding(LimitReached):
    """The client was told that it sends too much of `what`, and went on."""

    what: str
    allowed: str

    def __str__(self) -> str:
        return f"Too much {self.what}, after a warning; {self.allowed}."


@dataclass(eq=True, unsafe_hash=True)
class CallerIdle(LimitReached):
    """A Realtime client has sent nothing for so many seconds."""

    after_s: float

    def __str__(self) -> str:
        return f"The client has sent nothing for {self.after_s:g} s."


@dataclass(eq=True, unsafe_hash=True)
class ClientSilent(LimitReached):
    """The client said nothing at all, or not what was `awaited`, for so many seconds."""

    awaited: str
    after_s: int

    def __str__(self) -> str:
        return (
            f"No {self.awaited} came for {self.after_s} s; KeepAlive says that a client is there."
        )


@dataclass(eq=True, unsafe_hash=True)
class CallEnding(LimitReached):
    """The call is soon as long as a call may be."""

    left_s: int

    def __str__(self) -> str:
        return f"The call ends in {self.left_s} s, when it is as long as a call may be."


@dataclass(eq=True, unsafe_hash=True)
class CallTooLong(LimitReached):
    """The call is as long as a call may be."""

    limit_s: int

    def __str__(self) -> str:
        return f"The call has lasted {self.limit_s} s, which is as long as a call may be."


@dataclass(eq=True, unsafe_hash=True)
class CallOverdue(LimitReached):
    """A function gave no result within its deadline; the model was told so."""

    call_id: str
    name: str

    def __str__(self) -> str:
        return f"The function {self.name} gave no result in time (call {self.call_id})."


@dataclass(eq=True, unsafe_hash=True)
class FunctionFailed(LimitReached):
    """A function that the gateway runs gave no result; the model was told so."""

    call_id: str
    name: str
    code: str

    def __str__(self) -> str:
        return f"The function {self.name} failed ({self.code}, call {self.call_id})."


@dataclass(eq=True, unsafe_hash=True)
class VoiceKept(LimitReached):
    """The upstream fixes the voice with its first audio; the rest of the change was applied."""

    field: str

    def __str__(self) -> str:
        return f"{self.field} cannot change after the agent has spoken; it was kept."


class ServerFault(TurngateError):
    """The gateway's own."""


@dataclass(eq=True, unsafe_hash=True)
class GoingAway(ServerFault):
    """The gateway stops."""

    def __str__(self) -> str:
        return "The gateway is shutting down; connect again."


@dataclass(eq=True, unsafe_hash=True)
class InternalFault(ServerFault):
    """A bug. The session ends, the others do not notice."""

    def __str__(self) -> str:
        return "The gateway failed; this session ends."


EXHAUSTED_CODES = frozenset(
    {
        "account_deactivated",
        "billing_hard_limit_reached",
        "credit_balance_exhausted",
        "insufficient_quota",
        "invalid_api_key",
    }
)
"""Upstream codes after which asking again with the same key is pointless.

Source: OpenAI API error codes.
"""
