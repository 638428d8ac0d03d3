"""The upstream's edge: where a server's own way of speaking ends.

A server that speaks as OpenAI's does costs nothing here.
"""

from collections.abc import Callable

from turngate.dialects import older
from turngate.dialects.profiles import Profile
from turngate.gateway.outbox import Outbox


class OlderOutbox(Outbox):
    """An outbox before a server of the older protocol."""

    __slots__ = ()

    def send_text(self, message: bytes) -> None:
        """Send an event as such a server understands it.

        Raises:
            Overflow: The peer does not read.

        """
        super().send_text(older.upward(message))


def outbox(profile: Profile, limit_bytes: int, audio_bytes: int | None = None) -> Outbox:
    """Return an outbox before a server of this profile."""
    kind = OlderOutbox if profile.is_older else Outbox
    return kind(limit_bytes, audio_bytes)


def reader(profile: Profile, said: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return what takes the events of a server of this profile, and hands them to `said`."""
    if not profile.is_older:
        return said

    def translated(event: bytes) -> None:
        for each in older.downward(event):
            said(each)

    return translated
