"""Stretches that many scripts share, as lines of a transcript."""

from transcript import Line, client, openai
from turngate.core.effects import (
    Acknowledge,
    AgentThinks,
    AskFunctions,
    SendItem,
    SendRequest,
    SendUpdate,
    ShowUserText,
    Welcome,
)
from turngate.core.events import (
    CallAsked,
    CallResult,
    ClientOpened,
    Configure,
    ItemAcknowledged,
    ResponseCreated,
    SpeechCommitted,
    SpeechStopped,
    Updated,
    UpstreamOpened,
    UserTranscribed,
    UserTyped,
)
from turngate.core.items import CallOutput, UserText
from turngate.core.tools import Call

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
