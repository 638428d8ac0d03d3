"""Stretches that many scripts share, as lines of a transcript."""

from transcript import Line, after, client, itself, openai, sounds
from turngate.core.effects import (
    Acknowledge,
    AgentFinished,
    AgentStarted,
    AgentThinks,
    AskFunctions,
    Redial,
    SendItem,
    SendRequest,
    SendUpdate,
    ShowAgentText,
    ShowUserText,
    UserStarted,
    Welcome,
)
from turngate.core.events import (
    AgentTextDone,
    AudioBegan,
    AudioEnded,
    CallAsked,
    CallResult,
    ClientOpened,
    Configure,
    ItemAcknowledged,
    ResponseCreated,
    ResponseDone,
    SpeechCommitted,
    SpeechStarted,
    SpeechStopped,
    Updated,
    UpstreamFailed,
    UpstreamOpened,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import AgentText, CallOutput, PastCall, UserText
from turngate.core.policy import Policy
from turngate.core.tools import Call
from turngate.errors import UpstreamLost
from turngate.units import Ms

READY: tuple[Line, ...] = (
    client >> ClientOpened("call"),
    client << Welcome("call"),
    openai >> UpstreamOpened(),
    client >> Configure("settings", {"prompt": "old"}),
    openai << SendUpdate("tg_update_1", {"prompt": "old"}),
    openai >> Updated(),
    client << Acknowledge("settings"),
)
"""A session that is configured, with an idle slot."""


def typed(text: str, item: str) -> tuple[Line, ...]:
    """The user writes; the message becomes the item."""
    return (
        client >> UserTyped(text),
        client << ShowUserText(text),
        openai << SendItem(item, UserText(text)),
    )


RUNNING: tuple[Line, ...] = (
    *READY,
    *typed("one", "tg_item_1"),
    openai >> ItemAcknowledged("tg_item_1"),
    openai << SendRequest("tg_request_1"),
    openai >> ResponseCreated("r1", "tg_request_1"),
)
"""The same, and the response r1 answers a message."""
SETTLED: tuple[Line, ...] = (*RUNNING, openai >> ResponseDone("r1", "tg_request_1"))
"""The server is known to echo the names of requests: one exchange lies behind."""
REQUESTED: tuple[Line, ...] = (
    *SETTLED,
    *typed("x", "tg_item_2"),
    openai >> ItemAcknowledged("tg_item_2"),
    openai << SendRequest("tg_request_2"),
)
"""Another request of ours is on its way."""
ASKED_AGAIN: tuple[Line, ...] = (
    openai << SendRequest("tg_request_3"),
    openai >> ResponseCreated("r2", "tg_request_3"),
    openai >> AgentTextDone("r2", "a2", "y"),
    client << ShowAgentText("y"),
    openai >> ResponseDone("r2", "tg_request_3"),
    client << AgentFinished(),
    after(ms=60_000),
)
"""It was kept, and is answered now, once."""


def called(response: str, *calls: str) -> tuple[Line, ...]:
    """The model calls functions, and the client is asked for each."""
    return tuple(
        line
        for call in calls
        for line in (
            openai >> CallAsked(response, call, "weather", "{}"),
            client << AskFunctions((Call(call, "weather", "{}"),)),
        )
    )


def result(call: str, item: str) -> tuple[Line, ...]:
    """The client answers a call; the output becomes the item."""
    return (
        client >> CallResult(call, "weather", "sunny"),
        openai << SendItem(item, CallOutput(call, "sunny")),
        client << AgentThinks(),
    )


def spoken(item: str) -> tuple[Line, ...]:
    """The user, who speaks, comes to an end, and the utterance becomes the item, with its text."""
    return (
        openai >> SpeechStopped(item),
        openai >> SpeechCommitted(item),
        openai >> UserTranscribed(item, "well"),
        client << ShowUserText("well"),
    )


# -- an answer that is spoken, sentence by sentence

LETTER_MS = 50
FIRST, SECOND, THIRD = "One potato, two. ", "Three potatoes, four. ", "Five potatoes, six."
WHOLE = FIRST + SECOND + THIRD
FIRST_MS, SECOND_MS, THIRD_MS = (len(each) * LETTER_MS for each in (FIRST, SECOND, THIRD))
WHOLE_MS = FIRST_MS + SECOND_MS + THIRD_MS

AUDIBLE: tuple[Line, ...] = (
    *RUNNING,
    openai >> AudioBegan("r1", "a1"),
    client << AgentStarted(Ms(0)),
)
DONE: Line = openai >> ResponseDone("r1", "tg_request_1")
SAID: tuple[Line, ...] = (
    *AUDIBLE,
    sounds("a1", ms=WHOLE_MS),
    openai >> AudioEnded("r1", "a1"),
    openai >> AgentTextDone("r1", "a1", WHOLE, is_spoken=True),
    client << ShowAgentText(FIRST.strip()),
    DONE,
)
"""All of three sentences is there at once, and the first of them is heard."""
CANCELLED: Line = openai >> ResponseDone("r1", "tg_request_1", "cancelled", "turn_detected")


# -- a question that is spoken

ASKED: tuple[Line, ...] = (
    *READY,
    openai >> SpeechStarted("u1"),
    client << UserStarted(),
    openai >> SpeechStopped("u1"),
    openai >> SpeechCommitted("u1"),
)
SPOKEN: tuple[Line, ...] = (
    *ASKED,
    openai >> ItemAcknowledged("u1"),
    openai << SendRequest("tg_request_1"),
    openai >> ResponseCreated("r1", "tg_request_1"),
)
"""A response answers what was said; the text of that is still to come."""


# -- the upstream connection ends

POLICY = Policy(redials=True, locked=(("voice",),))
LOSS = UpstreamLost("code 1011")
CUT: tuple[Line, ...] = (openai >> UpstreamFailed(LOSS), itself << Redial(Ms(0)))


def linked(update: str = "tg_update_2", **more: object) -> tuple[Line, ...]:
    """Another connection is there, and has confirmed what is in force."""
    return (
        openai >> UpstreamOpened(),
        openai << SendUpdate(update, {"prompt": "old", **more}),
        openai >> Updated(),
    )


def told(*items: UserText | AgentText | PastCall | CallOutput, first: int = 1) -> tuple[Line, ...]:
    """The other connection is told what was said before, item by item."""
    return tuple(
        openai << SendItem(f"tg_item_{number}", item) for number, item in enumerate(items, first)
    )


FOLDED: tuple[Line, ...] = (
    *spoken("u1"),
    openai >> ItemAcknowledged("u1"),
    openai << SendRequest("tg_request_2"),
    openai >> ResponseCreated("r2", "tg_request_2"),
    openai >> ResponseDone("r2", "tg_request_2"),
    after(ms=60_000),
)
"""What the user said, and what waited, is answered by one response."""
