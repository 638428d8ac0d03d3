"""Whether the client is there, and how long it may stay.

Whatever a client sends shows that it is there, audio too, which the core does not see: so each deadline
of its silence comes with the word whether it has sent anything since the one before.
"""

from msgspec import Struct

from turngate.core import effects, limits
from turngate.core.events import Timer
from turngate.errors import CallEnding, CallTooLong, ClientSilent, TurngateError
from turngate.units import Ms

SETTINGS, SILENCE = Timer("settings"), Timer("silence")
LENGTH, END = Timer("length"), Timer("end")


class Stay(Struct, frozen=True):
    """What a client is allowed; 0 is for ever.

    - settings_ms: until it has said what it wants.
    - silence_ms: without a message of any kind, while nobody owes it an answer.
    - length_ms: for the whole call; it is warned before.
    """

    settings_ms: Ms = Ms(0)
    silence_ms: Ms = Ms(0)
    length_ms: Ms = Ms(0)

    @property
    def warned_ms(self) -> Ms:
        """How long before the end of the call it is warned: at most half of it."""
        return Ms(min(limits.ENDING_SOON_MS, self.length_ms // 2))


class Presence:
    """The deadlines of one client."""

    def __init__(self, stay: Stay, out: list[effects.Effect]) -> None:
        self._stay, self._out = stay, out
        self._unheard = 0

    def began(self) -> None:
        """Set all deadlines: the client is here."""
        stay = self._stay
        for timer, after_ms in (
            (SETTINGS, stay.settings_ms),
            (SILENCE, stay.silence_ms // limits.SILENCE_LOOKS),
            (LENGTH, stay.length_ms - stay.warned_ms),
        ):
            if after_ms:
                self._set(timer, after_ms)

    def configured(self) -> None:
        """Note that the client has said what it wants."""
        if self._stay.settings_ms:
            self._out.append(effects.CancelTimer(SETTINGS))

    def fired(self, timer: Timer, *, is_heard: bool) -> TurngateError | None:
        """Take the passing of a deadline; return what to tell, which may end the session.

        `is_heard` where the client has sent something meanwhile, or waits for us.
        """
        if timer == SETTINGS:
            return ClientSilent("Settings", self._stay.settings_ms // 1000)
        if timer == SILENCE:
            return self._looked(is_heard=is_heard)
        if timer == END:
            return CallTooLong(self._stay.length_ms // 1000)
        self._set(END, self._stay.warned_ms)
        return CallEnding(self._stay.warned_ms // 1000)

    def _looked(self, *, is_heard: bool) -> TurngateError | None:
        self._unheard = 0 if is_heard else self._unheard + 1
        if self._unheard == limits.SILENCE_LOOKS:
            return ClientSilent("message", self._stay.silence_ms // 1000)
        self._set(SILENCE, self._stay.silence_ms // limits.SILENCE_LOOKS)
        return None

    def _set(self, timer: Timer, after_ms: int) -> None:
        self._out.append(effects.SetTimer(timer, Ms(after_ms)))
