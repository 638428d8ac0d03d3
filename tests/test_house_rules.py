"""Rules of the house that no linter has. CONTRIBUTING.md says why for each."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = ("src", "tools", "bench", "proof")
TREES = (*PROGRAMS, "tests", "docs")
LINES_MAX = 400
"""Of a program's file; a test's may be a long list of cases."""
SCRIPT_LINES_MAX = 250
"""Of a script of the page: these are modules of one idea each."""


# Files at the top that tools write for themselves; in a second work tree `.git` is one of them.
TOOLS_OWN = (".coverage", ".git")

PURE_TESTS = ("core", "wire", "dialects", "audio")
EMPTY_WORDS = {"manager", "handler", "util", "utils", "data", "info", "helper", "helpers"}
MODULE_NAME = re.compile(r"_{0,2}[a-z][a-z0-9]*(_[a-z0-9]+)*_{0,2}")

# Spelled in pieces, or this file would break its own rule.
RAISES_INLINE = re.compile(r"\bRaises" + r" [`A-Z]\w")
OPEN_ENDS = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" * 3 + r"\b")))
WORKPLACE = re.compile("|".join(("/wo" + "rk/", "sha" + "red/")))


def texts() -> list[Path]:
    """Return every text file of the project."""
    tops = [p for p in ROOT.iterdir() if p.is_file() and not p.name.startswith(TOOLS_OWN)]
    below = [p for tree in TREES for p in (ROOT / tree).rglob("*") if p.is_file()]
    kinds = {".py", ".md", ".toml", ".txt", ".json", ".jsonl", ".html", ".js", ".css", ""}
    return sorted(p for p in tops + below if p.suffix in kinds and "__pycache__" not in p.parts)


def code(*trees: str) -> list[Path]:
    """Return the Python files under these folders of the project."""
    return sorted(p for tree in trees for p in (ROOT / tree).rglob("*.py"))


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def words(name: str) -> set[str]:
    """Split a name into its words: both `SlotInfo` and `slot_info` hold `info`."""
    return {w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)}


def empty_names(source: str) -> Iterator[str]:
    """Yield the class names that say nothing."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and words(node.name) & EMPTY_WORDS:
            yield node.name


def bare_suppressions(source: str) -> list[str]:
    """Return the lines that silence a checker without naming the rule and the reason."""
    mark = re.compile(r"#\s*(noqa|type: ignore|pyright: ignore|pragma: no \w+)\b(.*)")
    reasoned = re.compile(r"[:\s]*(\[[^]]+\]|[A-Z]+\d+(, ?[A-Z]+\d+)*)\W+\w+")
    return [
        found[0]
        for line in source.splitlines()
        if (found := mark.search(line)) and not reasoned.match(found[2])
    ]


def sleeps(source: str) -> bool:
    """Whether a `sleep` is called."""
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "sleep"
        for node in ast.walk(ast.parse(source))
    )


def mocks(source: str) -> bool:
    """Whether something from a mocking library is imported, or an attribute patched."""
    return bool(
        re.search(r"^\s*(from|import) (unittest|pytest_mock|mock)\b", source, re.MULTILINE)
        or re.search(r"monkeypatch\.setattr", source)
    )


def pages() -> list[Path]:
    """Return the scripts of the page."""
    return sorted((ROOT / "src" / "turngate" / "web" / "files").rglob("*.js"))


def test_no_script_of_the_page_is_too_long() -> None:
    assert [where(p) for p in pages() if len(p.read_text().splitlines()) > SCRIPT_LINES_MAX] == []


@pytest.mark.parametrize("path", pages(), ids=where)
def test_scripts_of_the_page_say_something_and_ask_nobody_else(path: Path) -> None:
    source = path.read_text()
    named = re.findall(r"\b(?:class|function) (\w+)", source)
    assert [name for name in [*path.stem.split("."), *named] if words(name) & EMPTY_WORDS] == []
    assert re.findall(r"\binnerHTML\b|\beval\(|https?://", source) == []


def test_no_source_file_is_too_long() -> None:
    lines = {where(p): len(p.read_text().splitlines()) for p in code(*PROGRAMS)}
    assert {path: count for path, count in lines.items() if count > LINES_MAX} == {}


@pytest.mark.parametrize("path", code(*PROGRAMS), ids=where)
def test_names_say_something(path: Path) -> None:
    assert words(path.stem) & EMPTY_WORDS == set()
    assert list(empty_names(path.read_text())) == []


def test_modules_are_named_in_snake_case() -> None:
    assert [where(p) for p in code(*PROGRAMS, "tests") if not MODULE_NAME.fullmatch(p.stem)] == []


def test_checkers_are_silenced_with_a_reason_only() -> None:
    bare = {
        where(p): b for p in code(*PROGRAMS, "tests") if (b := bare_suppressions(p.read_text()))
    }
    bare.pop(where(Path(__file__)), None)  # its samples
    assert bare == {}


def test_tests_of_pure_code_never_sleep() -> None:
    pure = code(*(f"tests/{name}" for name in PURE_TESTS))
    assert [where(p) for p in pure if sleeps(p.read_text())] == []


def test_nothing_is_mocked() -> None:
    assert [where(p) for p in code("tests") if p != Path(__file__) and mocks(p.read_text())] == []


def test_what_is_raised_has_a_section_of_its_own() -> None:
    assert [where(p) for p in code(*PROGRAMS) if RAISES_INLINE.search(p.read_text())] == []


def test_nothing_is_left_for_later() -> None:
    assert [where(p) for p in texts() if OPEN_ENDS.search(p.read_text(errors="replace"))] == []


def test_no_file_names_the_machine_it_was_written_on() -> None:
    assert [where(p) for p in texts() if WORKPLACE.search(p.read_text(errors="replace"))] == []


def links_of(page: Path) -> list[str]:
    """Return the relative links of a Markdown page, without their anchors."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    return [link for link in links if "://" not in link]


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a Markdown page that lead nowhere."""
    return [x for x in links_of(page) if not (page.parent / x).exists()]


@pytest.mark.parametrize("page", [p for p in texts() if p.suffix == ".md"], ids=where)
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page) == []


def linked(page: Path) -> set[Path]:
    """Return the files of the project that a Markdown page links to."""
    return {(page.parent / link).resolve() for link in links_of(page)}


def test_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    found = linked(index)
    found |= {below for page in found if page.name == "README.md" for below in linked(page)}
    assert [where(p) for p in (ROOT / "docs").rglob("*.md") if p not in found | {index}] == []


def test_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("[here](page.md#top) [web](https://example.com) [gone](other.md)")
    assert dead_links(page) == ["other.md"]


@pytest.mark.parametrize("name", ["SessionManager", "slot_info", "HTTPHandler", "util"])
def test_empty_name_is_found(name: str) -> None:
    assert words(name) & EMPTY_WORDS


@pytest.mark.parametrize("name", ["Metadata", "Slot", "Information", "ResponseCreated"])
def test_name_of_the_field_is_not(name: str) -> None:
    assert not words(name) & EMPTY_WORDS


@pytest.mark.parametrize(
    "line, is_bare",
    [
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: S105", True),
        ("x = 1  # noqa: S105 - a name, no secret", False),
        ("x = 1  # noqa: S105, S106  # names, no secrets", False),
        ("x = y  # type: ignore", True),
        ("x = y  # pyright: ignore[reportPrivateUsage]", True),
        ("x = y  # pyright: ignore[reportPrivateUsage] - the test breaks it", False),
    ],
)
def test_bare_suppression_is_found(line: str, is_bare: bool) -> None:
    assert bool(bare_suppressions(line)) == is_bare


@pytest.mark.parametrize(
    "source, does",
    [("asyncio.sleep(0)", True), ("sleep(1)", True), ("asleep()", False), ("x = sleep", False)],
)
def test_sleep_is_found(source: str, does: bool) -> None:
    assert sleeps(source) == does


@pytest.mark.parametrize(
    "source, does",
    [
        ("from unittest import mock", True),
        ("    monkeypatch.setattr(x, 'y', z)", True),
        ("monkeypatch.setenv('A', 'b')", False),
    ],
)
def test_mock_is_found(source: str, does: bool) -> None:
    assert mocks(source) == does
