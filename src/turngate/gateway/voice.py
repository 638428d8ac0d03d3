"""The audio of one call: the microphone going up, the agent's speech coming down.

The hot path. Frames pass here without touching the machines: the core opens and closes the gate,
and the playhead notes what was sent.
"""

from collections import deque

import pybase64
from picows import WSMsgType

from turngate.audio.pcm import Framer
from turngate.audio.playhead import Heard, Playhead
from turngate.gateway import limits
from turngate.gateway.outbox import Outbox
from turngate.units import RATE_HZ, SAMPLE_BYTES, pcm_ms
from turngate.wire.codec import AudioDelta, encode_append

_EVENT = WSMsgType.TEXT
"""Looked up once, as in frames.py."""


class Microphone:
    """The client's audio on its way up: s16le mono at 24 kHz."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._whole_samples = Framer()
        self._is_between_samples = False
        self._held: deque[bytes] | None = deque()
        self._held_bytes = 0
        self.dropped_bytes = 0

    def hear(self, pcm: bytes) -> None:
        """Pass a frame on, or hold it until the session is configured.

        Raises:
            Overflow: The upstream does not read.

        """
        if self._is_between_samples or len(pcm) % SAMPLE_BYTES:
            pcm = self._whole_samples.push(pcm)
            self._is_between_samples = self._whole_samples.waiting_bytes > 0
        if not pcm:
            return
        if self._held is None:
            self._outbox.send_audio(encode_append(pcm), _EVENT)
        else:
            self._hold(self._held, pcm)

    def _hold(self, held: deque[bytes], pcm: bytes) -> None:
        held.append(pcm)
        self._held_bytes += len(pcm)
        while self._held_bytes > limits.MICROPHONE_BYTES:
            oldest = held.popleft()
            self._held_bytes -= len(oldest)
            self.dropped_bytes += len(oldest)

    def open(self) -> None:
        """Let everything pass from now on, what was held first.

        Raises:
            Overflow: The upstream does not read.

        """
        held, self._held = self._held, None
        for pcm in held or ():
            self._outbox.send_audio(encode_append(pcm), _EVENT)


class Speaker:
    """The agent's audio on its way down, behind a gate that opens for one item at a time."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._gate: tuple[str, str] | None = None
        self._playhead = Playhead()

    def open(self, response_id: str, item_id: str) -> None:
        """Let this item's audio pass."""
        self._gate = (response_id, item_id)

    def close(self) -> None:
        """Let nothing pass any more."""
        self._gate = None

    def discard(self) -> None:
        """Close, and throw away what has not left: the listener drops its buffer too."""
        self._gate = None
        self._outbox.discard_audio()
        self._playhead.clear()

    def play(self, delta: AudioDelta, now_ms: int) -> bool:
        """Send a delta if its item is at the gate; False if it is not.

        Raises:
            ValueError: The delta is not base64.
            Overflow: The client does not read.

        """
        if (delta.response_id, delta.item_id) != self._gate:
            return False
        pcm = pybase64.b64decode(delta.delta, validate=True)
        self._playhead.note(delta.item_id, pcm_ms(len(pcm), RATE_HZ), now_ms)
        if len(pcm) <= limits.AUDIO_FRAME_BYTES:
            self._outbox.send_audio(pcm)
        else:
            for start in range(0, len(pcm), limits.AUDIO_FRAME_BYTES):
                self._outbox.send_audio(pcm[start : start + limits.AUDIO_FRAME_BYTES])
        return True

    def unheard(self, now_ms: int) -> tuple[Heard, ...]:
        """Return the items that the listener has not heard to their end."""
        return self._playhead.heard(now_ms)
