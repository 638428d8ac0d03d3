"""From sound to words, by pocketsphinx in grammar mode.

A decoder belongs to one session and to one grammar. Another grammar gets a decoder of its own:
with its small dictionary it loads in about ten milliseconds, and exchanging the grammar inside a
decoder has orders of calls that end the process. Each call holds the interpreter, so audio is
given in pieces of some tens of milliseconds; then no call takes longer than a few.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast

import pocketsphinx

from turngate.emulator.ears.grammar import Grammar
from turngate.emulator.ears.lexicon import model_path

LISTEN_HZ = 16_000
"""The rate of the model."""


class _Hypothesis(Protocol):
    hypstr: str


class _Segment(Protocol):
    word: str
    start_frame: int
    end_frame: int
    ascore: float


class _Decoder(Protocol):
    """What is used of pocketsphinx.Decoder, which has no types."""

    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, no_search: bool, full_utt: bool) -> int: ...  # noqa: FBT001  its signature
    def end_utt(self) -> None: ...
    def hyp(self) -> _Hypothesis | None: ...
    def seg(self) -> Iterable[_Segment]: ...


@dataclass(frozen=True, slots=True)
class Hearsay:
    """The sentence of the grammar that is nearest to what was said: a guess, however far off.

    words: in lower case, empty for none. misfit: how badly the sound fits those words, per frame;
    0 is perfect. is_whole: they are a whole sentence, not its beginning.
    """

    words: str
    misfit: float
    is_whole: bool


class Recogniser:
    """One utterance after the other, by one grammar.

    Raises:
        ValueError: It refuses the grammar.

    """

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        with TemporaryDirectory(prefix="turngate-") as folder:
            rules, dictionary = Path(folder, "ears.gram"), Path(folder, "ears.dict")
            rules.write_text(grammar.jsgf)
            dictionary.write_text(grammar.dictionary)
            decoder = cast(
                "_Decoder",
                pocketsphinx.Decoder(  # pyright: ignore[reportUnknownMemberType]  no types
                    hmm=model_path("en-us/en-us"),
                    dict=str(dictionary),
                    jsgf=str(rules),
                    lm=None,
                    samprate=LISTEN_HZ,
                    # Searching the lattice once more takes up to 100 ms in one call and changes nothing.
                    bestpath=False,
                    loglevel="FATAL",
                ),
            )
        self._decoder = decoder

    def begin(self) -> None:
        """Begin an utterance. Between this and `finish` nothing but `feed` may be called."""
        self._decoder.start_utt()

    def feed(self, pcm: bytes) -> None:
        """Take s16le mono PCM at 16 kHz, some tens of milliseconds."""
        if pcm:  # the decoder raises for nothing
            self._decoder.process_raw(pcm, False, False)

    def finish(self) -> Hearsay:
        """End the utterance and return what it may have been."""
        self._decoder.end_utt()
        best = self._decoder.hyp()
        words = best.hypstr if best else ""
        if not words:
            return Hearsay("", math.inf, is_whole=False)
        return Hearsay(words, _misfit(self._decoder.seg()), self.grammar.accepts(words))


def _misfit(segments: Iterable[_Segment]) -> float:
    """Return the mean of the negative log scores of the frames that belong to words."""
    spoken = [part for part in segments if part.start_frame >= 0 and part.word[0] not in "<([+"]
    frames = sum(part.end_frame - part.start_frame + 1 for part in spoken)
    if not frames:
        return math.inf
    return -sum(math.log(max(part.ascore, 1e-300)) for part in spoken) / frames * 1000
