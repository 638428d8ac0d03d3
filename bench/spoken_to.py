"""A mock Realtime server that is spoken to, and a function's endpoint beside it: prints both addresses."""

import asyncio
from typing import Any

import uvloop
from picows import WSFrame, WSMsgType, WSTransport
from sleepers import endpoint
from upstream import Upstream, listening


class SpokenTo(Upstream):
    """A mock that hears what is loud as speech, and calls the function that it is told to.

    A user's line `call NAME` is answered by a call of NAME, `talk N` by N deltas.
    """

    def __init__(self) -> None:
        super().__init__()
        self._item = 0
        self._calls = 0
        self._response: dict[str, Any] | None = None

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take loud audio for an interruption."""
        if frame.msg_type is WSMsgType.TEXT:
            text = frame.get_payload_as_bytes()
            if b'"input_audio_buffer.append"' in text[:64]:
                if b'"AX8BfwF/' in text:
                    self._interrupt()
                return
        super().on_ws_frame(transport, frame)

    def _interrupt(self) -> None:
        self._item += 1
        started = {"type": "input_audio_buffer.speech_started", "item_id": f"speech_{self._item}"}
        self._say({**started, "audio_start_ms": 0})

    def _answer(self, event: dict[str, Any]) -> None:
        match event:
            case {"type": "conversation.item.create", "item": {"role": "user"}}:
                super()._answer(event)
            case {"type": "conversation.item.create", "item": item}:
                self._say({"type": "conversation.item.added", "item": item})
                self._say({"type": "conversation.item.done", "item": item})
            case {"type": "response.create"} if self._text.startswith("call "):
                self._call(event.get("response", {}).get("metadata"))
            case _:
                super()._answer(event)

    def _call(self, metadata: dict[str, str] | None) -> None:
        self._calls += 1
        name, self._text = self._text.removeprefix("call "), "talk 0"
        response_id, call_id = f"resp_call_{self._calls}", f"call_{self._calls}"
        item = {"type": "function_call", "id": f"item_{call_id}", "call_id": call_id, "name": name}
        item = {**item, "arguments": "{}", "status": "completed"}
        response: dict[str, Any] = {"object": "realtime.response", "id": response_id}
        response |= {"conversation_id": "conv_1", "metadata": metadata, "output": [item]}
        self._say({"type": "response.created", "response": {**response, "status": "in_progress"}})
        self._say({"type": "response.done", "response": {**response, "status": "completed"}})


async def main() -> None:
    """Serve until ended."""
    async with listening(SpokenTo) as url:
        print(url, await endpoint(), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
