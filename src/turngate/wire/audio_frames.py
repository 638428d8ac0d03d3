"""The audio frames of one item, known by the spelling of the first.

They differ in their event id and their audio and in nothing else. A JSON parser looks at each byte
of the audio; who knows what stands before and behind it need not.

Source: OpenAI Realtime API reference, server events, `response.output_audio.delta`.
"""

import msgspec

from turngate.wire.realtime import ResponseOutputAudioDelta

_TYPE = b'"response.output_audio.delta"'
_HEAD_WITHIN = 400  # bytes; what servers write before the audio ends well below that


class Spelling(msgspec.Struct, frozen=True):
    """How a server spells the frames of an item.

    - head: from the first of the two ids to the quote that opens the audio.
    - tail: from the quote that closes it to the end.
    """

    head: bytes
    tail: bytes

    def cut(self, frame: bytes) -> bytes | None:
        """Return the audio of a frame of this item, or None to say: decode it in general.

        The audio is base64 and not checked; decode it with `validate=True`, which is the quicker
        way too: whatever else stands between the quotes is refused there. Never raises.
        """
        at = frame.find(self.head, 0, _HEAD_WITHIN)
        if at < 0 or frame.find(_TYPE, 0, at) < 0 or not frame.endswith(self.tail):
            return None
        return frame[at + len(self.head) : -len(self.tail)]


def learn(frame: bytes, event: ResponseOutputAudioDelta) -> Spelling | None:
    """Return the spelling of `frame`, of which `event` was decoded, or None for an unusual one."""
    audio = event.delta.encode()
    ids_at = min(frame.find(b'"response_id"'), frame.find(b'"item_id"'))
    audio_at = frame.find(b'"%b"' % audio) + 1
    head, tail = frame[ids_at:audio_at], frame[audio_at + len(audio) :]
    is_usual = 0 <= ids_at < audio_at and b'"event_id"' not in head + tail
    spelling = Spelling(head, tail)
    return spelling if is_usual and spelling.cut(frame) == audio else None
