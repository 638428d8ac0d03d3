"""The flow in which the problem was met, as a body for any Realtime server: the emulator or a real one.

A typed question, a function call, the host's result, and in the same moment new Settings.
"""

from e2e.record import Line, Record
from e2e.stage import Caller, configured, through_turngate
from e2e.tap import tapped
from turngate.wire import agent
from turngate.wire.codec import encode

SLOT_TAKEN = "error conversation_already_has_active_response"
WORD = "turquoise"
"""The result, which no model knows by itself."""

COLOUR = agent.Function(
    name="get_colour_of_the_day",
    description="Tells the colour of the day. Call it whenever somebody asks for that colour.",
    parameters={"type": "object", "properties": {}},
)
PROMPT = "Answer in one short English sentence. Get the colour of the day from your function."


async def ask_with_new_settings_beside_the_result(
    upstream_url: str, *, key: str | None = None, patience_s: float
) -> Record:
    """Play the flow through turngate, and return what everybody said."""
    record = Record(patience_s)
    async with (
        tapped(upstream_url, record) as tap,
        through_turngate(upstream_key=key)(tap.url) as front,
    ):
        caller = await Caller.connected(front.url, record)
        caller.say(_text(configured(PROMPT, functions=(COLOUR,))))
        await _seen(record, "SettingsApplied", 0)
        caller.say(_text(agent.InjectUserMessage("What is the colour of the day?")))
        asked = record.lines[await _seen(record, "FunctionCallRequest", 0)]
        at = len(record.lines)
        caller.say(_text(_answer(asked)))
        caller.say(_text(configured(f"{PROMPT} Be friendly.", functions=(COLOUR,))))
        await _seen(record, "SettingsApplied", at)
        await _seen(record, "ConversationText assistant", at)
        await _seen(record, "AgentAudioDone", at)
        caller.leave()
        await record.until(lambda: True if caller.is_over else None, "the end of the call")
    return record


def assert_answered(record: Record) -> None:
    """Fail unless the flow went as it must: answered once, confirmed twice, and never refused."""
    assert record.all("U>", SLOT_TAKEN) == [], str(record)
    assert record.all(">C", "Error") == [], str(record)
    assert len(record.all("U>", "session.updated")) == 2, str(record)
    assert len(record.all(">C", "SettingsApplied")) == 2, str(record)
    assert len(record.all("C>", "FunctionCallResponse")) == 1, str(record)
    said = [line.label.lower() for line in record.all(">C", "ConversationText assistant")]
    assert WORD in said[-1], str(record)


def _answer(asked: Line) -> agent.FunctionCallResponse:
    assert isinstance(asked.message, dict)
    [call] = asked.message["functions"]
    return agent.FunctionCallResponse(id=call["id"], name=call["name"], content=WORD)


async def _seen(record: Record, label: str, start: int) -> int:
    return await record.until(lambda: record.find(">C", label, start), label)


def _text(message: agent.ClientMessage) -> str:
    return encode(message).decode()
