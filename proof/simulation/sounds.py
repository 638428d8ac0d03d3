"""What callers of the agent protocol utter, in their formats."""

from functools import cache

from turngate.audio.g711 import encode_ulaw
from turngate.audio.tone import silence, tone


@cache
def utterance(encoding: str, rate_hz: int, tone_ms: int, *, ends: bool) -> bytes:
    """Return a short sound in a client's format, with the silence that ends it."""
    pcm = silence(60, rate_hz) + tone(tone_ms, rate_hz=rate_hz)
    pcm += silence(320, rate_hz) if ends else b""
    return encode_ulaw(pcm) if encoding == "mulaw" else pcm


@cache
def murmur(encoding: str, rate_hz: int, length_ms: int) -> bytes:
    """Return too little to be a word."""
    pcm = silence(length_ms, rate_hz)
    return encode_ulaw(pcm) if encoding == "mulaw" else pcm
