"""Keeps the recipes of CONTRIBUTING.md true: what is missing fails with the name of its step."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec import Struct
from msgspec.inspect import StructType, type_info

from turngate.errors import ConfigError
from turngate.gateway.config import PROVIDER_KEYS, UPSTREAM_NAMES, Config
from turngate.gateway.target import target
from turngate.wire.agent import ClientMessage, Message, ServerMessage

ROOT = Path(__file__).parent.parent
SCRIPTS = ("core", "dialects", "gateway", "e2e")


@dataclass(frozen=True)
class Tree:
    """What the recipe looks at."""

    client: Collection[type[Struct]] = ()
    server: Collection[type[Struct]] = ()
    samples: str = ""
    reads: Collection[type[Struct]] = ()
    ignored: Mapping[type[Struct], str] = field(default_factory=dict[type[Struct], str])
    scripts: str = ""
    changelog: str = ""


def text(*folders: str) -> str:
    files = sorted(p for folder in folders for p in (ROOT / "tests" / folder).rglob("*"))
    return "\n".join(p.read_text() for p in files if p.suffix in {".py", ".json", ".jsonl"})


@pytest.fixture(scope="module")
def tree() -> Tree:
    dialect: Any = import_module("turngate.dialects.agent")
    return Tree(
        client=get_args(ClientMessage),
        server=get_args(ServerMessage),
        samples=text("wire"),
        reads=dialect.READS,
        ignored=dialect.IGNORED,
        scripts=text(*SCRIPTS),
        changelog=(ROOT / "CHANGELOG.md").read_text(),
    )


def wire_name(message: type[Struct]) -> str:
    """Return the message's `type` on the wire."""
    shape = type_info(message)
    assert isinstance(shape, StructType)
    return str(shape.tag)


def steps(message: type[Struct], tree: Tree) -> Iterator[tuple[str, bool]]:
    """Yield the steps of the recipe for a message, in order, and whether each is done."""
    name = wire_name(message)
    yield "Type: a docstring with a line `Source:`", "Source:" in (getdoc(message) or "")
    yield "Union: add it to ClientMessage", message in {*tree.client, *tree.server}
    sample = re.search(rf'"type": ?"{re.escape(name)}"', tree.samples)
    yield "Sample: a golden JSON in tests/wire", sample is not None
    if message not in tree.client:
        return
    in_one = (message in tree.reads) != (message in tree.ignored)
    yield "Meaning: in exactly one of READS and IGNORED of dialects/agent.py", in_one
    if message in tree.ignored:
        yield "Reason: a sentence in IGNORED", " " in tree.ignored[message]
        return
    script = re.search(rf"\b{message.__name__}\b", tree.scripts)
    yield f"Script: a transcript in one of tests/{SCRIPTS}", script is not None
    yield "Changelog: a line that names it", f"`{name}`" in tree.changelog


def next_step(message: type[Struct], tree: Tree) -> str:
    """Return the first step that is missing for a message; empty if none."""
    return next((step for step, done in steps(message, tree) if not done), "")


def messages() -> list[type[Struct]]:
    """Return the messages of the agent protocol; a trace is turngate's own, and not one of them."""
    return [m for m in Message.__subclasses__() if m.__module__.startswith("turngate.wire.agent")]


@pytest.mark.parametrize("message", messages(), ids=wire_name)
def test_message_has_every_step(message: type[Struct], tree: Tree) -> None:
    assert next_step(message, tree) == ""


class Undocumented(Message, frozen=True):
    """A message without a page."""


class Wave(Message, frozen=True):
    """A message that is added step by step.

    Source: this test.
    """


def test_each_missing_step_is_named_in_its_turn() -> None:
    steps: list[dict[str, Any]] = [
        {"client": [Wave]},
        {"samples": '{"type": "Wave"}'},
        {"reads": [Wave]},
        {"scripts": "client >> Wave()"},
        {"changelog": "- `Wave`"},
    ]
    found: list[str] = []
    tree = Tree()
    for step in steps:
        found.append(next_step(Wave, tree).partition(":")[0])
        tree = replace(tree, **step)
    assert found == ["Union", "Sample", "Meaning", "Script", "Changelog"]
    assert next_step(Wave, tree) == ""
    assert next_step(Undocumented, tree).startswith("Type")


def test_ignored_message_needs_a_reason_and_no_more() -> None:
    tree = Tree(client=[Wave], samples='{"type":"Wave"}', ignored={Wave: ""})
    assert next_step(Wave, tree) == "Reason: a sentence in IGNORED"
    assert next_step(Wave, replace(tree, ignored={Wave: "waving is not heard"})) == ""


def test_message_is_not_both_read_and_ignored() -> None:
    tree = Tree(client=[Wave], samples='{"type":"Wave"}', ignored={Wave: "no use"}, reads=[Wave])
    assert next_step(Wave, tree).startswith("Meaning")


@pytest.mark.parametrize("name", UPSTREAM_NAMES)
def test_named_upstream_has_its_key_and_address(name: str) -> None:
    assert name == "local" or name in PROVIDER_KEYS, "Name: a row in PROVIDER_KEYS"
    config = Config(upstream=name, upstream_key="k", azure_resource="r", azure_deployment="d")
    try:
        said = target(config, local_url="ws://127.0.0.1:1").name
    except ConfigError as refusal:
        said = str(refusal)
    assert said, "Name: a case in gateway/target.py"
