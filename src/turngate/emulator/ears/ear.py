"""The ear of one connection: who speaks, and what they said when they stop.

Everything happens in the calls, on the clock of the audio: the same audio is heard the same way.
"""

from collections import deque
from collections.abc import Sequence

from turngate.audio.pcm import loudness
from turngate.audio.resample import Resampler
from turngate.emulator.ears.grammar import Grammar, grammar_for
from turngate.emulator.ears.hiss import Hiss
from turngate.emulator.ears.recogniser import LISTEN_HZ, Hearsay, Recogniser
from turngate.emulator.ears.vad import VoiceDetector
from turngate.emulator.hearing import FRAME_MS, FULL_THRESHOLD_RMS, Heard
from turngate.emulator.refusal import Json
from turngate.units import RATE_HZ

MOST_MISFIT = 3.5
"""Speech that fits the best sentence worse than this is taken for something else."""
BEFORE_MS = 500
"""The recogniser also hears this much from before a voice was noticed, which takes some 200 ms."""
PAUSE_MS = 400
"""A pause is heard for so long; the rest of it would only cost time."""
LONGEST_MS = 15_000
"""No sentence of the grammar takes this long; what goes on is not listened to."""
LOUD_MS = 300
"""Sound that is no voice counts as speech when it is loud for longer than this."""
FLOOR_MS = 10_000
"""Sound that goes on as loud as this long ago is background: hum, a fan, music."""
OVER_FLOOR = 3.0
"""So many times louder than the background is loud."""


class Ear:
    """Hears one connection. Implements what `hearing.InputBuffer` asks of an ear."""

    def __init__(self) -> None:
        self._detector = VoiceDetector()
        self._loud = Loud()
        self._rate_hz = RATE_HZ
        self._resampler, self._hiss = Resampler(RATE_HZ, LISTEN_HZ), Hiss(RATE_HZ)
        self._before: deque[bytes] = deque(maxlen=BEFORE_MS // FRAME_MS)
        self._tools: tuple[Json, ...] = ()
        self._grammar: Grammar | None = None
        self._recogniser: Recogniser | None = None
        self._is_attentive = False
        self._listened_ms: int | None = None
        self._silent_ms = 0
        self.guess: Hearsay | None = None
        """The nearest sentence to the last utterance, even if it was not taken for it."""

    @property
    def grammar(self) -> Grammar:
        """What can be understood now."""
        if self._grammar is None:
            self._grammar = grammar_for(self._tools)
        return self._grammar

    def expect(self, tools: Sequence[Json]) -> None:
        """Expect sentences for these tools, from the next utterance on."""
        if tuple(tools) != self._tools:
            self._tools, self._grammar = tuple(tools), None

    def is_speech(self, pcm: bytes, rate_hz: int, threshold: float) -> bool:
        """Take one frame of s16le mono PCM; return whether somebody speaks, as far as is known."""
        if rate_hz != self._rate_hz:
            self._rate_hz = rate_hz
            self._resampler, self._hiss = Resampler(rate_hz, LISTEN_HZ), Hiss(rate_hz)
        at_16_khz = self._resampler.push(pcm)
        is_voice = self._detector.push(at_16_khz, threshold)
        heard = self._hiss.over(at_16_khz)
        is_loud = self._loud.push(pcm, threshold)
        self._before.append(heard)
        if self._is_attentive:
            self._listen(heard, is_voice=is_voice)
        return is_voice or is_loud

    def attend(self) -> None:
        """Listen for words from here on, and from shortly before."""
        if not self._is_attentive:
            self._is_attentive = True
            # The voice that drew attention is in the frames before.
            self._listen(b"", is_voice=self._detector.is_voice)

    def _listen(self, pcm: bytes, *, is_voice: bool) -> None:
        self._silent_ms = 0 if is_voice else self._silent_ms + FRAME_MS
        if self._listened_ms is not None:
            if self._recogniser is None or self._silent_ms > PAUSE_MS:
                return
            if self._listened_ms < LONGEST_MS:
                self._recogniser.feed(pcm)
            self._listened_ms += FRAME_MS
        elif is_voice:
            self._listened_ms = 0
            recogniser = self._ready()
            recogniser.begin()
            for piece in self._before:
                recogniser.feed(piece)

    def _ready(self) -> Recogniser:
        if self._recogniser is None or self._recogniser.grammar is not self.grammar:
            self._recogniser = Recogniser(self.grammar)
        return self._recogniser

    def finish(self) -> Heard:
        """End the utterance and return what was heard of it."""
        listened_ms, self._listened_ms = self._listened_ms, None
        self._is_attentive = False
        self.guess = None
        if listened_ms is None or self._recogniser is None:
            return Heard(None, had_voice=False)
        guess = self.guess = self._recogniser.finish()
        is_sure = guess.is_whole and guess.misfit <= MOST_MISFIT and listened_ms < LONGEST_MS
        text = self._recogniser.grammar.written(guess.words) if is_sure else None
        return Heard(text, had_voice=True)

    def forget(self) -> None:
        """End the utterance unheard: its audio was thrown away."""
        if self._listened_ms is not None and self._recogniser:
            self._recogniser.finish()
        self._listened_ms = None
        self._is_attentive = False
        self._before.clear()


class Loud:
    """Notices sound that lasts and stands out, voice or not: a tone, an instrument, a test."""

    def __init__(self) -> None:
        self._run_ms = 0
        self._slice: list[float] = []
        self._floors: deque[float] = deque(maxlen=FLOOR_MS // LOUD_MS)

    def push(self, pcm: bytes, threshold: float) -> bool:
        """Take one frame; return whether it has been loud for long enough."""
        level = loudness(pcm)
        self._slice.append(level)
        if len(self._slice) * FRAME_MS >= LOUD_MS:
            self._floors.append(min(self._slice))
            self._slice.clear()
        is_known = len(self._floors) == self._floors.maxlen
        floor = min(self._floors) if is_known else 0.0
        least = max(threshold * FULL_THRESHOLD_RMS, floor * OVER_FLOOR)
        self._run_ms = self._run_ms + FRAME_MS if level >= least else 0
        return self._run_ms > LOUD_MS
