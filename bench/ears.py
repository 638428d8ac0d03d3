"""Measure the ears: how much of the command set they get, what they do with other speech.

    python bench/ears.py            # needs flite, and the extra `local`; about two minutes
    python bench/ears.py --curve docs/explanation/local-ears.svg

Each sentence is said by a voice of flite, with hiss at -74 dBFS, to an ear that has heard nothing
before. The curve is over all thresholds; the marked point is the one in use.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ears_sentences import COMMANDS, LONG_OTHERS, SHORT_OTHERS

from turngate.audio.resample import resampled
from turngate.audio.wav import read_wav
from turngate.emulator.ears.ear import MOST_MISFIT, Ear
from turngate.emulator.ears.selftest import recorded
from turngate.emulator.espeak import Espeak
from turngate.units import RATE_HZ, pcm_bytes, pcm_ms

FLITE_VOICES = ("slt", "rms", "awb", "kal16")
ESPEAK_VOICES = ("en-us", "en-gb-x-rp")
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Trial:
    """One sentence by one voice. misfit: infinite where no whole sentence was heard at all."""

    voice: str
    kind: str
    said: str
    heard: str
    misfit: float
    cpu_ratio: float

    @property
    def is_right(self) -> bool:
        """Whether the words are those that were said."""
        return self.heard == self.said


def flite(voice: str, text: str) -> bytes:
    """Return `text` as s16le mono PCM at 24 kHz."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True)  # noqa: S607 - from the path
        pcm, rate_hz = read_wav(file.name)
    return resampled(pcm, rate_hz, RATE_HZ)


def trial(voice: str, kind: str, said: str, noise_db: float | None) -> Trial:
    """Let a fresh ear hear one sentence."""
    pcm = Espeak().speak(said, voice).audio if voice in ESPEAK_VOICES else flite(voice, said)
    pcm = recorded(pcm)
    if noise_db is not None:
        pcm = noisy(pcm, noise_db)
    ear = Ear()
    ear.attend()
    _ = ear.grammar
    began_s = time.process_time()
    size = pcm_bytes(20)
    for start in range(0, len(pcm) - size + 1, size):
        ear.is_speech(pcm[start : start + size], RATE_HZ, 0.5)
    ear.finish()
    cpu_ratio = (time.process_time() - began_s) * 1000 / pcm_ms(len(pcm))
    guess = ear.guess
    if guess is None or not guess.is_whole:
        return Trial(voice, kind, said, guess.words if guess else "", NEVER, cpu_ratio)
    return Trial(voice, kind, said, guess.words, guess.misfit, cpu_ratio)


def noisy(pcm: bytes, noise_db: float) -> bytes:
    """Add white noise so many dB below the speech, whose loud half counts."""
    values = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    loud = np.abs(values) > np.quantile(np.abs(values), 0.5)
    level = float(np.sqrt(np.mean(values[loud] ** 2))) / 10 ** (noise_db / 20)
    noise = np.random.default_rng(1).normal(0, level, len(values))
    return np.clip(values + noise, -32768, 32767).astype("<i2").tobytes()


def trials(voices: Iterable[str], noise_db: float | None = None) -> list[Trial]:
    """Let every voice say everything."""
    kinds = {"command": COMMANDS, "long": LONG_OTHERS, "short": SHORT_OTHERS}
    return [
        trial(voice, kind, said, noise_db)
        for voice in voices
        for kind, sentences in kinds.items()
        for said in sentences
    ]


def share(part: Sequence[object], whole: Sequence[object]) -> float:
    """Return how much of the whole a part is, in percent."""
    return 100 * len(part) / len(whole) if whole else 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold makes of the trials, in percent: of the commands, and of other speech."""

    threshold: float
    right: float
    wrong: float
    long_taken: float
    short_taken: float


def point(done: Sequence[Trial], threshold: float) -> Point:
    """Judge all trials by one threshold."""
    commands = [each for each in done if each.kind == "command"]
    taken = [each for each in done if each.misfit <= threshold]
    of_commands = [each for each in taken if each.kind == "command"]
    return Point(
        threshold,
        right=share([each for each in of_commands if each.is_right], commands),
        wrong=share([each for each in of_commands if not each.is_right], commands),
        long_taken=_taken(done, taken, "long"),
        short_taken=_taken(done, taken, "short"),
    )


def _taken(done: Sequence[Trial], taken: Sequence[Trial], kind: str) -> float:
    return share(
        [each for each in taken if each.kind == kind], [each for each in done if each.kind == kind]
    )


HEAD = "threshold  commands right  wrong   long speech taken  short speech taken"


def row(at: Point) -> str:
    """Return a line of the table."""
    return (
        f"{at.threshold:9.1f} {at.right:13.1f}% {at.wrong:6.1f}% {at.long_taken:18.1f}%"
        f" {at.short_taken:18.1f}%"
    )


def curve(points: Sequence[Point], used: Point, path: Path) -> None:
    """Draw commands refused against other speech taken, for both kinds of other speech."""
    left, top, side = 60, 30, 320

    def place(refused: float, taken: float) -> str:
        return f"{left + refused * side / 100:.1f},{top + side - taken * side / 100:.1f}"

    def line(attribute: str, colour: str) -> str:
        path_points = " ".join(place(100 - at.right, getattr(at, attribute)) for at in points)
        x, y = place(100 - used.right, getattr(used, attribute)).split(",")
        return (
            f'<polyline points="{path_points}" fill="none" stroke="{colour}" stroke-width="2"/>\n'
            f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>'
        )

    ticks = "\n".join(
        f'<text x="{left - 8}" y="{top + side - n * side / 100 + 4}" text-anchor="end">{n}</text>'
        f'<text x="{left + n * side / 100}" y="{top + side + 18}" text-anchor="middle">{n}</text>'
        for n in range(0, 101, 20)
    )
    path.write_text(f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 440" font-family="sans-serif" font-size="12">
<title>Commands refused against other speech taken for a command, in percent</title>
<rect width="420" height="440" fill="#fff"/>
<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="none" stroke="#999"/>
{ticks}
<text x="{left + side / 2}" y="{top + side + 40}" text-anchor="middle">commands refused or misheard, %</text>
<text transform="translate(18,{top + side / 2}) rotate(-90)" text-anchor="middle">other speech taken for a command, %</text>
{line("long_taken", "#1f6fb2")}
{line("short_taken", "#c2571a")}
<text x="{left + 150}" y="{top + 24}" fill="#1f6fb2">sentences of 6 to 9 words</text>
<text x="{left + 150}" y="{top + 42}" fill="#c2571a">phrases of 2 or 3 words</text>
<text x="{left + 150}" y="{top + 60}">dot: the threshold in use</text>
</svg>
""")


def main() -> int:
    """Print the tables, and draw the curve where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--curve", type=Path, help="write the curve of quiet trials as SVG")
    asked = parser.parse_args()
    if shutil.which("flite") is None:
        print("flite is needed: apt-get install flite", file=sys.stderr)
        return 1
    thresholds = [1 + step / 10 for step in range(120)]
    for name, voices, noise_db in (
        ("flite, quiet", FLITE_VOICES, None),
        ("flite, white noise 15 dB down", FLITE_VOICES, 15.0),
        ("espeak-ng, quiet", ESPEAK_VOICES, None),
    ):
        done = trials(voices, noise_db)
        print(f"\n{name}: {len(done)} trials")
        for voice in voices:
            own = [each for each in done if each.voice == voice and each.kind == "command"]
            best = share([each for each in own if each.is_right], own)
            kept = point(own, MOST_MISFIT)
            print(
                f"  {voice:<12} nearest sentence right {best:5.1f}%, and taken {kept.right:5.1f}%"
            )
        print(HEAD)
        for threshold in sorted({2.0, 2.5, 3.0, MOST_MISFIT, 4.0, 4.5, 5.0, 6.0, 8.0}):
            print(row(point(done, threshold)))
        cpu = sorted(each.cpu_ratio for each in done)
        print(f"CPU: {cpu[len(cpu) // 2]:.3f} of real time at the median, {cpu[-1]:.3f} at most")
        for each in done:
            if each.kind == "command" and each.misfit <= MOST_MISFIT and not each.is_right:
                print(f"  taken wrongly: {each.voice} said {each.said!r}, heard {each.heard!r}")
        if asked.curve and name == "flite, quiet":
            curve([point(done, at) for at in thresholds], point(done, MOST_MISFIT), asked.curve)
    return 0


if __name__ == "__main__":
    sys.exit(main())
