"""One call's functions: which run here, what the client is told, and that each ends once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.backend import Backend, serving
from turngate import errors
from turngate.core import events
from turngate.core.tools import Call
from turngate.functions import Failure, Registry
from turngate.functions.endpoint import Hosts
from turngate.gateway.functions.catalogue import Catalogue
from turngate.gateway.functions.desk import Desk
from turngate.gateway.functions.endpoint import GuardedResolver, Way
from turngate.gateway.functions.python import PythonFunction, Threads
from turngate.wire import agent

functions = Registry()


@functions.register
async def stock(item: str) -> str:
    return f"two of {item}"


@functions.register
async def hangs() -> str:
    await asyncio.Event().wait()
    return "never"


cancelled: asyncio.Event


@functions.register
async def clings() -> str:
    """Hold on to its turn when it is cancelled."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        cancelled.set()
    return "at last"


CATALOGUE = Catalogue([PythonFunction(each, Threads()) for each in functions])


class Told:
    """Collects what the desk tells."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str, Failure | None]] = []
        self._has_ended = asyncio.Event()

    def done(self, call: Call, output: str, failure: Failure | None) -> None:
        self.ended.append((call.call_id, output, failure))
        self._has_ended.set()

    async def count(self, number: int) -> None:
        async with asyncio.timeout(10):
            while len(self.ended) < number:
                self._has_ended.clear()
                await self._has_ended.wait()


async def test_calls_run_at_once_and_end_as_they_come() -> None:
    told = Told()
    desk = Desk(CATALOGUE, told.done)
    desk.begin(Call("c1", "hangs", "{}"))
    desk.begin(Call("c2", "stock", '{"item": "hats"}'))
    desk.begin(Call("c3", "stock", "{}"))
    await told.count(2)
    assert told.ended[0] == ("c2", "two of hats", None)
    assert told.ended[1][::2] == ("c3", Failure.INVALID_ARGUMENTS)
    desk.clear()


async def test_a_withdrawn_call_is_told_of_no_more() -> None:
    told = Told()
    desk = Desk(CATALOGUE, told.done)
    desk.begin(Call("c1", "hangs", "{}"))
    assert desk.withdraw("c1") == Call("c1", "hangs", "{}")
    assert desk.withdraw("c1") is None
    desk.begin(Call("c2", "stock", '{"item": "hats"}'))
    await told.count(1)
    assert [call_id for call_id, _, _ in told.ended] == ["c2"]


async def test_a_call_that_does_not_let_go_is_not_waited_for() -> None:
    global cancelled  # noqa: PLW0603 - the function and the test share it
    cancelled = asyncio.Event()
    told = Told()
    desk = Desk(CATALOGUE, told.done)
    desk.begin(Call("c1", "clings", "{}"))
    await asyncio.sleep(0)
    desk.clear()
    async with asyncio.timeout(10):
        await cancelled.wait()
    await asyncio.sleep(0)
    assert told.ended == []


async def test_who_runs_what() -> None:
    desk = Desk(CATALOGUE, Told().done)
    assert desk.runs("stock")
    assert not desk.runs("weather")


@pytest.mark.parametrize(
    "call_id, name, is_theirs",
    [("c1", "stock", False), ("c1", "other", False), ("", "stock", False), ("c2", "other", True)],
)
async def test_nobody_else_answers_what_runs_here(
    call_id: str, name: str, *, is_theirs: bool
) -> None:
    desk = Desk(CATALOGUE, Told().done)
    desk.begin(Call("c1", "stock", '{"item": "a"}'))
    result = events.CallResult(call_id, name, "forged")
    refused = events.ClientFaulted(errors.UnknownCall(call_id))
    assert desk.screened(result) == (result if is_theirs else refused)
    assert desk.screened(events.UserTyped("hi")) == events.UserTyped("hi")
    desk.clear()


async def test_so_many_functions_run_at_once_and_no_more() -> None:
    told = Told()
    desk = Desk(CATALOGUE, told.done)
    for number in range(33):
        desk.begin(Call(f"c{number}", "hangs", "{}"))
    desk.begin(Call("last", "stock", "{}"))
    await told.count(2)
    assert [(each[0], each[2]) for each in told.ended] == [
        ("c32", Failure.BUSY),
        ("last", Failure.BUSY),
    ]
    desk.clear()


# -- endpoints that the client names


@pytest.fixture
async def backend() -> AsyncIterator[Backend]:
    async with serving() as running:
        yield running


@pytest.fixture
async def open_desk(backend: Backend) -> AsyncIterator[tuple[Desk, Told]]:
    """A desk where clients may name the backend."""
    hosts = Hosts((f"127.0.0.1:{backend.port}",))
    way = Way(GuardedResolver(hosts))
    told = Told()
    yield Desk(Catalogue((), hosts, way), told.done), told
    await way.close()


def declared(name: str, url: str | None, **rest: object) -> agent.Function:
    endpoint = agent.Endpoint(url=url, **rest)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the test names the fields
    return agent.Function(name=name, parameters={"required": ["city"]}, endpoint=endpoint)


async def test_an_endpoint_on_the_list_is_called(
    backend: Backend, open_desk: tuple[Desk, Told]
) -> None:
    desk, told = open_desk
    headers = {"X-Tenant": "7"}
    assert desk.declare([declared("time", backend.url("/text"), headers=headers)]) == []
    assert desk.runs("time")
    desk.begin(Call("c1", "time", '{"city": "Rome"}'))
    desk.begin(Call("c2", "time", "{}"))
    await told.count(2)
    assert {each[0]: each[2] for each in told.ended} == {
        "c1": None,
        "c2": Failure.INVALID_ARGUMENTS,
    }
    ((sent, body),) = backend.asked
    assert body == {"id": "c1", "name": "time", "arguments": {"city": "Rome"}}
    assert sent["X-Tenant"] == "7"


async def test_a_redirect_to_elsewhere_is_not_followed(
    backend: Backend, open_desk: tuple[Desk, Told]
) -> None:
    desk, told = open_desk
    desk.declare([declared("time", backend.url("/redirect"))])
    desk.begin(Call("c1", "time", '{"city": "Rome"}'))
    await told.count(1)
    assert told.ended[0][2] is Failure.BAD_ANSWER
    assert len(backend.asked) == 1


@pytest.mark.parametrize(
    "url, rest, says",
    [
        (
            "https://evil.example/",
            {},
            "evil.example:443 is not among the operator's function_hosts",
        ),
        ("http://127.0.0.1:1/", {}, "127.0.0.1:1 is not among the operator's function_hosts"),
        (None, {}, "not a plain http:// or https:// one"),
        ("{here}", {"method": "GET"}, "only the method POST is available"),
        ("{here}", {"headers": {"Host": "evil.example"}}, "a header is not well formed"),
    ],
)
async def test_an_endpoint_that_may_not_be_called_is_left_to_the_client(
    url: str | None,
    rest: dict[str, object],
    says: str,
    backend: Backend,
    open_desk: tuple[Desk, Told],
) -> None:
    desk, _ = open_desk
    (wrong,) = desk.declare([declared("time", url and url.format(here=backend.url()), **rest)])
    assert isinstance(wrong, errors.EndpointRefused)
    assert says in str(wrong)
    assert not desk.runs("time")


async def test_without_a_list_every_endpoint_is_left_to_the_client() -> None:
    desk = Desk(Catalogue(), Told().done)
    (wrong,) = desk.declare([declared("time", "https://shop.example/")])
    assert str(wrong) == (
        "The endpoint of the function time is not called: the operator lets clients name no"
        " endpoints."
    )


async def test_a_client_cannot_take_the_place_of_the_operators_function() -> None:
    desk = Desk(CATALOGUE, Told().done)
    assert desk.declare([declared("stock", "https://shop.example/")]) == [
        errors.FunctionIgnored("stock")
    ]


async def test_new_functions_replace_the_old_ones(
    backend: Backend, open_desk: tuple[Desk, Told]
) -> None:
    desk, _ = open_desk
    desk.declare([declared("time", backend.url())])
    desk.declare([agent.Function(name="time")])
    assert not desk.runs("time")
