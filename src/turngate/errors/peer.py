"""What the peer that spoke did wrong."""

from dataclasses import dataclass

from turngate.errors.root import TurngateError

_FIELDS_SHOWN = 20
_FIELD_SHOWN = 100  # characters; the names are the peer's to choose


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
