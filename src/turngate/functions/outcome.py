"""What a function's run comes to: a text for the model, or an error it can act on.

A result is always text: a string as it is, anything else as JSON. An error is a JSON object with a
sentence for the model (`error`) and a word for programs (`code`). Neither ever holds a traceback,
nor the text of an exception that was not written for the model.
"""

from enum import StrEnum

import msgspec


class Failure(StrEnum):
    """Why there is no result."""

    INVALID_ARGUMENTS = "invalid_arguments"
    """The arguments do not fit the function's schema; the function did not run."""
    UNKNOWN_FUNCTION = "unknown_function"
    """No function of this name runs here."""
    FAILED = "failed"
    """The function ran and failed; if it said why in words for the model, these are given."""
    TIMEOUT = "timeout"
    """It gave no result in time."""
    UNREACHABLE = "unreachable"
    """Its endpoint or server could not be reached, or may not be."""
    BAD_ANSWER = "bad_answer"
    """Its endpoint answered what is no result: another status, a redirect, no JSON."""
    TOO_LARGE = "too_large"
    """Its endpoint's answer is larger than a result may be."""
    BUSY = "busy"
    """Too many functions run already."""


class FunctionError(Exception):
    """A function's failure, in words that the model may read and repeat to the user.

    Raise it in a function of your own to say what is wrong: `raise FunctionError("There is no order
    4711.")`. The text of any other exception stays in the gateway, for it may hold anything.
    """

    def __init__(self, message: str, code: Failure = Failure.FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def text_of(value: object) -> str:
    """Return a result as text for the model.

    Raises:
        FunctionError: It is something that JSON cannot carry.

    """
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise FunctionError("The function's result is not JSON.") from error


def failure_of(error: FunctionError, limit_bytes: int) -> str:
    """Return an error as text for the model."""
    told = {"error": capped(error.message, limit_bytes), "code": error.code}
    return msgspec.json.encode(told).decode()


def capped(text: str, limit_bytes: int) -> str:
    """Return a text of at most about `limit_bytes` in UTF-8, with a note where it was cut."""
    if len(text) * 4 <= limit_bytes:
        return text
    whole = text.encode(errors="replace")
    if len(whole) <= limit_bytes:
        return text
    kept = whole[:limit_bytes].decode(errors="ignore")
    return f"{kept}\n[cut: the first {limit_bytes} of {len(whole)} bytes]"
