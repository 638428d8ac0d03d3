"""What a widespread React voice component understands beyond the agent protocol.

The official SDKs do not know these messages; they hand an unknown type on, or leave it out.

Source: the React voice component's own proxy, and its types.
"""

from typing import Any

from turngate.wire.agent_objects import Message, Part


class Alternative(Part, frozen=True, kw_only=True):
    """One reading of what was said; `confidence` is from 0 to 1.

    Source: the React voice component's types.
    """

    transcript: str
    confidence: float
    words: tuple[dict[str, Any], ...]


class Transcript(Message, frozen=True, kw_only=True):
    """What the user says, while it is written down and when it is.

    - transcript: the utterance so far, or the whole.
    - is_final, speech_final: whether it is the whole.
    - channel, channel_index: there is one, 0.
    - start, duration: seconds, 0 where not known.

    Source: the React voice component's types.
    """

    transcript: str
    is_final: bool
    speech_final: bool
    channel: int
    channel_index: tuple[int, ...]
    start: float
    duration: float
    alternatives: tuple[Alternative, ...]


class UtteranceEnd(Message, frozen=True, kw_only=True):
    """The user stopped speaking.

    - channel: the channel, and how many there are.
    - last_word_end: seconds of audio up to then, 0 where not known.

    Source: the React voice component's types.
    """

    channel: tuple[int, int]
    last_word_end: float


class AgentDone(Message, frozen=True):
    """The agent's turn is over; comes right behind `AgentAudioDone`.

    Source: the React voice component's types.
    """
