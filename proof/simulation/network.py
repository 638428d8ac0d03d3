"""A WebSocket connection without sockets: two ends, two directions, and what may befall each.

An end stands where picows' transport would, and does for its listener what that does: frames in
order, back-pressure, the close, and the keepalive that notices a peer that is gone.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from picows import WSCloseCode, WSListener, WSMsgType
from proof.simulation.clock import TURN_S

from turngate.gateway import limits

FULL_BYTES, EMPTY_BYTES = 64 * 1024, 16 * 1024
"""What is under way before a writer is told to pause, and what of it must have gone before it may go on."""

KERNEL_BYTES = 48 * 1024
"""What of it the kernels have taken, who deliver it though the writer has let go of the connection."""

UNSEEN_S = limits.PING_S + limits.PONG_S
"""Until the keepalive gives up a peer that says nothing any more."""

Watch = Callable[["End", WSMsgType, bytes], None]
"""Sees a frame when it is sent and when it arrives."""


class Frame:
    """A frame as listeners read it."""

    __slots__ = ("code", "fin", "msg_type", "payload", "payload_size", "rsv1", "rsv2", "rsv3")

    def __init__(
        self, msg_type: WSMsgType, payload: bytes, *, fin: bool = True, code: int | None = None
    ) -> None:
        self.msg_type, self.payload, self.fin, self.code = msg_type, payload, fin, code
        self.payload_size = len(payload) if code is None else len(payload) + 2
        self.rsv1 = self.rsv2 = self.rsv3 = False

    def get_payload_as_bytes(self) -> bytes:
        """Return the content."""
        return self.payload

    def get_close_code(self) -> Any:
        """Return the code of a close frame."""
        return WSCloseCode(self.code or 1005)

    def get_close_message(self) -> bytes:
        """Return the reason of a close frame as it came."""
        return self.payload

    def get_close_reason(self) -> str:
        """Return the reason of a close frame."""
        return self.payload.decode()


_UNMINDED: Any = cast("Any", WSListener).pause_writing
_EOF = Frame(WSMsgType.CLOSE, b"", code=1006)  # not a frame: the connection is gone behind it


class _Sent:
    """What an end has said of closing."""

    def __init__(self) -> None:
        self.sent: _Closing | None = None


class _Closing:
    def __init__(self, code: Any, reason: str) -> None:
        self.code, self.reason = code, reason


class Direction:
    """Frames on their way to `reader`, in order, each `latency_s` late."""

    def __init__(self, loop: asyncio.AbstractEventLoop, reader: "End", writer: "End") -> None:
        self._loop, self._reader, self._writer = loop, reader, writer
        self.latency_s = 0.0
        self.size_bytes = 0
        self._under_way: deque[tuple[float, Frame]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._held_until_s = 0.0
        self._is_dead = False
        self._is_full = False

    def __len__(self) -> int:
        """Return how many frames are under way and may still arrive."""
        return 0 if self._is_dead else len(self._under_way)

    def put(self, frame: Frame) -> None:
        """Let a frame leave."""
        if self._is_dead:
            return
        at_s = max(self._loop.time() + self.latency_s, self._held_until_s)
        self._under_way.append((at_s, frame))
        self.size_bytes += frame.payload_size
        if self.size_bytes > FULL_BYTES and not self._is_full:
            self._is_full = True
            self._writer.paused()
        if self._timer is None:
            self._timer = self._loop.call_at(at_s, self._arrive)

    def hold(self, seconds: float) -> None:
        """Let nothing arrive for so long: a burst of delay, or a reader that does not read."""
        self._held_until_s = max(self._held_until_s, self._loop.time() + seconds)

    def die(self) -> None:
        """Let nothing arrive any more, ever; nobody is told."""
        self._is_dead = True

    def forget(self, but_bytes: int = 0) -> None:
        """Drop what is under way, but for so much of what left first."""
        while self.size_bytes > but_bytes:
            _, frame = self._under_way.pop()
            self.size_bytes -= frame.payload_size

    def _arrive(self) -> None:
        self._timer = None
        now_s = self._loop.time() + 1e-9
        while self._under_way and not self._is_dead:
            at_s, frame = self._under_way[0]
            at_s = max(at_s, self._held_until_s)
            if at_s > now_s:
                self._timer = self._loop.call_at(at_s, self._arrive)
                return
            self._under_way.popleft()
            self.size_bytes -= frame.payload_size
            self._reader.take(frame)
            if self._is_full and self.size_bytes < EMPTY_BYTES:
                self._is_full = False
                self._writer.resumed()


class End:
    """One end of a connection: what a listener takes for its transport."""

    def __init__(self, name: str, listener: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.name, self.listener, self._loop = name, listener, loop
        self.out: Direction
        self.other: End
        self.is_over = self.is_close_frame_sent = self.is_disconnected = False
        self.close_handshake = _Sent()
        self.underlying_transport = self  # for those who stop reading
        self._is_reading = True
        self.is_catching_up = False
        """Whether what is sent now has waited for a full connection, and was decided before."""
        # picows' own refuses to be called
        self._minds_pauses = listener.__class__.pause_writing is not _UNMINDED
        self.on_sent: Watch | None = None
        self.on_taken: Watch | None = None

    # -- what a listener does with its transport

    def send(self, kind: WSMsgType, message: bytes) -> None:
        """Send a whole message."""
        if self.is_disconnected or self.is_close_frame_sent:
            return
        if self.on_sent is not None:
            self.on_sent(self, kind, message)
        self.out.put(Frame(kind, message))

    def send_frame(self, frame: Frame) -> None:
        """Send a frame that need not be a whole message."""
        if not self.is_disconnected and not self.is_close_frame_sent:
            self.out.put(frame)

    def send_close(self, code: Any = None, reason: bytes | None = None) -> None:
        """Send a close frame, once."""
        if self.is_disconnected or self.is_close_frame_sent:
            return
        self.is_close_frame_sent = True
        told = reason or b""
        self.close_handshake.sent = _Closing(code or WSCloseCode.NO_INFO, told.decode())
        number = None if code is None else int(getattr(code, "value", code))
        self.out.put(Frame(WSMsgType.CLOSE, told, code=number))

    def send_pong(self, payload: bytes) -> None:
        """Answer a ping."""
        if not self.is_disconnected:
            self.out.put(Frame(WSMsgType.PONG, payload))

    def disconnect(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - picows' signature
        """End the connection; in good order what was written before still arrives."""
        if self.is_disconnected:
            return
        if not graceful:
            self.out.forget(KERNEL_BYTES)
        self.out.put(_EOF)
        self._lost()

    async def wait_disconnected(self) -> None:
        """Return at once: whoever asks has disconnected."""

    def get_extra_info(self, name: str) -> None:
        """Know nothing of a socket: there is none."""
        del name

    def pause_reading(self) -> None:
        """Read no more, which the peer notices by the pings that it answers no more."""
        self._is_reading = False
        self.other.expire(UNSEEN_S)

    # -- what befalls it

    def opened(self) -> None:
        """Tell the listener that there is a connection."""
        if not self.is_disconnected:
            self.listener.on_ws_connected(self)

    def take(self, frame: Frame) -> None:
        """Take a frame that has arrived."""
        if frame is _EOF:
            self._lost()
        if self.is_disconnected or not self._is_reading:
            return
        if self.on_taken is not None:
            self.on_taken(self, frame.msg_type, frame.payload)
        self.listener.on_ws_frame(self, frame)

    def paused(self) -> None:
        """Tell the listener to write no more, if it cares."""
        if self._minds_pauses:
            self.listener.pause_writing()

    def resumed(self) -> None:
        """Tell the listener that it may write again."""
        if self._minds_pauses and not self.is_disconnected:
            self.is_catching_up = True
            self.listener.resume_writing()
            self.is_catching_up = False

    def expire(self, after_s: float) -> None:
        """Notice by the keepalive that the peer is gone."""
        self._loop.call_later(after_s, self._lost)

    def _lost(self) -> None:
        if not self.is_disconnected:
            self.is_disconnected = True
            self._loop.call_soon(self._told)

    def _told(self) -> None:
        self.is_over = True
        self.listener.on_ws_disconnected(self)


class Connection:
    """Two ends and what is between them. `near` is the gateway's."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, near: End, far: End, latency_s: float
    ) -> None:
        self._loop, self.near, self.far = loop, near, far
        self.is_half_open = False
        self.up, self.down = Direction(loop, far, near), Direction(loop, near, far)
        near.out, far.out = self.up, self.down
        near.other, far.other = far, near
        self.up.latency_s = self.down.latency_s = latency_s

    @property
    def is_over(self) -> bool:
        """Whether both ends know that it has ended."""
        return self.near.is_over and self.far.is_over

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way."""
        return not len(self.up) and not len(self.down)

    def open(self) -> None:
        """Tell both ends, the gateway's first; nothing arrives at the other before that."""
        self._loop.call_later(self.up.latency_s, self.far.opened)
        self.up.hold(self.up.latency_s + TURN_S)
        self.near.opened()

    def reset(self) -> None:
        """Cut it: both ends lose what is under way, and know."""
        self.up.forget()
        self.down.forget()
        self.near.disconnect(graceful=False)
        self.far.disconnect(graceful=False)

    def half_open(self) -> None:
        """Lose everything from now on without a word, until the keepalives notice."""
        self.is_half_open = True
        self.up.die()
        self.down.die()
        self.near.expire(UNSEEN_S)
        self.far.expire(UNSEEN_S)
