"""The model speaks of this code: its tables are the code's, and its steps are a session's.

The tables in Promela are made from the code. Here they are read back from the text and compared
with the golden files that people review, and with the machines on ids of all kinds.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest
from msgspec.structs import asdict
from proof.model.agreement import Disagreement, Twin, searched, steps, walked
from proof.model.catalogue import FOLLOWED, LARGE, RULES, SMALL, WALKED, Case
from proof.model.search import Question, follow, search
from proof.model.source import FOLDER, WRITTEN, Scenario, lay_out, read, walk
from proof.model.tables import MACHINES, Machine, promela

from core.test_tables import MACHINES as REVIEWED
from core.test_tables import aligned, rows

Golden = Callable[[str, str], None]
State = dict[str, str]

SEEDS, STATEMENTS = 3, 6_000
IDS = ("a", "b", "c", None)
NAMES = {machine.name: machine for machine in MACHINES}
EFFECTS_MAX = 3

OPTION = re.compile(r"^  :: (.+?) -> (.*)$", re.MULTILINE)


class Text:
    """A machine's table as it stands in the Promela: options, each with conditions and actions."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        text = promela(machine).replace("[C_]", "")
        self._options = [
            (
                [condition.split(" ") for condition in guard.split(" && ")],
                [action.split(" = ") for action in actions.split("; ") if " = " in action],
            )
            for guard, actions in OPTION.findall(text)
        ]

    def take(self, phase: Any, event: Any) -> tuple[State, State]:
        """Return the variables and the effects that follow; exactly one option has to be open."""
        state = self.state(phase)
        known = state | self.arguments(event)

        def value(term: str) -> str:
            return known.get(term, term)

        fitting = [
            actions
            for conditions, actions in self._options
            if all((value(x) == value(y)) == (sign == "==") for x, sign, y in conditions)
        ]
        assert len(fitting) == 1, f"{len(fitting)} options for {phase} and {event}"
        effects: State = {}
        for variable, term in fitting[0]:
            into = effects if variable.startswith("fx") else known
            into[variable] = value(term)
        return {name: known[name] for name in state}, effects

    def advance(self, phase: Any, event: Any) -> tuple[Any, tuple[Any, ...]]:
        """Return what the text makes of it as values of the machine."""
        state, effects = self.take(phase, event)
        named = [effects[f"fx[{at}]"] for at in range(EFFECTS_MAX) if f"fx[{at}]" in effects]
        about = [effects[f"fx_of[{at}]"] for at in range(len(named))]
        produced = (
            self._value(name, {"R": of, "I": of}) for name, of in zip(named, about, strict=True)
        )
        return self._value(state[self._machine.name], state), tuple(produced)

    def _value(self, name: str, state: Mapping[str, str]) -> Any:
        cls = getattr(self._machine.module, name.removeprefix(f"{self._machine.name}_"))
        places = (self._machine.places[field] for field in cls.__struct_fields__)
        found = [state.get(place.variable) or state[place.argument] for place in places]
        return cls(*(None if each == "0" else each for each in found))

    def state(self, phase: Any) -> State:
        """Return a phase as the model's variables have it; no id is 0."""
        places = self._machine.places
        state = {place.variable: "0" for place in places.values() if place.variable}
        kept = {places[f].variable: v for f, v in asdict(phase).items() if f in places}
        return state | _written(kept) | {self._machine.name: self._machine.name_of(phase)}

    def arguments(self, event: Any) -> State:
        """Return an event as the arguments of the model's table."""
        places = self._machine.places
        given = {places[f].argument: v for f, v in asdict(event).items() if f in places}
        none = {place.argument: "0" for place in places.values()}
        return none | _written(given) | {"EVENT": self._machine.name_of(event)}

    def effects(self, effects: tuple[Any, ...]) -> State:
        """Return effects as the model has them."""
        found: State = {}
        for at, effect in enumerate(effects):
            named = (f for f in ("response_id", "item_id") if f in self._machine.places)
            about = [getattr(effect, field) for field in named if hasattr(effect, field)]
            found[f"fx[{at}]"] = self._machine.name_of(effect)
            found |= _written({f"fx_of[{at}]": about[0] if about else None})
        return found


def _written(values: Mapping[str, object]) -> State:
    return {
        name: str(int(value)) if isinstance(value, bool) else str(value) if value else "0"
        for name, value in values.items()
    }


def samples(machine: Machine, kind: str) -> Iterator[Any]:
    """Yield phases or events of every class, with every id in every place."""
    for cls in machine.classes(kind):
        hints = get_type_hints(cls)
        choices = [
            (False, True) if hints[field] is bool else IDS if get_args(hints[field]) else IDS[:-1]
            for field in cls.__struct_fields__
        ]
        yield from (cls(*values) for values in product(*choices))


# -- the tables


@pytest.mark.parametrize("name", ["slot", "floor"])
def test_the_model_s_table_is_the_one_that_was_reviewed(name: str, golden: Golden) -> None:
    text = SimpleNamespace(advance=Text(NAMES[name]).advance)
    golden(name, aligned(rows(REVIEWED[name]._replace(module=text))))  # pyright: ignore[reportArgumentType] - it advances like one


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_the_model_s_table_does_what_the_machine_does_whatever_the_ids(machine: Machine) -> None:
    text = Text(machine)
    for phase, event in product(samples(machine, "Phase"), samples(machine, "Event")):
        after, effects = machine.module.advance(phase, event)
        assert text.take(phase, event) == (text.state(after), text.effects(effects)), (phase, event)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_random_walks_of_a_machine_are_walks_of_the_model(machine: Machine) -> None:
    chance, text = Random(8), Text(machine)
    events = list(samples(machine, "Event"))
    phase = next(samples(machine, "Phase"))
    for _ in range(2_000):
        event = chance.choice(events)
        after, effects = machine.module.advance(phase, event)
        assert text.take(phase, event) == (text.state(after), text.effects(effects)), (phase, event)
        phase = after


# -- the gateway


@pytest.mark.parametrize("case", WALKED, ids=lambda case: case.name)
def test_a_session_walks_as_the_model_does(case: Case, tmp_path: Path) -> None:
    lay_out(tmp_path)
    for seed in range(SEEDS):
        assert walked(walk(tmp_path, case.scenario, seed, STATEMENTS), case.scenario) > 20


@pytest.mark.parametrize("case", FOLLOWED, ids=lambda case: case.name)
def test_a_session_goes_wherever_the_model_goes(case: Case, tmp_path: Path) -> None:
    assert searched(follow(case.scenario, tmp_path), case.scenario) > 300


def test_a_session_that_goes_elsewhere_is_noticed(tmp_path: Path) -> None:
    scenario = WALKED[0].scenario
    lay_out(tmp_path)
    lines = walk(tmp_path, scenario, 1, STATEMENTS)
    silent = [line for line in lines if not line.startswith("< SendRequest")]
    with pytest.raises(Disagreement, match="SendRequest"):
        walked(silent, scenario)
    twin = Twin(scenario)
    step = next(steps(lines))
    with pytest.raises(Disagreement, match="stands"):
        twin.take(step._replace(stands=("slot_Active", "0", "0", "0", "0", "1")))


# -- the searches


def test_a_broken_promise_is_named_and_the_way_there_shown() -> None:
    rule = RULES[0]
    found = search(rule.scenario._replace(without=(rule.switch,)), Question.SHORTEST)
    assert (found.verdict, found.broken) == ("violated", "where nothing more is due, nobody waits")
    assert any(line.startswith("> SlotTaken") for line in found.way)


def test_every_assertion_says_what_is_promised() -> None:
    files = [FOLDER / name for name in WRITTEN if name != "gateway.pml"]
    lines = [line for file in files for line in file.read_text().splitlines()]
    asserted = [line for line in lines if line.strip().startswith("assert(")]
    assert len(asserted) > 15
    assert [line for line in asserted if not re.search(r"/\* [a-z].* \*/$", line)] == []


def test_every_rule_can_be_taken_away() -> None:
    written = "".join((FOLDER / name).read_text() for name in WRITTEN)
    switches = [rule.switch for rule in RULES]
    assert [switch for switch in switches if switch not in written] == []


def test_a_scenario_is_read_as_it_is_written() -> None:
    for case in (*LARGE, *SMALL, *FOLLOWED, *WALKED, *RULES):
        assert read(str(case.scenario)) == case.scenario
    with pytest.raises(KeyError, match="WISHFUL"):
        read("2 wishes, wishful")


def test_an_unknown_bound_is_refused() -> None:
    with pytest.raises(KeyError, match="WISH"):
        Scenario({"WISH": 1}).defines()


def test_spin_is_there() -> None:
    assert shutil.which("spin"), "the package spin is missing"
