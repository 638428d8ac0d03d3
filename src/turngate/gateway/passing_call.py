"""A call that Deepgram itself answers: the key is added, and nothing else.

Every message goes through as it came, in its order, text as text and binary as binary; so do the
close codes and their reasons, both ways. The turn is Deepgram's.
"""

from turngate import errors
from turngate.core import events
from turngate.dialects import agent as front
from turngate.gateway import limits
from turngate.gateway.allowance import Allowance
from turngate.gateway.call import NORMAL, Call, Owner, contained
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import ABNORMAL, NO_STATUS
from turngate.gateway.target import Target
from turngate.units import pcm_bytes
from turngate.wire.codec import encode

_SECOND_BYTES = pcm_bytes(1_000, 48_000)


class PassingCall(Call):
    """A client of Deepgram's, whichever of its messages it speaks."""

    def __init__(
        self,
        call_id: str,
        target: Target,
        owner: Owner,
    ) -> None:
        allowed = owner.allowed
        to_upstream = Outbox(limits.UPSTREAM_QUEUE_BYTES)
        # What the audio is, only Deepgram is told; so it counts as the largest that there is.
        second = allowed.audio_speed * _SECOND_BYTES
        burst = allowed.audio_burst_s * _SECOND_BYTES
        self._audio = Allowance(second, burst, owner.outside.now_ms, self._too_much_audio)
        super().__init__(
            call_id,
            target,
            owner,
            to_upstream,
            self._client_spoke,
            allowed.native_message_bytes,
        )

    def _client_spoke(self, audio: bytes) -> None:
        self._audio.left -= len(audio)
        if self._audio.left < 0:
            self._audio.refill()
        self._to_upstream.send_audio(audio)

    def _client_said(self, text: bytes) -> None:
        self._count_message()
        self._to_upstream.send_text(text)

    def _upstream_said(self, text: bytes) -> None:
        self._upstream_spoke_ms = self._now_ms()
        self._to_client.send_text(text)

    def _upstream_sent_binary(self, message: bytes) -> None:
        self._upstream_spoke_ms = self._now_ms()
        self._to_client.send_audio(message)

    def _client_ended(self, code: int, reason: str) -> None:
        self._to_upstream.flush()
        self._upstream.close(_sayable(code), reason)
        super()._client_ended(code, reason)

    @contained
    def _upstream_ended(self, code: int, reason: str) -> None:
        """Close as Deepgram closed, behind its last word; a cut connection is a failure of its."""
        if code == ABNORMAL:
            self._receive(events.UpstreamFailed(errors.UpstreamLost("it was cut off")))
        else:
            self._to_client.flush()
            self._close = (_sayable(code), reason)
            self._hang_up()

    def _receive(self, event: events.Event) -> None:
        match event:
            case events.UpstreamFailed(error):
                self.end(error)
            case events.ClientGone():
                self._hang_up()
            case _:
                pass  # whoever opened, Deepgram says so

    @property
    def waiting(self) -> int:
        """Nothing waits for a slot here."""
        return 0

    @property
    def is_in_turn(self) -> bool:
        """The turn is Deepgram's, and not known here."""
        return False

    @property
    def _has_sent_all(self) -> bool:
        """Whether nothing waits for the client, and Deepgram seems to have no more to say."""
        quiet_ms = self._now_ms() - self._upstream_spoke_ms
        return super()._has_sent_all and quiet_ms >= limits.PASSING_QUIET_S * 1_000

    def _failure(self, error: errors.TurngateError) -> bytes:
        return encode(front.failure(error))


def _sayable(code: int) -> int:
    """Return a close code as it may be sent: what stands for none is a normal end."""
    return NORMAL if code in {NO_STATUS, ABNORMAL} else code
