"""What follows a result that is in the conversation before its response ends."""

from scenes import RUNNING, called, result, typed
from transcript import itself, openai, play
from turngate.core.effects import RememberCall, SendRequest
from turngate.core.events import ItemAcknowledged, ResponseDone
from turngate.core.tools import Call


def test_result_that_the_upstream_has_already_is_followed_up_when_its_response_ends() -> None:
    *asked, thinks = result("c1", "tg_item_2")
    play(
        *RUNNING,
        *called("r1", "c1"),
        *asked,
        itself << RememberCall(Call("c1", "weather", "{}"), "sunny"),
        thinks,
        openai >> ItemAcknowledged("tg_item_2"),
        openai >> ResponseDone("r1", "tg_request_1"),
        openai << SendRequest("tg_request_2"),
        *typed("and now?", "tg_item_3"),
        openai >> ItemAcknowledged("tg_item_3"),
    )
