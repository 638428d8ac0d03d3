"""From an answer to the steps that stream it: words, sound, and the order of outputs."""

import re
from collections.abc import Sequence

from turngate.emulator.response import Begin, End, OutputItem, Sound, Step, Words

DELTA_MS = 100
"""Length of one audio delta."""

_WORD = re.compile(r"\s*\S+|\s+$")
_ARGUMENT = re.compile(r'[{}\[\]:,"\s]+|[^{}\[\]:,"\s]+')


def words(text: str) -> list[str]:
    """Cut text into deltas of a word each; joined they are the text."""
    return _WORD.findall(text)


def arguments(text: str) -> list[str]:
    """Cut JSON text into deltas; joined they are the text."""
    return _ARGUMENT.findall(text)


def sounds(audio: bytes, bytes_per_ms: int) -> list[bytes]:
    """Cut encoded audio into deltas of 100 ms; the last may be shorter."""
    size = bytes_per_ms * DELTA_MS
    return [audio[start : start + size] for start in range(0, len(audio), size)]


def content(
    output: OutputItem, text: str, audio: bytes, bytes_per_ms: int, *, whole: bool = False
) -> list[Step]:
    """Return the deltas of one output item.

    The transcript runs ahead of the audio: its first delta comes first, and it is through at
    about half of the audio. whole: text is one delta.
    """
    if output.kind == "approval":
        return []
    cut = words if output.has_part else arguments
    said: list[Step] = [Words(output, piece) for piece in ([text] if whole else cut(text))]
    if not output.has_part:
        return said
    if output.kind == "text":
        return said
    heard: list[Step] = [Sound(output, piece) for piece in sounds(audio, bytes_per_ms)]
    steps: list[Step] = []
    for index, step in enumerate(heard):
        ahead = 1 + 2 * (index + 1) * len(said) // (len(heard) + 1)
        spoken = sum(1 for done in steps if isinstance(done, Words))
        steps += said[spoken:ahead]
        steps.append(step)
    spoken = sum(1 for done in steps if isinstance(done, Words))
    return steps + said[spoken:]


def joined(
    outputs: Sequence[OutputItem], contents: Sequence[list[Step]], *, interleave: bool
) -> list[Step]:
    """Return the whole score of a response.

    interleave: announce and stream each output before the ones before it are finished.
    """
    score: list[Step] = []
    for output, deltas in zip(outputs, contents, strict=True):
        score += [Begin(output), *deltas]
        if not interleave:
            score.append(End(output))
    if interleave:
        score += [End(output) for output in outputs]
    return score
