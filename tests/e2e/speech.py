"""What a caller says, as frames of audio; to the emulator's detection of turns a tone is speech."""

from e2e.script import Step, client
from turngate.audio.tone import silence, tone

FRAME_BYTES = 960 * 2  # 40 ms


def frames(pcm: bytes) -> tuple[Step, ...]:
    """Return the steps that say this."""
    return tuple(client >> pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES))


SPEECH = frames(silence(200) + tone(600))
PAUSE = frames(silence(800))
"""The server detects the end of speech on the clock of the audio, which may come in one burst."""
