"""The input buffer and who speaks in it, by energy or by an ear, on the clock of the audio itself.

Time is the length of everything appended since the session began; the wall clock plays no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from turngate.audio.pcm import loudness
from turngate.emulator.refusal import Json
from turngate.units import pcm_ms

FRAME_MS = 20
ONSET_FRAMES = 2
"""So many loud frames in a row are speech; one is a click."""
FULL_THRESHOLD_RMS = 900.0
"""Loudness of a frame that a threshold of 1.0 asks for, of 32767."""


@dataclass(frozen=True, slots=True)
class Onset:
    """Speech began at `at_ms`, on the audio clock and without padding."""

    at_ms: float


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Silence lasted long enough at `at_ms`; the speech before it was `speech_ms` long."""

    at_ms: float
    speech_ms: float


Speech: TypeAlias = Onset | Endpoint


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nobody speaks; `loud_frames` frames in a row were loud."""

    loud_frames: int = 0


@dataclass(frozen=True, slots=True)
class Speaking:
    """Speech since `onset_ms`, last heard at `heard_ms`."""

    onset_ms: float
    heard_ms: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What an ear made of an utterance. text: None when it was understood as nothing."""

    text: str | None
    had_voice: bool = True

    @property
    def transcript(self) -> str:
        """The words, or in brackets why there are none."""
        if self.text is not None:
            return self.text
        return "(not understood)" if self.had_voice else "(no words heard)"


class Ear(Protocol):
    """Tells speech from other sound, and words from other speech. Audio is s16le mono PCM."""

    def expect(self, tools: Sequence[Json]) -> None:
        """Expect sentences for these tools."""
        ...

    def is_speech(self, pcm: bytes, rate_hz: int, threshold: float) -> bool:
        """Take a frame of 20 ms; return whether somebody speaks at its end."""
        ...

    def attend(self) -> None:
        """Listen for words from shortly before now."""
        ...

    def finish(self) -> Heard:
        """Return what was said since then."""
        ...

    def forget(self) -> None:
        """Listen no more; what was said since then does not count."""
        ...


class InputBuffer:
    """Appended audio since the last commit or clear, and who speaks in it.

    ear: decides what is speech; without one whatever is loud enough is.
    """

    def __init__(self, ear: Ear | None = None) -> None:
        self._ear = ear
        self.clock_ms = 0.0
        self.phase: Quiet | Speaking = Quiet()
        self._start_ms = 0.0
        self._first_loud_ms: float | None = None
        self._last_loud_ms = 0.0
        self._rest = b""
        self._rest_ms = 0.0

    @property
    def buffered_ms(self) -> float:
        """How much audio a commit would take."""
        return self.clock_ms - self._start_ms + self._rest_ms

    @property
    def speech_ms(self) -> float:
        """From the first to the last loud frame of the buffer; all of it when none was loud."""
        if self._first_loud_ms is None:
            return self.buffered_ms
        return self._last_loud_ms - self._first_loud_ms

    def heard(self) -> Heard | None:
        """Return what the ear heard in the buffer, once; None without an ear."""
        return self._ear.finish() if self._ear else None

    def empty(self) -> None:
        """Forget the audio; the clock goes on."""
        if self._ear:
            self._ear.forget()
        self._start_ms = self.clock_ms
        self._first_loud_ms = None
        self._rest, self._rest_ms = b"", 0.0
        self.phase = Quiet()

    def append(
        self, pcm: bytes, rate_hz: int, threshold: float, silence_ms: float | None
    ) -> list[Speech]:
        """Take s16le mono PCM and return what is newly known about speech, in order.

        threshold: 0 to 1, as in turn_detection. silence_ms: what ends a turn; None detects
        nothing and only measures.
        """
        frame_bytes = rate_hz * FRAME_MS // 1000 * 2
        self._rest += pcm
        whole = len(self._rest) - len(self._rest) % frame_bytes
        frames, self._rest = self._rest[:whole], self._rest[whole:]
        self._rest_ms = pcm_ms(len(self._rest), rate_hz)
        found: list[Speech] = []
        for start in range(0, whole, frame_bytes):
            frame = frames[start : start + frame_bytes]
            if self._ear:
                is_loud = self._ear.is_speech(frame, rate_hz, threshold)
            else:
                is_loud = loudness(frame) >= threshold * FULL_THRESHOLD_RMS
            newly = self._frame(is_loud=is_loud, silence_ms=silence_ms)
            if self._ear and (newly or (is_loud and silence_ms is None)):
                self._ear.attend()
            found += newly
        return found

    def _frame(self, *, is_loud: bool, silence_ms: float | None) -> list[Speech]:
        begin_ms, self.clock_ms = self.clock_ms, self.clock_ms + FRAME_MS
        if is_loud:
            self._last_loud_ms = self.clock_ms
            if self._first_loud_ms is None:
                self._first_loud_ms = begin_ms
        if silence_ms is None:
            self.phase = Quiet()
            return []
        match self.phase:
            case Quiet(loud_frames) if is_loud and loud_frames + 1 >= ONSET_FRAMES:
                onset_ms = begin_ms - loud_frames * FRAME_MS
                self.phase = Speaking(onset_ms, self.clock_ms)
                return [Onset(onset_ms)]
            case Quiet(loud_frames):
                self.phase = Quiet(loud_frames + 1 if is_loud else 0)
                return []
            case Speaking(onset_ms) if is_loud:
                self.phase = Speaking(onset_ms, self.clock_ms)
                return []
            case Speaking(onset_ms, heard_ms) if self.clock_ms - heard_ms >= silence_ms:
                self.phase = Quiet()
                return [Endpoint(self.clock_ms, heard_ms - onset_ms)]
            case Speaking():
                return []
