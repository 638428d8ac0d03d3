"""The function calls of the responses of one connection, and which of them have no output yet."""

from turngate.emulator.audit import Ledger
from turngate.emulator.conversation import Conversation


class Calls:
    """What responses have called, by their ids. Whoever breaks one off need not follow up its calls."""

    def __init__(self, conversation: Conversation, ledger: Ledger) -> None:
        self._conversation, self._ledger = conversation, ledger
        self._made: dict[str, set[str]] = {}
        self._broken: set[str] = set()
        self._last_id: str | None = None

    def made(self, response_id: str, call_id: str) -> None:
        """Note a call that is complete."""
        self._made.setdefault(response_id, set()).add(call_id)

    def broken_off(self, response_id: str) -> None:
        """Note that somebody wished a response to end early."""
        self._broken.add(response_id)

    def ended(self, response_id: str, *, is_whole: bool) -> None:
        """Note the end of a response, whole or early."""
        self._last_id = response_id
        if not is_whole:
            self._broken.add(response_id)
        self._follow_up(response_id)

    def unanswered(self) -> list[str]:
        """Return the calls of the last response that have no output."""
        made = self._made.get(self._last_id or "", set())
        return [call_id for call_id in made if self._conversation.output(call_id) is None]

    def answered(self, call_id: str, *, running_id: str | None) -> None:
        """Note an output, which counts when the response is over that made the call."""
        for response_id, made in self._made.items():
            if call_id in made and response_id != running_id:
                self._follow_up(response_id)

    def _follow_up(self, response_id: str) -> None:
        """With the last output of a response's calls a turn wants an answer."""
        made = self._made.get(response_id, set())
        if made and all(self._conversation.output(call_id) for call_id in made):
            is_excused = response_id in self._broken
            self._ledger.turn(f"outputs of {response_id}", is_excused=is_excused)
