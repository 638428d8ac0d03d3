"""What a Realtime client is told of its events that the upstream will never answer.

Each is an error in the service's form, under the client's own `event_id`. One who does not know
turngate takes it for the service's, and it says no less.

Source: OpenAI Realtime API reference, "error"; the codes that the service does not have are ours.
"""

from typing import assert_never

from turngate.core.native_effects import End, Lapse, Lost, Refuse, Unanswered, Withdraw
from turngate.core.order import Why
from turngate.wire import realtime

_WAITED_FOR = {
    Why.SESSION: "the server has not begun the session",
    Why.UPDATE: "the session.update before it is unanswered",
    Why.SPEECH: "the user speaks",
    Why.CALLS: "function calls have no output",
    Why.ORDER: "an event before it waits",
}
"""What an event waited for that was not a response."""


def told(number: int, end: End, event_id: str | None) -> realtime.ErrorEvent:
    """Return what the client is told of an event's end; `number` is new for each in a call."""
    code, message = _words(end)
    body = realtime.ErrorBody(
        type="invalid_request_error", code=code, message=message, param=None, event_id=event_id
    )
    return realtime.ErrorEvent(event_id=f"event_turngate_{number}", error=body)


def _words(end: End) -> tuple[str, str]:
    match end:
        case Lapse(_, why, None) if why in _WAITED_FOR:
            message = f"The event was not sent: for its whole deadline, {_WAITED_FOR[why]}."
            return "held_too_long", message
        case Lapse(_, _, holder):
            named = f" in progress: {holder}" if holder else ""
            message = (
                f"Conversation already has an active response{named}. "
                "The event waited for its end until its deadline, and was not sent."
            )
            return "conversation_already_has_active_response", message
        case Unanswered():
            message = "The server neither confirmed nor refused the update in time."
            return "session_update_unanswered", message
        case Lost():
            return "call_ended", "The call ended before the event was answered."
        case Withdraw():
            return "response_cancelled", "The response was cancelled before it began."
        case Refuse():
            message = "Too much waits for the active response to end. The event was not taken."
            return "too_many_waiting_events", message
        case _:
            assert_never(end)
