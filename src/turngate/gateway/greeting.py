"""A first word with the upstream: whether it lets us in, in the words that a caller would get."""

import asyncio
import time

import msgspec

from turngate import errors
from turngate.gateway import limits, upstream
from turngate.gateway.outbox import Outbox
from turngate.gateway.peer import Peer, Reader
from turngate.gateway.target import Target


class _FirstEvent(msgspec.Struct):
    """What has to be known of the first thing an upstream says."""

    type: str
    error: dict[str, object] = {}


async def greeted(target: Target, begins_with: str) -> float:
    """Connect, and return the ms until the upstream has begun a session by this event.

    It is asked for nothing, so this costs nothing. One that does not greet has begun it when it is
    connected.

    Raises:
        UpstreamUnreachable, UpstreamLost, UpstreamSilent, UpstreamTrouble: It did not.

    """
    first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def said(message: bytes) -> None:
        if not first.done():
            first.set_result(message)

    def failed(fault: Exception) -> None:
        if not first.done():
            first.set_exception(fault)

    def ended(code: int, reason: str) -> None:
        failed(errors.UpstreamLost(f"code {code}" + (f", {reason}" if reason else "")))

    outbox = Outbox(limits.UPSTREAM_QUEUE_BYTES)
    peer = Peer(
        Reader(lambda: None, said, said, failed, ended), outbox, limits.UPSTREAM_MESSAGE_BYTES
    )
    started = time.perf_counter()
    await upstream.connect(target, peer)
    try:
        async with asyncio.timeout(limits.CONNECT_S):
            if target.profile.greets:
                _check(await first, target, begins_with)
    except TimeoutError:
        told = f"{target.place} accepts connections and says nothing for {limits.CONNECT_S:g} s"
        raise errors.UpstreamSilent(told) from None
    finally:
        first.cancel()  # or what ends it now would be nobody's
        peer.close(1000, "")
        peer.abort()
    return (time.perf_counter() - started) * 1000


def _check(message: bytes, target: Target, begins_with: str) -> None:
    try:
        event = msgspec.json.decode(message, type=_FirstEvent)
    except msgspec.DecodeError as error:
        told = f"{target.place}: it does not speak the protocol"
        raise errors.UpstreamUnreachable(told) from error
    if event.type == "error":
        code, told = (str(event.error.get(field) or "") for field in ("code", "message"))
        raise errors.UpstreamTrouble(code, told)
    if event.type != begins_with:
        told = f"{target.place}: it begins with {event.type}, not {begins_with}"
        raise errors.UpstreamUnreachable(told)
