"""Where and when the proof is run, and of what."""

import datetime as dt
import os
import platform
import re
import subprocess
from pathlib import Path


def machine() -> str:
    """Describe the machine: processor, cores, memory, system, and what does the work."""
    cores = os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return (
        f"{processor()}, {cores} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}, "
        f"{first_words('spin', '-V')}, gcc {first_words('gcc', '-dumpfullversion')}"
    )


def processor() -> str:
    """Return the processor's name, as far as the system tells."""
    known = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", known.read_text()) if known.exists() else None
    return found[1].strip() if found else platform.machine()


def first_words(*command: str) -> str:
    """Return the first line that a program prints, without its date."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return f"no {command[0]}"
    return done.stdout.splitlines()[0].partition(" -- ")[0] if done.stdout else "unknown"


def today() -> str:
    """Return the date in UTC."""
    return dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%d")


def commit() -> str:
    """Return the commit that is run; a plus if it was changed since."""
    changed = first_words("git", "status", "--porcelain", "--", "src", "proof") != "unknown"
    return first_words("git", "rev-parse", "--short", "HEAD") + "+" * changed
