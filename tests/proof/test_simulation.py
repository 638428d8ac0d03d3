"""The worlds of proof/simulation: each of their judges sees what it is there for."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from proof.simulation import unreached
from proof.simulation.row import Row
from proof.simulation.rows import Visits, read
from proof.simulation.trace import Digest, Trace
from proof.simulation.world import World

from turngate.core import effects, native
from turngate.errors import ResponseFailed, ResponseIncomplete
from turngate.gateway import log
from turngate.gateway.agent_call import AgentCall
from turngate.gateway.native_call import NativeCall
from turngate.wire.codec import encode
from turngate.wire.realtime import ResponseCreate

ROOT = Path(__file__).parents[2]


class Hasty(AgentCall):
    """Asks for a response as soon as there is something to answer, whoever has the slot."""

    def _perform(self, effect: effects.Effect) -> None:
        super()._perform(effect)
        if isinstance(effect, effects.SendItem):
            self._to_upstream.send_text(encode(ResponseCreate(event_id="hasty")))


class Forgetful(AgentCall):
    """Loses each fifth item."""

    def _perform(self, effect: effects.Effect) -> None:
        if not isinstance(effect, effects.SendItem) or not effect.item_id.endswith("5"):
            super()._perform(effect)


class Repeating(AgentCall):
    """Says everything twice."""

    def _perform(self, effect: effects.Effect) -> None:
        super()._perform(effect)
        if isinstance(effect, effects.SendItem):
            super()._perform(effects.SendItem(f"{effect.item_id}_again", effect.item))


class Flattering(AgentCall):
    """Says that everything is done, before it is."""

    def _perform(self, effect: effects.Effect) -> None:
        if isinstance(effect, effects.SendUpdate) and effect.event_id != "tg_update_1":
            self._perform(effects.Acknowledge("UpdatePrompt"))
        super()._perform(effect)


class Chattering(AgentCall):
    """Goes on to speak when the user has begun."""

    def _perform(self, effect: effects.Effect) -> None:
        super()._perform(effect)
        if isinstance(effect, effects.UserStarted):
            self._to_client.send_audio(b"\0\0")


class Mute(AgentCall):
    """Never says what went wrong."""

    def _perform(self, effect: effects.Effect) -> None:
        if not isinstance(effect, effects.Report):
            super()._perform(effect)


class Patient(AgentCall):
    """Has no deadlines."""

    def _perform(self, effect: effects.Effect) -> None:
        if not isinstance(effect, effects.SetTimer):
            super()._perform(effect)


class Unheeding(AgentCall):
    """Asks for a response while what the user said is on its way."""

    def _perform(self, effect: effects.Effect) -> None:
        super()._perform(effect)
        if isinstance(effect, effects.SendCommit):
            self._to_upstream.send_text(encode(ResponseCreate(event_id="unheeding")))


class Unasking(AgentCall):
    """Asks nothing of a connection that replaces another."""

    _is_another = False

    def _perform(self, effect: effects.Effect) -> None:
        self._is_another |= isinstance(effect, effects.Redial)
        if not self._is_another or not isinstance(effect, effects.SendRequest | effects.SetTimer):
            super()._perform(effect)


class Silent(AgentCall):
    """Tells nobody of an answer that failed."""

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Report(ResponseFailed() | ResponseIncomplete()):
                pass
            case _:
                super()._perform(effect)


class Breaking(AgentCall):
    """Has a bug."""

    def _perform(self, effect: effects.Effect) -> None:
        if isinstance(effect, effects.SendTruncate):
            raise LookupError  # noqa: TRY004 - any bug will do
        super()._perform(effect)


class Leaking(NativeCall):
    """Shows its client what the gateway has to deal with itself."""

    def _perform(self, effect: native.Effect) -> None:
        if not isinstance(effect, native.Withdraw):
            super()._perform(effect)


class Impatient(NativeCall):
    """Asks for a response of its own beside each of the client's."""

    def _perform(self, effect: native.Effect) -> None:
        super()._perform(effect)
        if isinstance(effect, native.ForwardAs):
            self._to_upstream.send_text(encode(ResponseCreate(event_id="impatient")))


@pytest.mark.parametrize("seed", [*range(8), 24, 100226, 100289])
def test_what_must_hold_holds(seed: int) -> None:
    assert World(seed).run().violations == []


@pytest.mark.parametrize(
    "call, invariant",
    [
        (Hasty, "I1"),
        (Forgetful, "I2"),
        (Repeating, "I2"),
        (Flattering, "truth"),
        (Chattering, "I4"),
        (Mute, "I8"),
        (Patient, "I2"),
        (Breaking, "bug"),
    ],
)
def test_a_gateway_that_does_wrong_is_found_out(call: type[AgentCall], invariant: str) -> None:
    found: Counter[str] = Counter()
    for seed in range(25):
        found.update(name for name, _ in World(seed, agent_call=call).run().violations)
        if found[invariant]:
            return
    pytest.fail(f"{call.__name__} broke {dict(found)} and not {invariant}")


def test_a_failure_that_nobody_is_told_of_is_found_out() -> None:
    broken = (World(seed, agent_call=Silent).run().violations for seed in range(25))
    assert any("its author was not told" in what for seed in broken for _, what in seed)


def test_a_question_that_a_new_connection_never_answers_is_found_out() -> None:
    """Beside one whose answer was cut on the connection before."""
    violations = World(100289, agent_call=Unasking).run().violations
    assert any("100289x1" in what and "no answer" in what for _, what in violations)


@pytest.fixture(autouse=True)
def quiet() -> None:
    log.configure("critical", "json")


@pytest.mark.parametrize("call, invariant", [(Leaking, "I2"), (Impatient, "I1")])
def test_so_is_one_of_the_other_front(call: type[NativeCall], invariant: str) -> None:
    found: Counter[str] = Counter()
    for seed in range(25):
        found.update(name for name, _ in World(seed, native_call=call).run().violations)
        if found[invariant]:
            return
    pytest.fail(f"{call.__name__} broke {dict(found)} and not {invariant}")


def test_a_request_beside_a_commit_is_found_out() -> None:
    for seed in range(25):
        broken = World(seed, agent_call=Unheeding).run().violations
        if any("unheeding beside ['tg_commit_" in what for _, what in broken):
            return
    pytest.fail("nobody minds")


def hashed(seed: int) -> str:
    taken = Digest()
    World(seed, watch=taken).run()
    return str(taken)


def test_a_seed_is_a_world() -> None:
    assert hashed(3) == hashed(3)
    assert hashed(3) != hashed(4)


def test_a_world_is_the_same_in_every_process() -> None:
    code = "from proof.simulation.run import digest; print(*map(digest, range(8)))"
    path = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    printed = {
        subprocess.run(  # noqa: S603 - our own interpreter and our own code
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
            check=True,
            capture_output=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(printed) == 1


def test_a_world_that_went_wrong_prints_a_script_of_its_call() -> None:
    trace = Trace()
    World(0, watch=trace, agent_call=Forgetful).run()
    script = str(next(iter(trace.scripts.values())))
    assert script.startswith("play(\n    client >> ClientOpened(")
    assert "openai << SendUpdate(" in script


def test_the_rows_that_worlds_pass_are_those_of_the_tables() -> None:
    visits = Visits()
    with visits.observed():
        World(0).run()
    passed = {str(row) for row in visits.passed}
    assert "slot: Idle RequestSent(e)" in passed
    assert "slot: Requested(e) Created(x, e)" in passed
    assert "slot: Active(r, e) Done(r, *)" in passed
    assert "slot: Active(r, e) Done(x, *)" not in passed


def test_only_rows_of_the_tables_are_listed_as_rare() -> None:
    rows = {str(row) for row in read() if not unreached.is_never_sent(row)}
    assert unreached.rare() <= rows


def test_a_row_that_is_never_sent_and_yet_passed_is_named() -> None:
    passed = [Row("slot", "Idle", "RequestSent(e)"), Row("slot", "Requested(e)", "RequestSent(e)")]
    assert unreached.impossible(passed) == ["slot: Requested(e) RequestSent(e)"]


def test_a_row_that_is_missed_and_not_listed_is_named() -> None:
    missed = [Row("slot", "Idle", "RequestSent(e)"), Row("slot", "Idle", "Overdue")]
    assert unreached.unlisted(missed) == ["slot: Idle RequestSent(e)"]
