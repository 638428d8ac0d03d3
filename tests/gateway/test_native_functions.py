"""Functions of the gateway's for Realtime clients, where the operator offers them."""

import pytest

from gateway.far import dial
from gateway.stand import gateway
from gateway.test_native import STRICT, message, text_only
from turngate.emulator import Call, Reply, Script, serving
from turngate.functions import Registry

functions = Registry()


@functions.register
def stock(product: str) -> str:
    """How many there are.

    Args:
        product: Its name.

    """
    return f"{product}: seven"


@pytest.mark.parametrize("is_offered", [True, False])
async def test_a_realtime_client_has_the_gateways_functions_where_they_are_offered(
    *, is_offered: bool
) -> None:
    script = Script(replies=(Reply(match="how many", calls=(Call("stock", {"product": "cup"}),)),))
    async with (
        serving(knobs=STRICT, script=script) as emulator,
        gateway(
            emulator.url, functions=f"{__name__}:functions", native_functions=is_offered
        ) as front,
    ):
        client = await dial(f"ws://{front.host}:{front.port}/v1/realtime?model=gpt-realtime")
        client.say(text_only())
        assert (await client.hears("session.updated"))["session"]["tools"] == []
        client.say(message("how many cups?"))
        client.say({"type": "response.create"})
        (item,) = (await client.hears("response.done"))["response"]["output"]
        if is_offered:
            assert "cup: seven" in item["content"][0]["text"]
        else:
            assert item["type"] == "function_call"
        assert emulator.audit.violations == 0
        client.drop()  # or the gateway would wait for the end of the turn
