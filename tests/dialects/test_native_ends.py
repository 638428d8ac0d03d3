"""What a Realtime client is told of its events that the upstream will never answer."""

import msgspec
import pytest

from turngate.core.native_effects import End, Lapse, Lost, Refuse, Unanswered, Withdraw
from turngate.core.order import Why
from turngate.dialects.native_ends import told
from turngate.wire.codec import encode

TAKEN = "conversation_already_has_active_response"


@pytest.mark.parametrize(
    "end, code, says",
    [
        (Lapse(1, Why.RESPONSE, "resp_1"), TAKEN, "active response in progress: resp_1."),
        (Lapse(1, Why.REQUEST), TAKEN, "Conversation already has an active response."),
        (Lapse(1, Why.SPEECH), "held_too_long", "the user speaks"),
        (Lapse(1, Why.ORDER, "resp_1"), TAKEN, "resp_1"),
        (Lost(1), "call_ended", "ended before"),
        (Unanswered(1), "session_update_unanswered", "neither confirmed nor refused"),
        (Withdraw(1), "response_cancelled", "cancelled before it began"),
        (Refuse(1), "too_many_waiting_events", "not taken"),
    ],
)
def test_each_end_has_a_code_and_says_what_happened(end: End, code: str, says: str) -> None:
    error = told(1, end, "mine").error
    assert (error.type, error.code, error.event_id) == ("invalid_request_error", code, "mine")
    assert says in error.message


def test_an_end_has_the_services_form() -> None:
    event = msgspec.json.decode(encode(told(3, Refuse(1), None)))
    assert (event["type"], event["event_id"]) == ("error", "event_turngate_3")
    assert event["error"] | {"message": ""} == {
        "type": "invalid_request_error",
        "code": "too_many_waiting_events",
        "message": "",
        "param": None,
        "event_id": None,
    }
