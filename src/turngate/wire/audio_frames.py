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

    - start: up to the end of the type, which is nearly always the first thing.
    - head: from the first of the two ids to the quote that opens the audio.
    - at: where the head began, as it will again while the event ids are of one length.
    - tail: from the quote that closes the audio to the end.
    """

    start: bytes
    head: bytes
    at: int
    tail: bytes

    def cut(self, frame: bytes) -> bytes | None:
        """Return the audio of a frame of this item, or None to say: decode it in general.

        The audio is base64 and not checked; decode it with `validate=True`, which is the quicker
        way too: whatever else stands between the quotes is refused there. Never raises.
        """
        head = self.head
        at = self.at if frame.startswith(head, self.at) else frame.find(head, 0, _HEAD_WITHIN)
        is_audio = frame.startswith(self.start) or frame.find(_TYPE, 0, at) >= 0
        if at < 0 or not is_audio or not frame.endswith(self.tail):
            return None
        return frame[at + len(head) : -len(self.tail)]


def learn(frame: bytes, event: ResponseOutputAudioDelta) -> Spelling | None:
    """Return the spelling of `frame`, of which `event` was decoded, or None for an unusual one."""
    audio = event.delta.encode()
    ids_at = min(frame.find(b'"response_id"'), frame.find(b'"item_id"'))
    audio_at = frame.find(b'"%b"' % audio) + 1
    head, tail = frame[ids_at:audio_at], frame[audio_at + len(audio) :]
    type_at = frame.find(_TYPE, 0, max(ids_at, 0))
    start = frame[: type_at + len(_TYPE)]
    is_usual = (
        0 <= type_at < ids_at < min(audio_at, _HEAD_WITHIN) and b'"event_id"' not in head + tail
    )
    spelling = Spelling(start, head, ids_at, tail)
    return spelling if is_usual and spelling.cut(frame) == audio else None
