"""What the upstream failed in."""

from dataclasses import dataclass

from turngate.errors.root import TurngateError


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
class ContextRefused(UpstreamError):
    """The upstream refused an entry of what was said before; it has the others."""

    code: str
    message: str

    def __str__(self) -> str:
        why = self.message or self.code or "no reason given"
        return f"An entry of the conversation so far was refused, and is left out: {why}"


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
