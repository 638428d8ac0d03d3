"""What makes a system ask for a response or change its session: one short script for each.

Each script plays the client's part and waits only for what every relay gets to see, so the same
script runs against turngate and against the naive relay. `guard` is the one whose failure the
documentation shows.
"""

from msgspec import Struct

from e2e.naive import Guard
from e2e.script import Step, client, openai
from e2e.stage import configured, result
from turngate.audio.tone import silence, tone
from turngate.emulator import Call as Asks
from turngate.emulator import Knobs, Reply, Script
from turngate.wire.agent import History, InjectUserMessage

PACE = Knobs(
    created_ms=15,
    first_delta_ms=15,
    done_after_last_ms=45,
    item_ack_ms=5,
    session_updated_ms=10,
)
ONE = Script(replies=(Reply(match="time", calls=(Asks("get_time"),), then=Reply(text="Noon.")),))
TWO = Script(
    replies=(
        Reply(
            match="time",
            calls=(Asks("get_time"), Asks("get_weather")),
            then=Reply(text="Noon, and rain."),
        ),
    )
)


class Trigger(Struct, frozen=True):
    """A name, what happens in a system, the client's part, and whose failure is shown."""

    name: str
    what: str
    steps: tuple[Step, ...]
    guard: Guard = Guard.NONE
    script: Script = ONE
    is_configured: bool = True

    @property
    def opening(self) -> tuple[Step, ...]:
        """What comes before the script where the session is configured first."""
        settled = (client >> configured(), openai >> "session.updated")
        return settled if self.is_configured else ()


HELLO: tuple[Step, ...] = (
    client >> InjectUserMessage("hello"),
    openai >> "response.created r1",
)
ASK_TIME: tuple[Step, ...] = (
    client >> InjectUserMessage("what time is it?"),
    openai >> "response.created r1",
    client << "FunctionCallRequest A",
)
OTHER = configured("You are in a good mood.")
PAST = (
    History(role="user", content="my name is Ada"),
    History(role="assistant", content="hello Ada"),
)

TRIGGERS = (
    Trigger(
        "connect",
        "the app connects, and sends Settings with a greeting and the first typed line at once",
        (
            client >> configured(greeting="Good morning!"),
            client >> InjectUserMessage("hello"),
            openai >> "response.done r1",
        ),
        is_configured=False,
    ),
    Trigger(
        "reconnect",
        "the socket was lost; the app connects again with the conversation so far and goes on",
        (
            client >> configured(messages=PAST),
            client >> InjectUserMessage("hello again"),
            openai >> "response.done r1",
        ),
        is_configured=False,
    ),
    Trigger(
        "settings change",
        "the user changes a setting while the agent answers",
        (*HELLO, client >> OTHER, openai >> "response.done r1"),
    ),
    Trigger(
        "re-render",
        "a component renders again and sends the same Settings once more",
        (*HELLO, client >> configured(), openai >> "response.done r1"),
    ),
    Trigger(
        "function result",
        "the host's function is quicker than the end of the response that called it",
        (*ASK_TIME, client >> result("A"), openai >> "response.done r1"),
    ),
    Trigger(
        "function result and settings",
        "the host sends the result and, in the same moment, new Settings",
        (*ASK_TIME, client >> result("A"), client >> OTHER, openai >> "response.done r1"),
        guard=Guard.BUSY_FLAG,
    ),
    Trigger(
        "late function result",
        "the function takes longer than the response that called it",
        (*ASK_TIME, openai >> "response.done r1", client >> result("A")),
        guard=Guard.NEXT_DONE,
    ),
    Trigger(
        "two function results",
        "one response called two functions, and both results arrive after its end",
        (
            *ASK_TIME,
            client << "FunctionCallRequest B",
            openai >> "response.done r1",
            client >> result("A"),
            client >> result("B"),
        ),
        guard=Guard.BUSY_FLAG,
        script=TWO,
    ),
    Trigger(
        "two typed lines",
        "the user types two lines one after the other",
        (
            client >> InjectUserMessage("hello"),
            client >> InjectUserMessage("are you there?"),
            openai >> "response.done r1",
        ),
        guard=Guard.BUSY_FLAG,
    ),
    Trigger(
        "typed at the end of the voice",
        "the agent has stopped talking and the user types, while the response is still open",
        (
            *HELLO,
            client << "ConversationText assistant",
            openai >> "response.content_part.done r1",
            client >> InjectUserMessage("and then?"),
            openai >> "response.done r1",
        ),
        guard=Guard.FLAG_UNTIL_AUDIO,
    ),
    Trigger(
        "speech",
        "the user speaks; in the moment in which the server takes the turn, a line is typed",
        (
            client >> silence(200) + tone(600),
            client >> silence(800),
            openai >> "input_audio_buffer.committed",
            client >> InjectUserMessage("and this too"),
            openai >> "response.done r1",
        ),
        guard=Guard.BUSY_FLAG,
    ),
    Trigger(
        "long answer",
        "a line is typed during an answer that is longer than anybody's timer",
        (
            client >> InjectUserMessage("tell me everything"),
            openai >> "response.created r1",
            client >> InjectUserMessage("wait"),
            openai >> "response.done r1",
        ),
        guard=Guard.TIMER,
        script=Script(replies=(Reply(match="everything", text="a b c d e f", per_delta_ms=60),)),
    ),
)
