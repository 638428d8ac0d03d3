"""Calls over real sockets, in each weather on each leg: answered, or ended with a reason, and when.

python -m proof.sockets            the short form, seconds
python -m proof.sockets --long     at many moments of a turn, and black holes, which keepalives
                                   take 20 s to notice
"""

import asyncio
import sys
import time
from collections import defaultdict

from proof.form import Form, asked
from proof.sockets.calls import Call, figures_of, play
from proof.sockets.scenarios import LEGS, SCENARIOS, Leg, Scenario

AT_ONCE = 4
"""They mostly wait."""


def chosen(form: Form) -> list[tuple[Scenario, Leg, float]]:
    """Return what a form plays; first what takes longest."""
    slowest_first = sorted(SCENARIOS, key=lambda scenario: -scenario.within_s)
    return [
        (scenario, leg, moment_ms)
        for scenario in slowest_first
        if scenario.is_short or form == "long"
        for leg in LEGS
        for moment_ms in scenario.moments_ms[: 2 if form == "short" else None]
    ]


async def play_all(form: Form) -> dict[str, dict[str, object]]:
    """Play every scenario of a form on each leg, some beside each other."""
    came_to: defaultdict[str, list[Call]] = defaultdict(list)
    free = asyncio.Semaphore(AT_ONCE)
    waiting = chosen(form)
    left = len(waiting)

    async def one(scenario: Scenario, leg: Leg, moment_ms: float) -> None:
        nonlocal left
        async with free:
            came_to[f"{scenario.name}, {leg}"] += await play(scenario, leg, moment_ms)
        left -= 1
        sys.stderr.write(f"\r{len(waiting) - left} of {len(waiting)} played")
        sys.stderr.flush()

    await asyncio.gather(*(one(*each) for each in waiting))
    sys.stderr.write("\n")
    names = [f"{scenario.name}, {leg}" for scenario in SCENARIOS for leg in LEGS]
    return {name: figures_of(came_to[name]) for name in names if name in came_to}


def run(form: Form) -> dict[str, object]:
    """Play the scenarios of a form; return the figures, `ok` among them."""
    began_s = time.monotonic()
    found = asyncio.run(play_all(form))
    for name, each in found.items():
        if each["wrong"]:
            sys.stderr.write(f"{name}: {each['wrong']}\n")
    return {
        "piece": "sockets",
        "form": form,
        "ok": not any(each["wrong"] for each in found.values()),
        "scenarios": found,
        "seconds": round(time.monotonic() - began_s, 1),
    }


def main() -> int:
    """Run what the command line says; 0 where everything held."""
    return asked("sockets", __doc__, "at many moments, black holes too", run)
