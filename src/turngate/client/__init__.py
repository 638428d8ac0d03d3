"""A headless client of the agent protocol, for turngate and for whatever else speaks it.

It has no microphone and no speaker: it takes and gives PCM, text and events. Settings and updates
leave it on connect and on an explicit call only, never as a side effect of an answer. The protocol's messages are in `agent`.
"""

from turngate.client.client import Client
from turngate.client.events import (
    Audio,
    Event,
    Flushed,
    FunctionAnswered,
    Lost,
    Reconnected,
    Slept,
    Unreadable,
    Woke,
)
from turngate.client.failures import ClientError, Closed, ConnectFailed, NoAnswer, Refused
from turngate.client.functions import declare
from turngate.client.settings import settings
from turngate.wire import agent
from turngate.wire.codec import Unknown

__all__ = [
    "Audio",
    "Client",
    "ClientError",
    "Closed",
    "ConnectFailed",
    "Event",
    "Flushed",
    "FunctionAnswered",
    "Lost",
    "NoAnswer",
    "Reconnected",
    "Refused",
    "Slept",
    "Unknown",
    "Unreadable",
    "Woke",
    "agent",
    "declare",
    "settings",
]
