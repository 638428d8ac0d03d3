"""The commands as processes: what they print, and the code they end with."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from turngate import __version__
from turngate.cli.commands import app, call
from turngate.cli.local import LocalEmulator
from turngate.cli.plain import READY
from turngate.emulator import FrameAt, Knobs, serving


@asynccontextmanager
async def command(*words: str, **environ: str) -> AsyncGenerator[Process]:
    """Run `turngate` with these words and nothing else of ours in the environment."""
    kept = {name: value for name, value in os.environ.items() if "API_KEY" not in name}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "turngate", *words),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**kept, "COLUMNS": "200", **environ},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(*words: str, **environ: str) -> tuple[int, str, str]:
    """Run a command that ends by itself, in a thread, and return its exit code and what it told."""
    hidden = dict.fromkeys(name for name in os.environ if "API_KEY" in name)
    result = await asyncio.to_thread(
        CliRunner().invoke, app, words, env={**hidden, "COLUMNS": "200", **environ}
    )
    return result.exit_code, result.stdout, result.stderr


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    "words, code, says",
    [
        (("serve", "--port", "x"), 2, "--port: 'x' is not a whole number from 0 to 65535"),
        (("serve", "--upstream", "ftp://x"), 2, "--upstream: a URL here starts with ws://"),
        (("serve", "--upstream", "openai"), 2, "OPENAI_API_KEY is not set"),
        (("serve", "--host", "0.0.0.0"), 2, "TURNGATE_CLIENT_KEYS"),  # noqa: S104 - refused
        (("serve", "--config", "/nowhere.toml"), 2, "cannot read /nowhere.toml"),
        (("emulate", "--knobs", '{"speed": 9}'), 2, "--knobs: "),
        (("talk", "--url", "nonsense", "hi"), 2, "--url: nonsense is not a ws:// or wss:// URL"),
        (("talk", "--url", "http://127.0.0.1:1", "hi"), 2, "not a ws:// or wss:// URL"),
        (("talk", "--url", "ws://here:x", "hi"), 2, "not a ws:// or wss:// URL"),
        (("talk", "--wav", "/nowhere.wav"), 2, "--wav: there is no file /nowhere.wav"),
        (("talk", "--out", "/nowhere/a.wav", "hi"), 2, "--out: there is no folder /nowhere"),
        (("talk", ""), 2, "there is nothing to say"),
        (("talk",), 2, "there is nothing to say"),
        (("talk", "--wav", "/nowhere.wav", "hi"), 2, "--wav: speaks instead of typing"),
    ],
)
async def test_what_is_asked_wrongly_is_one_sentence(
    words: tuple[str, ...], code: int, says: str
) -> None:
    ended_with, told, complained = await ended(*words)
    assert ended_with == code
    assert told == ""
    assert says in complained
    assert complained.count("\n") == 1


async def test_a_bad_variable_is_blamed_by_its_name() -> None:
    code, _, complained = await ended("serve", TURNGATE_PORT="x")
    assert (code, complained.startswith("turngate: TURNGATE_PORT: ")) == (2, True)


async def test_talking_to_nobody_says_how_to_start_somebody() -> None:
    code, _, complained = await ended("talk", "hi", "--url", f"ws://127.0.0.1:{free_port()}")
    assert code == 1
    assert "nothing listens there; start a gateway with: " in complained
    assert complained.endswith(" serve\n")


@pytest.mark.parametrize("words", [("serve", "--upstream", "local"), ("emulate",)])
async def test_a_taken_port_is_told_before_anything_starts(words: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with command(*words, "--port", str(taken.getsockname()[1])) as process:
            told, complained = await process.communicate()
    assert (process.returncode, told) == (1, b"")
    assert b"something listens there already" in complained


async def test_functions_that_cannot_be_imported_are_told_before_anything_starts() -> None:
    words = ("serve", "--upstream", "local", "--port", "0", "--functions", "no_such_module")
    code, told, complained = await ended(*words)
    assert (code, told) == (2, "")
    assert "functions: cannot import no_such_module" in complained


async def ready(process: Process) -> str:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith(READY)
    return line.removeprefix(READY).strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_emulator_ends_in_order_on_a_signal(number: signal.Signals) -> None:
    async with command("emulate", "--port", "0") as process:
        await ready(process)
        process.send_signal(number)
        _, complained = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in complained


@pytest.mark.parametrize("words", [("serve",), ("emulate",), ("talk", "hi")])
async def test_ctrl_c_during_the_imports_ends_quietly(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    ctrl_c = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    (tmp_path / "typer.py").write_text(ctrl_c)  # found first, imported by every command
    async with command(*words, PYTHONPATH=str(tmp_path)) as process:
        told, complained = await process.communicate()
    assert (process.returncode, told, complained) == (130, b"", b"")


async def test_the_emulator_as_a_child_ends_with_its_parent() -> None:
    async with command("emulate", "--port", "0", "--until-stdin-closes") as process:
        await ready(process)
        assert process.stdin is not None
        process.stdin.close()
        assert await process.wait() == 0


async def test_a_local_emulator_that_dies_comes_back_where_it_was() -> None:
    async with LocalEmulator() as local:
        first = local.pid
        os.kill(first, signal.SIGKILL)
        code = 1
        while code or local.pid == first:
            code, _, _ = await ended("check", "--upstream", local.url)
    with pytest.raises(ProcessLookupError):
        os.kill(local.pid, 0)


async def test_a_right_way_to_the_upstream_is_told() -> None:
    async with serving() as emulator:
        code, told, _ = await ended("check", "--upstream", emulator.url)
    assert code == 0
    assert told.startswith("configuration: right\nupstream 127.0.0.1:")
    assert emulator.audit.violations == 0


async def test_the_functions_on_offer_are_told(tmp_path: Path) -> None:
    table = '[[function]]\nname = "stock"\nurl = "https://shop.example/"\n'
    (tmp_path / "turngate.toml").write_text(table)
    async with serving() as emulator:
        words = ("check", "--upstream", emulator.url, "--config", str(tmp_path / "turngate.toml"))
        code, told, _ = await ended(*words)
        wrong = await ended(*words, TURNGATE_FUNCTIONS="no_such_module")
    assert (code, "functions: stock" in told) == (0, True)
    assert wrong[0] == 2
    assert "functions: cannot import no_such_module" in wrong[2]


@pytest.mark.parametrize("how", [(), ("--watch",), ("--print-config",)])
def test_each_mistake_of_a_file_is_told_in_a_line_of_its_own(
    how: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "turngate.toml"
    path.write_text("prot = 1\nstrict = 3\n")
    told = CliRunner().invoke(app, ["check", *how, "--config", str(path)])
    assert told.exit_code == 2
    assert told.stderr.splitlines() == [
        f"turngate: prot in {path}: unknown key; did you mean port?",
        f"turngate: strict in {path}: 3 is not true or false",
    ]


async def test_the_local_upstream_is_tried_too() -> None:
    async with command("check", "--upstream", "local") as process:
        told, _ = await process.communicate()
    assert (process.returncode, b"upstream local: lets us in" in told) == (0, True)


@pytest.mark.parametrize(
    "knobs, says",
    [
        (Knobs(http_status=401), "HTTP 401: the key was not accepted"),
        (Knobs(http_status=404), "HTTP 404: the path or the model is not known"),
        (Knobs(http_status=429), "HTTP 429: too many requests or no quota"),
        (Knobs(http_status=503), "HTTP 503: it has trouble of its own"),
        (Knobs(key="right"), "HTTP 401"),
        (Knobs(frames=(FrameAt(event="session.created", frame="x"),)), None),
    ],
    ids=["401", "404", "429", "503", "wrong key", "noise later"],
)
async def test_an_upstream_that_refuses_is_told_in_plain_words(
    knobs: Knobs, says: str | None
) -> None:
    async with serving(knobs=knobs) as emulator:
        code, _, complained = await ended(
            "check", "--upstream", emulator.url, TURNGATE_UPSTREAM_KEY="sk-wrong"
        )
    assert code == (0 if says is None else 1)
    assert (says or "") in complained
    assert "sk-wrong" not in complained


async def test_an_upstream_that_is_not_there_is_told() -> None:
    code, _, complained = await ended("check", "--upstream", f"ws://127.0.0.1:{free_port()}")
    assert (code, "nothing listens there" in complained) == (1, True)


async def test_an_upstream_name_that_nobody_knows_is_told() -> None:
    code, _, complained = await ended("check", "--upstream", "wss://nobody.invalid")
    assert (code, "its name is not known" in complained) == (1, True)


async def test_plain_text_where_tls_is_expected_is_told() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        code, _, complained = await ended("check", "--upstream", f"wss://127.0.0.1:{port}")
    assert (code, "it may not speak TLS there" in complained) == (1, True)


def test_the_schema_is_printed_as_json() -> None:
    printed = CliRunner().invoke(app, ["check", "--print-schema"])
    assert "port" in json.loads(printed.stdout)["$defs"]["Config"]["properties"]


def test_help_names_the_variable_of_each_setting() -> None:
    shown = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"}).stdout
    for name in ("HOST", "PORT", "UPSTREAM", "CONFIG", "TURNS", "STRICT", "LOG_LEVEL"):
        assert f"TURNGATE_{name}" in shown


def test_the_version_is_printed() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"turngate {__version__}\n"


@pytest.mark.parametrize("name", ["serve", "emulate", "talk", "check"])
def test_help_shows_no_value_where_a_switch_takes_none(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"]).stdout
    assert f"Usage: turngate {name}" in shown.replace("root", "turngate")
    assert "<bool>" not in shown


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert call([]) == 2
    assert "Commands:\n  serve " in capsys.readouterr().out


@pytest.mark.parametrize(
    "words, told",
    [
        (["serve", "--prot", "1"], "No such option: --prot; did you mean --port?"),
        (["serve", "--xyzzy"], "No such option: --xyzzy; see turngate serve --help"),
        (["srve"], "No such command 'srve'. Did you mean 'serve'?"),
        (["--xyzzy"], "No such option: --xyzzy; see turngate --help"),
        (["serve", "now"], "Got unexpected extra argument(s) (now); see turngate serve --help"),
        (
            ["talk", "--url", "a", "--wav"],
            "Option '--wav' requires an argument; see turngate talk --help",
        ),
    ],
)
def test_what_was_mistyped_is_told_in_a_sentence(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(words) == 2
    assert capsys.readouterr().err == f"turngate: {told}\n"


async def test_files_for_tls_are_looked_at_before_the_upstream() -> None:
    code, _, complained = await ended(
        "check", "--upstream", "ws://127.0.0.1:9", TURNGATE_TLS_KEY="k"
    )
    assert code == 2
    assert "tls_key: a key needs its certificate: --tls-cert or TURNGATE_TLS_CERT" in complained
