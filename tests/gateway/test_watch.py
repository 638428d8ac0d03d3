"""Looking on: what is held is shown as it happens, to those who may see it, and to nobody else."""

from msgspec.structs import replace

from gateway.far import dial
from gateway.stand import UPGRADE, Gateway, gateway, request
from gateway.test_native import STRICT, called, message, text_only
from turngate.emulator import serving


def address(front: Gateway) -> str:
    return f"ws://{front.host}:{front.port}/watch"


async def test_an_onlooker_sees_what_is_held_why_and_how_long() -> None:
    slow = replace(STRICT, per_delta_ms=20)
    async with serving(knobs=slow) as emulator, gateway(emulator.url, diagnostics=True) as front:
        onlooker = await dial(address(front))
        assert await onlooker.hears("watching") == {"type": "watching", "held": 0}
        client = await called(front)
        client.say(text_only())
        client.say(message("tell a long story"))
        client.say({"type": "response.create"})
        await client.hears("response.output_text.delta")
        client.say({"type": "session.update", "event_id": "mine", "session": {"type": "realtime"}})
        held = await onlooker.next(
            lambda said: isinstance(said, dict) and said.get("event_id") == "mine"
        )
        assert isinstance(held, dict)
        late = await dial(address(front))
        assert (await late.hears("watching"))["held"] == 1
        assert (await late.hears("moment"))["event_id"] == "mine"
        late.close()
        shown = {name: held[name] for name in ("what", "event", "why", "ms")}
        assert shown == {"what": "held", "event": "session.update", "why": "response", "ms": 0}
        sent = await onlooker.next(
            lambda said: isinstance(said, dict) and said.get("event_id") == "mine"
        )
        assert isinstance(sent, dict)
        assert (sent["what"], sent["number"]) == ("sent", held["number"])
        assert sent["ms"] > 0
        assert "story" not in str(onlooker.heard)
        page = (await request(front, "/metrics")).body.decode()
        assert 'turngate_holds_total{front="native",why="response"} 1.0' in page
        onlooker.close()
        await onlooker.is_closed()
        client.say({"type": "response.create"})
        await client.hears("response.done")


async def test_nobody_looks_on_where_diagnostics_are_not_allowed() -> None:
    async with gateway("ws://127.0.0.1:1/v1/realtime") as front:
        assert (await request(front, "/watch", UPGRADE)).status == 404


async def test_an_onlooker_needs_a_key_where_clients_do() -> None:
    async with gateway(
        "ws://127.0.0.1:1/v1/realtime", diagnostics=True, client_keys=("k",)
    ) as front:
        assert (await request(front, "/watch", UPGRADE)).status == 401
        with_key = {**UPGRADE, "Authorization": "Bearer k"}
        assert (await request(front, "/watch", with_key)).status == 101
