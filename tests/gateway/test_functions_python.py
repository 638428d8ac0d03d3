"""Functions of this process: on the loop, in threads, and loaded from a module."""

import asyncio
import contextvars
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from turngate.errors import ConfigError
from turngate.functions import Failure, FunctionError, Registry
from turngate.gateway.functions.desk import outcome
from turngate.gateway.functions.python import PythonFunction, Threads, load

functions = Registry()
tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant", default="nobody")
gate = threading.Event()


@functions.register
def where_am_i() -> str:
    return threading.current_thread().name


@functions.register
async def where_is_the_loop() -> str:
    return threading.current_thread().name


@functions.register
def whose() -> str:
    return tenant.get()


@functions.register
def double(number: int) -> dict[str, int]:
    return {"doubled": number * 2}


@functions.register
def fails_in_words() -> str:
    raise FunctionError("The shop is closed.")


@functions.register
def raises() -> str:
    raise ValueError("password=hush")


@functions.register
async def raises_async() -> str:
    raise ValueError("password=hush")


@functions.register
def leaves() -> str:
    sys.exit("bye")


@functions.register
async def leaves_async() -> str:
    sys.exit("bye")


@functions.register
def not_json() -> object:
    return object()


@functions.register
def large() -> str:
    return "x" * (10 * 1024 * 1024)


@functions.register
def waits() -> str:
    gate.wait(20)
    return "let go"


FUNCTIONS = {each.function.name: each for each in functions}


def run(name: str, threads: Threads | None = None) -> PythonFunction:
    return PythonFunction(FUNCTIONS[name], threads or Threads())


@pytest.mark.parametrize(
    "name, arguments, output",
    [
        ("where_am_i", "{}", "function"),
        ("where_is_the_loop", "{}", "MainThread"),
        ("double", '{"number": 21}', '{"doubled":42}'),
    ],
)
async def test_a_function_runs_where_it_may(name: str, arguments: str, output: str) -> None:
    assert await outcome(run(name), "c1", name, arguments) == (output, None)


async def test_a_thread_knows_the_context_of_its_call() -> None:
    tenant.set("shop 7")
    assert await run("whose").run("c1", "{}") == "shop 7"


@pytest.mark.parametrize(
    "name, arguments, output, code",
    [
        ("fails_in_words", "{}", "The shop is closed.", Failure.FAILED),
        ("raises", "{}", "The function failed.", Failure.FAILED),
        ("raises_async", "{}", "The function failed.", Failure.FAILED),
        ("leaves", "{}", "The function failed.", Failure.FAILED),
        ("leaves_async", "{}", "The function failed.", Failure.FAILED),
        ("not_json", "{}", "The function's result is not JSON.", Failure.FAILED),
        ("double", "{}", "missing required field `number`", Failure.INVALID_ARGUMENTS),
    ],
)
async def test_whatever_a_function_does_is_told(
    name: str, arguments: str, output: str, code: Failure
) -> None:
    told, failure = await outcome(run(name), "c1", name, arguments)
    assert output in told
    assert failure is code
    assert "hush" not in told
    assert "Traceback" not in told


async def test_a_function_that_does_not_exist_is_told() -> None:
    told, failure = await outcome(None, "c1", "fly", "{}")
    assert told == '{"error":"There is no function fly.","code":"unknown_function"}'
    assert failure is Failure.UNKNOWN_FUNCTION


async def test_ten_mebibytes_are_cut() -> None:
    told, failure = await outcome(run("large"), "c1", "large", "{}")
    assert failure is None
    assert len(told) < 65_536 + 100
    assert told.endswith("[cut: the first 65536 of 10485760 bytes]")


@pytest.fixture
def held() -> Iterator[threading.Event]:
    gate.clear()
    yield gate
    gate.set()


async def test_the_loop_runs_on_while_a_function_blocks(held: threading.Event) -> None:
    threads = Threads(limit=2)
    first = asyncio.create_task(run("waits", threads=threads).run("c1", "{}"))
    quick = run("double", threads=threads)
    await asyncio.sleep(0)
    assert await quick.run("c2", '{"number": 1}') == '{"doubled":2}'
    assert not first.done()
    held.set()
    assert await first == "let go"


async def test_there_are_threads_for_so_many_and_no_more(held: threading.Event) -> None:
    threads = Threads(limit=1)
    first = asyncio.create_task(run("waits", threads=threads).run("c1", "{}"))
    await asyncio.sleep(0)
    with pytest.raises(FunctionError) as caught:
        await run("double", threads=threads).run("c2", '{"number": 1}')
    assert caught.value.code is Failure.BUSY
    held.set()
    await first
    assert await run("double", threads=threads).run("c3", '{"number": 1}')


async def test_a_cancelled_function_is_not_waited_for(held: threading.Event) -> None:
    threads = Threads(limit=1)
    running = asyncio.create_task(run("waits", threads=threads).run("c1", "{}"))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    held.set()


# -- from a module


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


SHOP = """
from turngate.functions import Registry
functions = Registry()
other = Registry()

@functions.register
def stock(item: str) -> int:
    return 2
"""


def test_a_registry_is_found_by_its_module(here: Path) -> None:
    (here / "my_shop.py").write_text(SHOP)
    assert [each.function.name for each in load("my_shop")] == ["stock"]
    assert len(load("my_shop:other")) == 0


@pytest.mark.parametrize(
    "where, says",
    [
        ("no_such_module", "cannot import no_such_module: ModuleNotFoundError"),
        ("my_shop:absent", "my_shop has no Registry named absent"),
        ("my_broken", "cannot import my_broken: ZeroDivisionError"),
        ("my_unhinted", "my_unhinted: TypeError: f: the argument x has no type hint"),
    ],
)
def test_what_cannot_be_loaded_is_named(where: str, says: str, here: Path) -> None:
    (here / "my_shop.py").write_text(SHOP)
    (here / "my_broken.py").write_text("1 / 0")
    (here / "my_unhinted.py").write_text(SHOP + "\n@functions.register\ndef f(x): ...\n")
    with pytest.raises(ConfigError) as caught:
        load(where)
    assert says in str(caught.value)
