"""The functions that `turngate talk` answers itself, so that a first conversation has something to call.

They tell only what is true: no invented weather.
"""

import random
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

CITIES = {
    "bangalore": "Asia/Kolkata",
    "barcelona": "Europe/Madrid",
    "beijing": "Asia/Shanghai",
    "boston": "America/New_York",
    "cape town": "Africa/Johannesburg",
    "delhi": "Asia/Kolkata",
    "edinburgh": "Europe/London",
    "frankfurt": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "hamburg": "Europe/Berlin",
    "houston": "America/Chicago",
    "kyoto": "Asia/Tokyo",
    "miami": "America/New_York",
    "milan": "Europe/Rome",
    "montreal": "America/Toronto",
    "mumbai": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "osaka": "Asia/Tokyo",
    "rio de janeiro": "America/Sao_Paulo",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "washington": "America/New_York",
}
"""Cities after which no time zone is named; the others are found by the zone's name."""


def get_time(city: str) -> dict[str, str]:
    """Tell the local time and day in a city."""
    now = datetime.now(ZoneInfo(zone_of(city)))
    return {"city": city, "time": f"{now:%H:%M}", "day": f"{now:%A}"}


def roll_dice(sides: int = 6) -> dict[str, int]:
    """Roll one die with this many sides."""
    return {"rolled": random.randint(1, sides)}


FUNCTIONS = {"get_time": get_time, "roll_dice": roll_dice}


def zone_of(city: str) -> str:
    """Return the name of the time zone of `city`.

    Raises:
        LookupError: the city is not known, or this computer has no time zone database.

    """
    wanted = city.strip().lower().replace("_", " ")
    if wanted in CITIES:
        return CITIES[wanted]
    zones = available_timezones()
    if not zones:
        raise LookupError("this computer has no time zone database; install the package tzdata")
    for zone in sorted(zones):
        if wanted in {zone.lower(), zone.rpartition("/")[2].lower().replace("_", " ")}:
            return zone
    raise LookupError(f"no time zone is known for {city}")
