"""The five ways in which a request gets lost elsewhere, over sockets, through the native front.

Upstream is a script, so that each crossing is the one that is meant; the fifth takes ten seconds,
which pass in virtual time.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import pytest

from e2e.moments import in_no_time, passing
from e2e.rude import Session
from gateway.far import Far, dial
from gateway.stand import gateway
from gateway.upstreams import scripted

Json = dict[str, Any]


class Stage(NamedTuple):
    client: Far
    server: Far

    async def asked(self) -> str:
        """Wait for the next request upstream and return its name."""
        return (await self.server.hears("response.create"))["event_id"]

    def begins(self, response_id: str, name: str | None = None) -> None:
        self._say_of(response_id, "created", "in_progress", name)

    def ends(self, response_id: str, name: str | None = None) -> None:
        self._say_of(response_id, "done", "completed", name)

    def _say_of(self, response_id: str, what: str, status: str, name: str | None) -> None:
        mark = {"turngate": name} if name else None
        response = {"id": response_id, "status": status, "metadata": mark, "conversation_id": "c"}
        self.server.say({"type": f"response.{what}", "response": response})

    def refuses(self, name: str | None, holder: str) -> None:
        error = {
            "type": "invalid_request_error",
            "code": "conversation_already_has_active_response",
            "message": f"Conversation already has an active response in progress: {holder}.",
            "event_id": name,
        }
        self.server.say({"type": "error", "error": error})

    async def saw(self) -> list[str]:
        """Return what the client saw of responses and errors, a word and an id each."""
        await self.client.barrier()
        seen = list[str]()
        for event in self.client.heard:
            if isinstance(event, dict) and event["type"].startswith("response."):
                seen.append(f"{event['type'][9:]} {event['response']['id']}")
            elif isinstance(event, dict) and event["type"] == "error":
                seen.append("error")
        return seen


@asynccontextmanager
async def stage() -> AsyncGenerator[Stage]:
    async with scripted() as upstream, gateway(upstream.url) as front:
        client = await dial(f"ws://{front.host}:{front.port}/v1/realtime?model=gpt-realtime")
        server = await upstream.accepts()
        detection = {"type": "server_vad", "create_response": True}
        session = {"audio": {"input": {"turn_detection": detection}}}
        server.say({"type": "session.created", "session": session})
        await client.hears("session.created")
        yield Stage(client, server)


@pytest.mark.parametrize("is_announced", [True, False], ids=["a", "b"])
@pytest.mark.parametrize("is_named", [True, False], ids=["", "c"])
async def test_a_b_c_a_refused_request_is_sent_again(*, is_announced: bool, is_named: bool) -> None:
    """The server's own response comes first (a), or its refusal does (b), with or without a name (c)."""
    async with stage() as on:
        on.client.say({"type": "response.create", "event_id": "mine"})
        first = await on.asked()
        if is_announced:
            on.begins("resp_v")
        on.refuses(first if is_named else None, "resp_v")
        if not is_announced:
            on.begins("resp_v")
        await on.client.hears("response.created")
        on.ends("resp_v")
        again = await on.asked()
        assert again != first
        on.begins("resp_1", again)
        on.ends("resp_1", again)
        await on.client.hears("response.done")
        await on.client.hears("response.done")
        assert await on.saw() == ["created resp_v", "done resp_v", "created resp_1", "done resp_1"]
        assert on.server.count("response.create") == 2


async def test_d_the_end_of_an_older_response_frees_nothing() -> None:
    async with stage() as on:
        on.client.say({"type": "response.create"})
        first = await on.asked()
        on.begins("resp_1", first)
        on.ends("resp_1", first)
        await on.client.hears("response.done")
        on.client.say({"type": "response.create"})
        on.client.say({"type": "response.create"})
        second = await on.asked()
        on.ends("resp_1", first)
        await on.client.hears("response.done")
        on.begins("resp_2", second)
        on.ends("resp_1", first)
        await on.client.hears("response.done")
        await on.server.barrier()
        assert on.server.count("response.create") == 2
        on.ends("resp_2", second)
        await on.asked()


def test_e_a_request_that_nobody_answers_is_told_to_its_client() -> None:
    async def story() -> None:
        session = Session(1, answers_speech=False, silent_create=(1,))
        session.client.ask()
        await passing(ms=15_000)
        last: Json = msgspec.json.decode(session.client.heard[-1])
        assert last["error"]["code"] == "failed_to_think"
        assert last["error"]["type"] == "server_error"

    in_no_time(story())
