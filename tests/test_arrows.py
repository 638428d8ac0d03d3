"""Who may import whom, and what the pure packages may not know of. ARCHITECTURE.md has the picture."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "turngate"

ROOTS = {"units", "errors"}
PURE = {"wire", "core", "dialects", "audio", "functions"}

ARROWS: dict[str, set[str]] = {
    "units": set(),
    "errors": {"units"},
    "answers": {"errors"},
    "wire": ROOTS,
    "core": ROOTS,
    "dialects": {"wire", "core", "answers"} | ROOTS,
    "audio": {"units"},
    "functions": {"core"} | ROOTS,
    "gateway": PURE | {"answers"} | ROOTS,
    # The stand-in must not share the gateway's mistakes, or the two would agree on them.
    "emulator": {"wire", "audio"} | ROOTS,
    "client": {"wire", "audio"} | ROOTS,
    "testing": {"emulator"},
    "pytest_plugin": {"emulator", "testing"},
    "cli": {"gateway", "emulator", "client", "web"} | ROOTS,
    "web": {"gateway"} | ROOTS,
    "__init__": {"gateway", "client", "web"} | ROOTS,
    "__main__": {"cli"},
}

# Clocks, chance, tasks, sockets, the process and its log: all of it belongs to the shell.
FORBIDDEN_IN_PURE = {
    "asyncio",
    "datetime",
    "importlib",
    "logging",
    "os",
    "random",
    "secrets",
    "socket",
    "ssl",
    "structlog",
    "subprocess",
    "threading",
    "time",
    "uuid",
}


def imports(tree: ast.Module, package: str) -> Iterator[tuple[str, int]]:
    """Yield the full name of everything imported, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            here = package.split(".")
            above = here[: len(here) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            # `from turngate import units` imports a module; `from x import Name` may not.
            yield from ((f"{module}.{name.name}", node.lineno) for name in node.names)


def faults(source: str, package: str) -> list[str]:
    """Return what is wrong with a module's imports; `package` is as in `turngate.core`."""
    tree = ast.parse(source)
    own = package.split(".")[1]
    found: list[str] = []
    for name, line in imports(tree, package):
        first, second = [*name.split("."), ""][:2]
        if first == "turngate" and second not in {own, *ARROWS[own]}:
            if second.startswith("__") and second != "__init__":
                continue  # a name of the package itself, such as __version__
            found.append(f"line {line}: {own} must not import {second or 'all of turngate'}")
        if own in PURE and first in FORBIDDEN_IN_PURE:
            found.append(f"line {line}: {own} is pure and must not import {first}")
    if own in PURE:
        waits = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
        found += [
            f"line {node.lineno}: {own} is pure and must not wait"
            for node in ast.walk(tree)
            if isinstance(node, waits)
        ]
    return found


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_module_imports_only_what_it_may(path: Path) -> None:
    within = path.relative_to(SOURCE).parts
    package = ".".join(["turngate", *(within[:-1] or [path.stem])])
    assert faults(path.read_text(encoding="utf-8"), package) == []


def test_every_package_has_a_row() -> None:
    found = {p.relative_to(SOURCE).parts[0].removesuffix(".py") for p in modules()}
    assert found <= ARROWS.keys()


@pytest.mark.parametrize(
    "source, package, fault",
    [
        ("import turngate.wire.agent", "turngate.core", "core must not import wire"),
        ("from turngate import wire", "turngate.core", "core must not import wire"),
        ("from turngate.core import slot", "turngate.emulator", "emulator must not import core"),
        ("from ..gateway import x", "turngate.dialects", "dialects must not import gateway"),
        ("from .. import gateway", "turngate.wire", "wire must not import gateway"),
        ("def f():\n    import turngate.cli", "turngate.units", "units must not import cli"),
        ("import turngate", "turngate.core", "core must not import all of turngate"),
        ("import time", "turngate.core", "core is pure and must not import time"),
        ("import os.path", "turngate.wire", "wire is pure and must not import os"),
        ("from random import random", "turngate.audio", "audio is pure and must not import random"),
        ("async def f(): ...", "turngate.core", "core is pure and must not wait"),
    ],
)
def test_wrong_arrow_is_found(source: str, package: str, fault: str) -> None:
    found = faults(source, package)
    assert len(found) == 1
    assert found[0].endswith(fault)


@pytest.mark.parametrize(
    "source, package",
    [
        ("from turngate.units import Ms", "turngate.core"),
        ("from turngate.core import slot", "turngate.core"),
        ("from . import slot", "turngate.core"),
        ("import asyncio", "turngate.gateway"),
        ("from turngate import __version__", "turngate.cli"),
        ("import msgspec", "turngate.wire"),
    ],
)
def test_right_arrow_is_not(source: str, package: str) -> None:
    assert faults(source, package) == []
