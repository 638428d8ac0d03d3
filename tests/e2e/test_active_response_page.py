"""The transcripts and the table of docs/explanation/active-response.md are what happens.

`python -m pytest tests/e2e/test_active_response_page.py --update-tables` writes them anew.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from conftest import difference
from e2e.naive import Guard
from e2e.record import AUDIO, Line
from e2e.script import Step, client, openai
from e2e.stage import calling, result
from e2e.triggers import OTHER, PACE, TRIGGERS
from e2e.virtual import Course, in_virtual_time
from turngate.wire.agent import InjectUserMessage

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "active-response.md"
TRANSCRIPT = re.compile(r"(<!-- transcript: ([^,]+), ([^>]+) -->\n```text\n)(.*?)(```)", re.DOTALL)
PLAYED = re.compile(r"<!-- played through turngate -->\n```text\n(.*?)```", re.DOTALL)
TABLE = re.compile(r"(<!-- table: guards -->\n)(.*?)(\n\n|\Z)", re.DOTALL)

BY_NAME = {trigger.name: trigger for trigger in TRIGGERS}
SHORT = re.compile(
    r"(Welcome|Settings|SettingsApplied|InjectUserMessage|ConversationText|FunctionCall\w+|close"
    r"|AgentAudioDone|session\.updated?|response\.(create|created|done)|error"
    r"|conversation\.item\.create|response\.function_call_arguments\.done"
    r"|response\.output_audio\.done|input_audio_buffer\.(append|speech_stopped|committed)"
    r"|conversation\.item\.added (user|output).*)\b"
)
REFUSED = "refused; logged and forgotten"


def transcript(course: Course) -> str:
    """Print the lines that matter to the turn, and what became of it."""
    shown = [line for line in course.lines if SHORT.match(line.label) or line.label == AUDIO]
    return "\n".join([*map(printed, shown), f"==  {course.verdict}"]) + "\n"


def printed(line: Line) -> str:
    return f"{line!s:<58}{REFUSED}" if line.is_like("U>", "error") else str(line)


def table(verdicts: Iterable[tuple[str, list[str]]]) -> str:
    """Print one row a trigger and one column a guard, as Markdown."""
    head = ["what happens", *(guard.value for guard in Guard)]
    rows = [head, ["---"] * len(head), *([name, *cells] for name, cells in verdicts)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


async def regenerated(page: str) -> str:
    """Return the page with every generated block made anew."""
    for opening, name, guard, _, closing in TRANSCRIPT.findall(page):
        course = await in_virtual_time(Guard(guard), BY_NAME[name])
        block = re.compile(re.escape(opening) + r".*?```", re.DOTALL)
        fresh = opening + transcript(course) + closing
        page = block.sub(lambda _, fresh=fresh: fresh, page)
    verdicts = [
        (x.name, [str((await in_virtual_time(guard, x)).verdict) for guard in Guard])
        for x in TRIGGERS
    ]
    return TABLE.sub(lambda found: found[1] + table(verdicts) + found[3], page)


async def test_page_shows_what_happens(request: pytest.FixtureRequest) -> None:
    kept = PAGE.read_text(encoding="utf-8")
    fresh = await regenerated(kept)
    if request.config.getoption("--update-tables"):
        PAGE.write_text(fresh, encoding="utf-8")
    elif changes := difference(kept, fresh):
        pytest.fail(f"{PAGE.name} is stale:\n{changes}\n\nRun again with --update-tables.", False)


def test_page_has_a_failing_transcript_for_every_trigger() -> None:
    blocks = TRANSCRIPT.findall(PAGE.read_text(encoding="utf-8"))
    shown = {name for _, name, _, text, _ in blocks if not text.endswith("==  kept\n")}
    assert shown == set(BY_NAME)
    assert TABLE.search(PAGE.read_text(encoding="utf-8"))


def scripted(text: str) -> Iterable[Step]:
    """Read a transcript as a script; what stands behind two spaces is a remark."""
    says = {
        "InjectUserMessage": InjectUserMessage("what time is it?"),
        "FunctionCallResponse": result("A"),
        "Settings": OTHER,
    }
    peers = {">C": client.__lshift__, ">U": openai.__lshift__, "U>": openai.__rshift__}
    for line in text.splitlines():
        side, label, *_ = re.split(r"\s{2,}", line)
        word = label.partition(" ")[0]
        yield client >> says[word] if side == "C>" else peers[side](label)


async def test_flow_that_holds_is_played_as_it_is_written() -> None:
    [text] = PLAYED.findall(PAGE.read_text(encoding="utf-8"))
    async with calling(PACE, BY_NAME["function result"].script) as call:
        await call.play(*scripted(text))
