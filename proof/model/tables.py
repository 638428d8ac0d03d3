"""Promela from the code: the transition tables of the core's machines, as `advance` gives them.

A machine compares ids and does nothing else with them, so a few sample values show all it does:
`r` is the id that the phase knows, `x` another one, None is none. Each pair of phase and event
becomes rows in the model's own terms: which variable or argument the id that goes on comes from.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from types import ModuleType, NoneType
from typing import NamedTuple, TypeAlias, get_args, get_type_hints

from msgspec import Struct

from turngate.core import floor, limits, playback, reservation, setup, slot, tools

Terms: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of names in Promela: a variable and its value, an argument and its condition ..."""

KNOWN, OTHER = "r", "x"


class Place(NamedTuple):
    """Where the model has a field's value: a phase's in a variable, an event's in an argument."""

    variable: str
    argument: str


class Machine(NamedTuple):
    """A machine, and where the model has the fields of its phases, events and effects.

    A field that has no place makes no difference to the rows.
    """

    name: str
    module: ModuleType
    places: Mapping[str, Place]

    def classes(self, kind: str) -> tuple[type[Struct], ...]:
        """Return the classes of a `Phase`, `Event` or `Effect`, the first phase first."""
        named = getattr(self.module, kind)
        return get_args(named) or (named,)

    def name_of(self, value: Struct | type[Struct]) -> str:
        """Return a phase, event or effect as it is named in the model."""
        return f"{self.name}_{(value if isinstance(value, type) else type(value)).__name__}"


RUN, OWN = Place("slot_run", "R"), Place("slot_own", "E")

MACHINES = (
    Machine("slot", slot, {"response_id": RUN, "running": RUN, "holder": RUN, "event_id": OWN}),
    Machine(
        "reservation",
        reservation,
        {"response_id": Place("", "R"), "item_id": Place("reservation_of", "I")},
    ),
    Machine("floor", floor, {"item_id": Place("floor_of", "I")}),
    Machine("setup", setup, {}),
    Machine("tools", tools, {}),
    Machine(
        "playback",
        playback,
        {
            "response_id": Place("playback_of", "R"),
            "unheard": Place("playback_unheard", ""),
            "has_words": Place("", "WORDS"),
        },
    ),
)


class Row(NamedTuple):
    """A transition. `holds` and `given` are the values of variables and arguments at which it does.

    `after` are new values of variables; each effect has the value that it is about, `0` for none.
    """

    phase: str
    holds: Terms
    event: str
    given: Terms
    next: str
    after: Terms
    effects: Terms


def rows(machine: Machine) -> Iterator[Row]:
    """Yield every transition. Arguments that make no difference are not among the conditions."""
    for phase_class, event_class in product(machine.classes("Phase"), machine.classes("Event")):
        arguments, events = _samples(machine, event_class, (KNOWN, OTHER))
        for phase in _samples(machine, phase_class, (KNOWN,))[1]:
            outcomes: dict[tuple[str, Terms, Terms], set[tuple[str, ...]]] = {}
            for event in events:
                given = _all_given(machine, phase, event, arguments)
                outcomes.setdefault(_outcome(machine, phase, event), set()).add(given)
            every = {given for group in outcomes.values() for given in group}
            for outcome, group in outcomes.items():
                for given in _widened(group, every):
                    conditions = tuple(
                        (machine.places[field].argument, value)
                        for field, value in zip(arguments, given, strict=True)
                        if value
                    )
                    holds = _holds(machine, phase)
                    names = machine.name_of(phase), holds, machine.name_of(event_class), conditions
                    yield Row(*names, *outcome)


def _samples(
    machine: Machine, cls: type[Struct], ids: Sequence[str]
) -> tuple[list[str], list[Struct]]:
    """Return the fields that have a place in the model, and values of the class in all variety."""
    hints = get_type_hints(cls)
    choices: list[Sequence[object]] = []
    for field in cls.__struct_fields__:
        kinds = get_args(hints[field]) or (hints[field],)
        known: Sequence[object] = (False, True) if bool in kinds else ids
        if field not in machine.places:
            choices.append(known[:1])
        else:
            choices.append((*known, None) if NoneType in kinds else known)
    placed = [field for field in cls.__struct_fields__ if field in machine.places]
    return placed, [cls(*values) for values in product(*choices)]


def _field_at(machine: Machine, value: Struct, variable: str) -> object:
    """Return what a phase keeps in a variable of the model, None if nothing."""
    for field in value.__struct_fields__:
        if field in machine.places and machine.places[field].variable == variable:
            return getattr(value, field)
    return None


def _holds(machine: Machine, phase: Struct) -> Terms:
    """Tell apart the phases of a class: with and without an id, one bit or the other."""
    hints, found = get_type_hints(type(phase)), list[tuple[str, str]]()
    for field in phase.__struct_fields__:
        if field not in machine.places or hints[field] is str:
            continue
        value = getattr(phase, field)
        shown = str(int(value)) if isinstance(value, bool) else "some" if value else "none"
        found.append((machine.places[field].variable, shown))
    return tuple(found)


def _all_given(
    machine: Machine, phase: Struct, event: Struct, fields: Sequence[str]
) -> tuple[str, ...]:
    return tuple(_given(machine, phase, event, field) for field in fields)


def _given(machine: Machine, phase: Struct, event: Struct, field: str) -> str:
    """Return what an event's field is to the phase: the known id, some other, or none."""
    value = getattr(event, field)
    if value is None or value is False:
        return "none"
    known = _field_at(machine, phase, machine.places[field].variable)
    if known is None:
        return "some"
    return "known" if value == known else "other"


def _widened(group: set[tuple[str, ...]], every: set[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Join conditions into fewer, with an empty one where an argument does not matter."""
    found: dict[tuple[str, ...], None] = {}
    for given in sorted(group):
        wide = given
        for at in range(len(given)):
            loose = (*wide[:at], "", *wide[at + 1 :])
            covered = {each for each in every if _covers(loose, each)}
            wide = loose if covered <= group else wide
        found[wide] = None
    return list(found)


def _covers(pattern: tuple[str, ...], given: tuple[str, ...]) -> bool:
    return all(want in ("", has) for want, has in zip(pattern, given, strict=True))


def _outcome(machine: Machine, phase: Struct, event: Struct) -> tuple[str, Terms, Terms]:
    next_phase, effects = machine.module.advance(phase, event)
    after = dict.fromkeys((place.variable for place in machine.places.values()), "0")
    after.pop("", None)
    if next_phase == phase:
        after.clear()
    for field in next_phase.__struct_fields__:
        if after and field in machine.places:
            variable = machine.places[field].variable
            after[variable] = _term(machine, phase, event, field, getattr(next_phase, field))
    about = tuple((machine.name_of(each), _about(machine, phase, event, each)) for each in effects)
    return machine.name_of(next_phase), tuple(after.items()), about


def _about(machine: Machine, phase: Struct, event: Struct, effect: Struct) -> str:
    """Return the term for what an effect is about: a response rather than an item."""
    fields = [f for f in ("response_id", "item_id") if f in effect.__struct_fields__]
    placed = [field for field in fields if field in machine.places]
    if not placed:
        return "0"
    return _term(machine, phase, event, placed[0], getattr(effect, placed[0]))


def _term(machine: Machine, phase: Struct, event: Struct, field: str, value: object) -> str:
    """Return where a value comes from: what the phase knew, or what the event brought."""
    if value is None or isinstance(value, bool):
        return str(int(bool(value)))
    variable, argument = machine.places[field]
    if value == _field_at(machine, phase, variable):
        return variable
    for given in event.__struct_fields__:
        place = machine.places.get(given)
        if place and place.argument == argument and getattr(event, given) == value:
            return argument
    msg = f"{machine.name}: {value} comes from nowhere in {phase}, {event}"
    raise ValueError(msg)


# -- Promela

CONDITIONS = {
    "none": "{0} == 0",
    "some": "{0} != 0",
    "known": "{0} == {1}",
    "other": "{0} != 0 && {0} != {1}",
}


def promela(machine: Machine) -> str:
    """Return the declarations of a machine and `<name>_advance`, one option for each row."""
    names = [
        [machine.name_of(each) for each in machine.classes(kind)]
        for kind in ("Phase", "Event", "Effect")
    ]
    arguments = sorted({place.argument for place in machine.places.values()} - {""})
    variable = "tools[C_]" if machine.name == "tools" else machine.name
    head = ", ".join(["C_"] * (machine.name == "tools") + ["EVENT", *arguments])
    lines = [f"/* {machine.name}: made from core/{machine.name}.py */"]
    lines += [f"mtype = {{ {', '.join(group)} }};" for group in names]
    lines += [f"inline {machine.name}_advance({head}) {{", "  clear_effects();", "  if"]
    for at, row in enumerate(rows(machine)):
        lines.append(f"  {option(machine, row, variable, at)}")
    return "\n".join([*lines, "  fi", "}", ""])


def option(machine: Machine, row: Row, variable: str, at: int) -> str:
    """Return a row as one option of an `if`."""
    known = {place.argument: place.variable for place in machine.places.values()}
    conditions = [f"{variable} == {row.phase}"]
    conditions += [f"{v} == {x}" if x.isdigit() else CONDITIONS[x].format(v) for v, x in row.holds]
    conditions += [f"EVENT == {row.event}"]
    conditions += [CONDITIONS[x].format(a, known[a]) for a, x in row.given]
    # Effects first: they may be about what the phase knew until now.
    actions = [f"fx[{i}] = {fx}; fx_of[{i}] = {of}" for i, (fx, of) in enumerate(row.effects)]
    actions += [f"{v} = {x}" for v, x in row.after if v != x]
    actions += [f"{variable} = {row.next}"] * (row.next != row.phase)
    actions += [f"hit({machine.name}, {at})"]
    return f":: {' && '.join(conditions)} -> {'; '.join(actions)}"


def bounds() -> str:
    """Return the code's own bounds, as far as the coupling counts to them."""
    return f"#define TRIES {limits.TRIES}\n#define REDIALS {limits.REDIALS}\n"


if __name__ == "__main__":
    print(bounds(), *map(promela, MACHINES), sep="\n")
