"""The client's changes of the configuration: sent when they may be, acknowledged when confirmed."""

from turngate import errors
from turngate.core import effects
from turngate.core.configuration import Configuration
from turngate.core.patch import Patch
from turngate.core.policy import Policy
from turngate.core.sequencer import Sequencer
from turngate.core.waiting import Change, Update

UNCONFIRMED = errors.SettingsRefused("", "the upstream did not confirm them in time")


AGAIN = ""
"""The change that tells a new connection what is in force; nobody waits for its acknowledgement."""


class Changes:
    """Couples the configuration with the queue."""

    def __init__(self, sequencer: Sequencer, policy: Policy, out: list[effects.Effect]) -> None:
        self._sequencer, self._out = sequencer, out
        self._configuration = Configuration(policy.locked, policy.longest)

    def waiting(self) -> int:
        """Count the updates that wait for the slot."""
        return sum(isinstance(entry, Update) for entry in self._sequencer.waiting)

    def is_in_force(self, patch: Patch) -> bool:
        """Tell whether a change would change nothing, now and after all that waits."""
        return not self._sequencer.has_updates() and self._configuration.already_is(patch)

    def overgrown(self, patch: Patch) -> errors.PromptTooLong | None:
        """Tell that a change adds too much to a text, after all that waits."""
        return self._configuration.overgrown(patch, self._sequencer.coming())

    def add(self, change_id: str, patch: Patch) -> None:
        """Queue a change."""
        self._sequencer.add(Update((Change(change_id, patch),)))

    def tell_again(self) -> None:
        """Queue all that is in force, before anything else: a new connection knows nothing of it."""
        waiting = (each for each in self._sequencer.waiting if isinstance(each, Update))
        if not any(map(self.cannot_be_told, waiting)):
            again = Change(AGAIN, self._configuration.in_force)
            self._sequencer.add(Update((again,)), first=True)

    def wants_another(self, update: Update) -> bool:
        """Tell whether a change asks for what only another connection can do."""
        patch = update.patch
        _, kept = self._configuration.leaving(patch, agent_has_spoken=True)
        return bool(kept)

    def leaves(self, event_id: str, update: Update, *, agent_has_spoken: bool) -> bool:
        """Send an update, and tell what it cannot have; False if nothing of it is left to send."""
        patch, kept = self._configuration.leaving(update.patch, agent_has_spoken=agent_has_spoken)
        for path in kept:
            self._out.append(effects.Report(errors.VoiceKept(".".join(path))))
        if patch:
            self._out.append(effects.SendUpdate(event_id, patch))
        return bool(patch)

    def confirmed(self, update: Update) -> None:
        """Take the upstream's word, and acknowledge."""
        self._configuration.confirmed()
        for change in update.changes:
            if change.change_id != AGAIN:
                self.acknowledge(change.change_id)

    def acknowledge(self, change_id: str) -> None:
        """Tell the client that its change is in force."""
        self._out.append(effects.Acknowledge(change_id))

    def cannot_be_told(self, update: Update) -> bool:
        """Tell whether it is what was in force that a new connection refuses."""
        return any(change.change_id == AGAIN for change in update.changes)

    def declined(self, update: Update, why: errors.TurngateError | None) -> None:
        """Tell the client of each change that it is not in force."""
        for _ in update.changes:
            self._out.append(effects.Report(why or UNCONFIRMED))
