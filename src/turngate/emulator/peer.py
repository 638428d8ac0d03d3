"""One client on a socket: performs the effects of its connection and brings it frames and time.

Each connection lives in the callbacks of its socket and one timer, so all its state changes
happen one after the other.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from turngate.emulator.connection import Connection
from turngate.emulator.outbox import Close, Drop, Effect, Freeze, Send, Speak, Think
from turngate.emulator.script import Message
from turngate.emulator.spoken import Spoken
from turngate.emulator.voice import Voice

if TYPE_CHECKING:
    from turngate.emulator.llm import LanguageModel

LAST_WORDS_S = 1.0
"""A client that does not read gets this long for what is still to be written."""


class Socket(WSListener):
    """Performs the effects of one connection and brings it frames and time."""

    def __init__(
        self,
        connection: Connection,
        voice: Voice,
        model: "LanguageModel | None",
        ended: Callable[["Socket"], None],
        *,
        is_beta: bool,
    ) -> None:
        self.connection = connection
        self._ended = ended
        self.is_open = False
        self._voice = voice
        self._model = model
        self._is_beta = is_beta
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._fragments = bytearray()
        self._transport: WSTransport | None = None

    @property
    def _now_ms(self) -> float:
        return (self._loop.time() - self._began_s) * 1000

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Greet the client."""
        self._transport = transport
        self.is_open = True
        connection = self.connection
        self._perform(connection.open_beta() if self._is_beta else connection.open(self._now_ms))

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Hand a whole message to the connection."""
        match frame.msg_type:
            case WSMsgType.TEXT | WSMsgType.BINARY | WSMsgType.CONTINUATION:
                payload = frame.get_payload_as_bytes()
                if not frame.fin or self._fragments:
                    self._fragments += payload
                    if not frame.fin:
                        return
                    payload = bytes(self._fragments)
                    self._fragments.clear()
                is_binary = frame.msg_type is WSMsgType.BINARY
                self._perform(self.connection.receive(payload, self._now_ms, is_binary=is_binary))
            case WSMsgType.CLOSE:
                transport.send_close(frame.get_close_code(), frame.get_close_message())
                transport.disconnect()
            case WSMsgType.PING | WSMsgType.PONG:
                pass

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002  picows' signature
        """Stop the clock of the connection."""
        self.is_open = False
        if self._timer:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        self._ended(self)

    def summary(self) -> dict[str, object]:
        """Return what `GET /sessions` tells of this connection."""
        connection = self.connection
        ledger, sent = connection.ledger, connection.outbox.sent
        return {
            "number": ledger.connection,
            "id": connection.session.effective["id"],
            "model": connection.session.model,
            "is_open": self.is_open,
            "lasted_ms": round(self._now_ms if self.is_open else connection.now_ms),
            "items": len(connection.conversation.items),
            "turns": ledger.turns,
            "responses": sent["response.created"],
            "active_response": connection.responder.active_id,
            "violations": ledger.violations,
            "races": ledger.counters["race"],
            "errors": sent["error"],
            "last_event": ledger.records[-1].type if ledger.records else None,
        }

    async def hang_up(self) -> None:
        """Close the connection, as a server that goes away, and wait for its end."""
        if not self.is_open or self._transport is None:
            return
        self._transport.send_close(WSCloseCode.GOING_AWAY)
        self._transport.disconnect()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await self._transport.wait_disconnected()
        except TimeoutError:
            self._transport.disconnect(graceful=False)

    def _tick(self) -> None:
        self._timer = None
        self._perform(self.connection.advance(self._now_ms))

    def _perform(self, effects: list[Effect]) -> None:
        transport = self._transport
        if transport is None or not self.is_open:
            return
        for effect in effects:
            match effect:
                case Send(frame, is_binary):
                    transport.send(WSMsgType.BINARY if is_binary else WSMsgType.TEXT, frame)
                case Close(code, reason):
                    # picows' enumeration lacks the codes of applications; it only needs the number.
                    transport.send_close(_close_code(code), reason.encode())
                    transport.disconnect()
                case Drop():
                    transport.disconnect(graceful=False)
                case Freeze():
                    transport.underlying_transport.pause_reading()
                case Speak():
                    self._begin(self._speak(effect))
                case Think():
                    self._begin(self._think(effect))
        self._wind()

    def _wind(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due_ms = self.connection.next_ms
        if due_ms is not None and self.is_open:
            self._timer = self._loop.call_at(self._began_s + due_ms / 1000, self._tick)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _speak(self, wish: Speak) -> None:
        audio = [await self._voice.speak(text, wish.audio_format) for text in wish.texts]
        self._perform(self.connection.spoken(wish.response_id, audio, self._now_ms))

    async def _think(self, wish: Think) -> None:
        """Pass on what the language model says, in the order it says it."""
        failure = None
        try:
            if not await self._pass_on(wish):
                return
        except OSError as error:
            failure = str(error)
        self._perform(self.connection.thought_through(wish.response_id, self._now_ms, failure))

    async def _pass_on(self, wish: Think) -> bool:
        """Pass on what comes, as long as it is wanted; return whether it was until the end."""
        if self._model is None:
            raise OSError("the emulator was started without a language model")
        connection, response_id = self.connection, wish.response_id
        async with aclosing(self._model.answer(wish.request)) as outputs:
            async for output in outputs:
                audio = Spoken(b"")
                if isinstance(output, Message) and output.text and wish.audio_format:
                    audio = await self._voice.speak(output.text, wish.audio_format)
                if not connection.responder.wants_thoughts(response_id):
                    return False
                self._perform(connection.thought(response_id, output, audio, self._now_ms))
        return True


def _close_code(code: int) -> Any:
    try:
        return WSCloseCode(code)
    except ValueError:
        return code
