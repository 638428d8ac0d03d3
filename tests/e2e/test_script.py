"""The language of the scripts can fail."""

import pytest

from e2e.naive import Guard
from e2e.script import Step, client, never, openai, play
from e2e.stage import configured
from e2e.virtual import VirtualCall
from turngate.emulator import Knobs, Script
from turngate.wire.agent import InjectUserMessage

Failure = pytest.fail.Exception

HELLO: tuple[Step, ...] = (
    client >> InjectUserMessage("hi"),
    client << 'ConversationText user "hi"',
    openai << "conversation.item.create user",
    openai << "response.create",
    openai >> "response.created r1",
    client << "AgentAudioDone",
    client << 'ConversationText assistant "You said: hi"',
    openai >> "response.done r1",
)


async def call() -> VirtualCall:
    stage = VirtualCall(Guard.NONE, Knobs(created_ms=1), Script())
    await play(
        stage,
        client >> configured(),
        openai << "session.update",
        client << "SettingsApplied",
        openai >> "session.updated",
    )
    return stage


async def test_script_that_holds_passes() -> None:
    await play(await call(), *HELLO)


@pytest.mark.parametrize("left_out", [1, 2, 3, 5, 6])
async def test_line_that_is_not_in_the_script_fails(left_out: int) -> None:
    with pytest.raises(Failure, match="not in the script"):
        await play(await call(), *HELLO[:left_out], *HELLO[left_out + 1 :])


async def test_line_that_never_comes_fails() -> None:
    with pytest.raises(Failure, match=r"never came: >U session\.update"):
        await play(await call(), *HELLO, openai << "session.update")


async def test_line_that_comes_before_what_it_follows_fails() -> None:
    with pytest.raises(Failure, match=r"never came: >U response\.create"):
        await play(await call(), *HELLO[:3], HELLO[4], HELLO[3], *HELLO[5:])


async def test_line_that_is_forbidden_until_later_fails() -> None:
    late = client << "AgentAudioDone"
    with pytest.raises(Failure, match=r"not in the script|never came"):
        await play(await call(), *HELLO[:5], *HELLO[6:], late)
    await play(await call(), *HELLO[:5], never(late), *HELLO[5:])


async def test_line_that_is_forbidden_altogether_fails() -> None:
    # An update that stands nowhere in the script is forbidden from the start.
    stage = await call()
    with pytest.raises(Failure, match=r"came too early, or at all: U>  rate_limits\.updated"):
        await play(stage, *HELLO[:5], never(openai >> "rate_limits.updated"), *HELLO[5:])
