"""The audio of one call: the microphone going up, the agent's speech coming down.

The hot path. Frames pass here without touching the machines: the core opens and closes the gate,
and the playhead notes what was sent. A call that speaks the upstream's own format pays for no other.
"""

import binascii
import sys
from collections.abc import Callable
from math import inf

import pybase64
from picows import WSMsgType

from turngate.audio import g711
from turngate.audio.pcm import Framer
from turngate.audio.playhead import Heard, Playhead
from turngate.audio.polyphase import Polyphase
from turngate.audio.wav import stream_header
from turngate.dialects.formats import LINEAR, RATES, Format
from turngate.gateway import limits
from turngate.gateway.allowance import Allowance
from turngate.gateway.outbox import Outbox
from turngate.gateway.pacer import Pacer
from turngate.units import RATE_HZ, SAMPLE_BYTES, Ms, pcm_bytes
from turngate.wire.audio_frames import Spelling, learn
from turngate.wire.codec import encode_append
from turngate.wire.realtime import ResponseOutputAudioDelta

_EVENT, _AUDIO = WSMsgType.TEXT, WSMsgType.BINARY
"""Looked up once, as in frames.py."""

_LARGEST = Format(LINEAR, max(RATES[LINEAR]))


def _lasting(limit_bytes: int, audio: Format) -> int:
    """Return the size in `audio` of what takes `limit_bytes` in the upstream's PCM, as samples."""
    if audio.encoding == LINEAR:
        return limit_bytes * audio.rate_hz // RATE_HZ // SAMPLE_BYTES * SAMPLE_BYTES
    return limit_bytes * g711.BYTES_PER_MS // pcm_bytes(1)


class Microphone:
    """The client's audio on its way up, from the client's format to the upstream's.

    Audio is held until the session is configured, then passed on. `allowance` counts its bytes.
    """

    __slots__ = (
        "_allowance",
        "_convert",
        "_format",
        "_held",
        "_held_limit",
        "_measure",
        "_outbox",
        "dropped_bytes",
        "is_used",
    )

    def __init__(self, outbox: Outbox, allowance: Allowance | None = None) -> None:
        self._outbox = outbox
        self._allowance = allowance or Allowance(0, sys.maxsize, lambda: Ms(0), lambda: None)
        self._format = Format()
        self._convert: Callable[[bytes], bytes] | None = None
        self._measure: Callable[[int], None] | None = None
        self._held = bytearray()
        # Audio may come before the Settings that say what it is; then the largest sets the bound.
        self._held_limit = _lasting(limits.MICROPHONE_BYTES, _LARGEST)
        self.dropped_bytes = 0
        self.is_used = False
        """Whether the client has sent audio at all: only who speaks interrupts by speaking."""

    @property
    def is_open(self) -> bool:
        """Whether what is heard passes, and its format is beyond change."""
        return self._convert is not None

    def hear(self, audio: bytes) -> None:
        """Take a frame of any length.

        Raises:
            Overflow: The upstream does not read.

        """
        self.is_used = True
        allowance = self._allowance
        allowance.left = left = allowance.left - len(audio)
        if left < 0:
            allowance.refill()
        convert = self._convert
        if convert is None:
            self._held += audio
            self._drop_oldest()
            return
        if converted := convert(audio):
            message = encode_append(converted)
            free = self._outbox.free
            if free is not None:
                free.send(_EVENT, message)
            else:
                self._outbox.send_audio(message, _EVENT)
        if self._measure is not None:
            self._measure(len(audio) * 1_000 // _lasting(pcm_bytes(1_000), self._format))

    def agree(self, spoken: Format) -> None:
        """Take all audio, also what is held, for this format; before `open`."""
        self._allowance.scale(
            _lasting(pcm_bytes(1_000), spoken) / _lasting(pcm_bytes(1_000), self._format)
        )
        self._format = spoken
        self._held_limit = _lasting(limits.MICROPHONE_BYTES, spoken)
        self._drop_oldest()

    def measure(self, measure: Callable[[int], None] | None) -> None:
        """Tell `measure` from now on how long (ms) each frame that passes takes, or nobody."""
        self._measure = measure

    def pad(self, silence_ms: int) -> None:
        """Add silence to what was heard, once it is open; it is not measured.

        Raises:
            Overflow: The upstream does not read.

        """
        silent = g711.SILENCE.get(self._format.encoding, b"\0")
        silence = silent * _lasting(pcm_bytes(silence_ms), self._format)
        if self._convert is not None and (converted := self._convert(silence)):
            self._outbox.send_audio(encode_append(converted), _EVENT)

    def open(self) -> None:
        """Let everything pass from now on, what was held first.

        Raises:
            Overflow: The upstream does not read.

        """
        if self.is_open:
            return
        self._convert = self._way()
        held, self._held = bytes(self._held), bytearray()
        size = _lasting(limits.AUDIO_FRAME_BYTES, self._format)
        for start in range(0, len(held), size):
            self.hear(held[start : start + size])

    def hold(self) -> None:
        """Hold what is heard from now on, until `open`."""
        self._convert = None

    def _way(self) -> Callable[[bytes], bytes]:
        if self._format.encoding != LINEAR:
            return bytes  # G.711 goes up as it comes, and every byte of it is a sample
        if self._format.rate_hz == RATE_HZ:
            return Framer().push
        return Polyphase(self._format.rate_hz, RATE_HZ).push

    def _drop_oldest(self) -> None:
        excess = max(0, len(self._held) - self._held_limit)
        excess += excess % SAMPLE_BYTES  # the odd byte of a sample may still come
        del self._held[:excess]
        self.dropped_bytes += excess


class Speaker:
    """The agent's audio on its way down, behind a gate that opens for one item at a time."""

    __slots__ = (
        "_bytes_per_ms",
        "_due",
        "_frame_bytes",
        "_gate",
        "_header",
        "_lead_ms",
        "_outbox",
        "_pacer",
        "_passing_bytes",
        "_playhead",
        "_resampler",
        "_spelling",
    )

    def __init__(self, outbox: Outbox, pacer: Pacer) -> None:
        self._outbox, self._pacer = outbox, pacer
        self._lead_ms = inf
        self._gate: tuple[str, str] | None = None
        self._spelling: Spelling | None = None
        self._playhead = Playhead()
        self.agree(Format())

    def agree(self, heard: Format) -> None:
        """Send this format from now on; before the first audio."""
        self._resampler: Polyphase | None = None
        self._bytes_per_ms = g711.BYTES_PER_MS  # in the upstream's format, as in what comes
        self._header = self._due = b""
        if heard.encoding == LINEAR:
            self._bytes_per_ms = pcm_bytes(1)
            if heard.rate_hz != RATE_HZ:
                self._resampler = Polyphase(RATE_HZ, heard.rate_hz)
        if heard.container == "wav":
            self._header = stream_header(heard.encoding, heard.rate_hz)
        self._frame_bytes = _lasting(limits.AUDIO_FRAME_BYTES, heard)
        # What is no longer than this goes out as it came.
        self._passing_bytes = -1 if self._resampler or self._header else self._frame_bytes
        self._due = self._header

    @property
    def is_done(self) -> bool:
        """Whether all that was generated has left."""
        return self._pacer.is_empty

    def open(self, response_id: str, item_id: str, lead_ms: float = inf) -> None:
        """Let this item's audio pass, no earlier than `lead_ms` before it is to be played."""
        self._shut()
        self._gate = (response_id, item_id)
        self._lead_ms = lead_ms

    def _shut(self) -> None:
        self._gate = self._spelling = None

    def close(self) -> None:
        """Let nothing pass any more, and send what the resampler holds of what has passed.

        Raises:
            Overflow: The client does not read.

        """
        self._shut()
        if self._resampler is not None:
            self._send(self._resampler.flush(), None if self._pacer.is_empty else -inf)

    def tell(self, message: bytes) -> None:
        """Send a text message that must not overtake the audio before it.

        Raises:
            Overflow: The client does not read.

        """
        self._pacer.follow(message)

    def end_turn(self) -> None:
        """Begin a new file with the next audio, where the client wants files."""
        self._due = self._header

    def discard(self) -> None:
        """Close, and throw away what has not left: the listener drops its buffer too."""
        self._shut()
        self._outbox.discard_audio()
        self._pacer.discard_audio()
        self._playhead.clear()
        if self._resampler is not None:
            self._resampler.reset()
        self.end_turn()

    def stop(self) -> None:
        """Forget what has not left; nothing follows."""
        self._shut()
        self._pacer.clear()

    def relay(self, frame: bytes, now_ms: int) -> bool:
        """Send the audio of an upstream frame that is spelt as those at the gate; else False.

        Raises:
            Overflow: The client does not read.

        """
        spelling, gate = self._spelling, self._gate
        if spelling is None or gate is None or (audio := spelling.cut(frame)) is None:
            return False
        try:
            self._say(gate[1], pybase64.b64decode(audio, validate=True), now_ms)
        except binascii.Error:
            return False
        return True

    def play(self, frame: bytes, event: ResponseOutputAudioDelta, now_ms: int) -> bool:
        """Send the audio of any upstream frame if its item is at the gate; False if it is not.

        `event` is what was decoded of it. The frames that follow may take the short way, `relay`.

        Raises:
            binascii.Error: The audio is not base64.
            Overflow: The client does not read.

        """
        ids = event.response_id or "", event.item_id or ""
        if ids != self._gate:
            return False
        self._say(ids[1], pybase64.b64decode(event.delta, validate=True), now_ms)
        self._spelling = learn(frame, event)
        return True

    def _say(self, item_id: str, audio: bytes, now_ms: int) -> None:
        leaves_ms = self._playhead.note(item_id, len(audio) / self._bytes_per_ms, now_ms)
        leaves_ms -= self._lead_ms
        is_early = leaves_ms > now_ms or self._pacer.waiting
        if len(audio) <= self._passing_bytes and not is_early:
            free = self._outbox.free
            if free is not None:
                free.send(_AUDIO, audio)
            else:
                self._outbox.send_audio(audio)
        else:
            converted = audio if self._resampler is None else self._resampler.push(audio)
            self._send(converted, leaves_ms if is_early else None)

    def _send(self, audio: bytes, leaves_ms: float | None) -> None:
        """Send audio in the client's format, in frames, behind a header that is due."""
        if not audio:
            return
        audio, self._due = self._due + audio, b""
        for start in range(0, len(audio), self._frame_bytes):
            frame = audio[start : start + self._frame_bytes]
            if leaves_ms is None:
                self._outbox.send_audio(frame)
            else:
                self._pacer.hold(frame, leaves_ms)
                leaves_ms += limits.AUDIO_FRAME_MS

    def played(self, now_ms: int) -> tuple[Heard, ...]:
        """Return how far each item has been played; one that has been played whole may be gone."""
        return self._playhead.heard(now_ms)
