"""What the protocol has and turngate never says is no more than that, and each has its reason."""

from typing import get_args

from turngate.answers import ANSWERS
from turngate.dialects import unsaid
from turngate.wire import agent
from turngate.wire.agent_codes import ERROR_CODES, WARNING_CODES

DOCUMENTED = {*ERROR_CODES, *WARNING_CODES}


def test_documented_code_is_used_or_there_is_a_reason() -> None:
    used = {answer.code for answer in ANSWERS.values()}
    assert used | set(unsaid.CODES) >= DOCUMENTED
    assert used.isdisjoint(unsaid.CODES)
    assert set(unsaid.CODES) <= DOCUMENTED
    assert set(ERROR_CODES).isdisjoint(WARNING_CODES)


def test_messages_that_are_never_said_are_messages_of_the_protocol() -> None:
    assert set(unsaid.MESSAGES) < set(get_args(agent.ServerMessage))


def test_every_reason_is_a_sentence() -> None:
    assert all(" " in reason for reason in (*unsaid.MESSAGES.values(), *unsaid.CODES.values()))
