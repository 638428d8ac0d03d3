"""What befalls a leg, and what calls may then come to."""

from collections.abc import Callable
from random import Random
from typing import Literal

import msgspec
from msgspec import Struct
from proof.sockets.proxy import Proxy, Weather

Leg = Literal["client", "upstream"]
LEGS: tuple[Leg, ...] = ("client", "upstream")

Befall = Callable[[Proxy], None]


class Scenario(Struct, frozen=True, kw_only=True):
    """What happens to a leg, some ms after a turn was asked.

    `ends` are the legs on which calls cannot go on from there: an upstream that is lost is replaced
    by another connection to it, as long as it can be reached; a caller that is lost is not.
    """

    name: str
    befall: Befall
    ends: tuple[Leg, ...] = ()
    within_s: float = 5.0
    """How long a turn, or the end of a call, may take from there on."""
    moments_ms: tuple[float, ...] = (0.0,)
    is_short: bool = True


def weather(**changes: object) -> Befall:
    """Return what changes the weather."""

    def befall(proxy: Proxy) -> None:
        proxy.weather = msgspec.convert(changes, Weather)

    return befall


def moments(times: int, longest_ms: float) -> tuple[float, ...]:
    """Return moments of a turn, the first of them its beginning."""
    chance = Random(8)
    return 0.0, *(round(chance.uniform(0, longest_ms), 1) for _ in range(times - 1))


TURN_MS = 700.0
"""About what a turn takes in fine weather."""
SUDDEN = moments(12, TURN_MS)
"""For what takes no time itself, so that it matters when it comes."""
GONE_S = 25.0
"""Keepalives notice in at most 20 s that a peer is gone."""
GIVEN_UP_S = GONE_S + 30.0
"""Then a new connection is tried for, and tried again."""

SCENARIOS = (
    Scenario(name="latency 80 ms", befall=weather(latency_ms=80.0)),
    Scenario(name="jitter up to 100 ms", befall=weather(latency_ms=20.0, jitter_ms=100.0)),
    Scenario(name="64 KiB/s", befall=weather(bytes_per_s=65536.0)),
    Scenario(name="slices of 7 bytes", befall=weather(slice_bytes=7), within_s=20.0),
    Scenario(name="reset", befall=Proxy.reset, ends=("client",), moments_ms=SUDDEN),
    Scenario(name="half-close", befall=Proxy.half_close, ends=("client",), moments_ms=SUDDEN),
    Scenario(
        name="black hole that spares new connections",
        befall=Proxy.swallow,
        ends=("client",),
        within_s=GONE_S,
        moments_ms=SUDDEN[:3],
        is_short=False,
    ),
    Scenario(
        name="black hole",
        befall=weather(is_black_hole=True),
        ends=("client", "upstream"),
        within_s=GIVEN_UP_S,
        moments_ms=SUDDEN[:3],
        is_short=False,
    ),
)
