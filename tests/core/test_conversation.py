"""What a new connection is told of what was said before."""

from turngate.core.conversation import Conversation
from turngate.core.items import AgentText, CallOutput, PastCall, UserText
from turngate.core.limits import TOLD_AGAIN


def test_no_more_is_told_than_may_be_also_after_a_refusal() -> None:
    conversation = Conversation()
    conversation.add(UserText("refused"), "i0")
    conversation.refused("i0")
    for number in range(TOLD_AGAIN + 1):
        conversation.add(UserText(f"{number}"), f"i{number}")
    assert conversation.take() == [UserText(f"{number}") for number in range(1, TOLD_AGAIN + 1)]

    unrefused = Conversation()
    for number in range(TOLD_AGAIN + 1):
        unrefused.add(UserText(f"{number}"), f"i{number}")
    assert len(unrefused.take()) == TOLD_AGAIN


def test_speech_has_its_place_and_is_told_once_it_is_written_down() -> None:
    conversation = Conversation()
    for item_id in ("u1", "u2", "u3"):
        conversation.spoken(item_id)
        conversation.heard(f"after {item_id}", is_elsewhere=False)
    conversation.written("u2", "two")
    conversation.written("u2", "not two")
    conversation.written("u3", " ")
    assert conversation.take() == [
        AgentText("after u1"),
        UserText("two"),
        AgentText("after u2"),
        AgentText("after u3"),
    ]


def test_output_whose_call_was_forgotten_is_not_told() -> None:
    conversation = Conversation()
    conversation.add(PastCall("c1", "weather", "{}"))
    conversation.add(CallOutput("c1", "sunny"), "i1")
    conversation.add(CallOutput("c0", "rainy"), "i0")
    assert conversation.take() == [PastCall("c1", "weather", "{}"), CallOutput("c1", "sunny")]
    assert conversation.take() == []


def test_refused_item_alone_is_not_told() -> None:
    conversation = Conversation()
    for item_id in ("i1", "i2", "i3"):
        conversation.add(UserText(item_id), item_id)
    conversation.refused("i2")
    assert conversation.take() == [UserText("i1"), UserText("i3")]
