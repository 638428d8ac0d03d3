"""Bounds of ours that were met; the newest request is refused."""

from dataclasses import dataclass

from turngate.errors.root import TurngateError


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
