"""A language model behind any server that speaks chat completions.

Text is handed on sentence by sentence, so that speech can begin before the answer is complete.
Source: Chat Completions API reference, streaming.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable

import aiohttp
import msgspec

from turngate.emulator.refusal import Json
from turngate.emulator.script import FunctionCall, Message

CONNECT_S = 10.0
SILENCE_S = 60.0
"""A model that says nothing for so long has failed."""
LINE_MAX_BYTES = 1024 * 1024
"""Of a stream of events; a line holds a piece of the answer."""

_SENTENCE = re.compile(r".*?[.!?]+\s+", re.DOTALL)


class LanguageModelFailed(OSError):
    """There is no answer, or no more of it; the text says why."""


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct):
    index: int = 0
    function: _Function = msgspec.field(default_factory=_Function)


class _Delta(msgspec.Struct):
    content: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []


class LanguageModel:
    """The model `name` at `url`, which ends before /chat/completions; `key` may be empty."""

    def __init__(self, url: str, name: str, key: str = "") -> None:
        self.name = name
        self._url = f"{url.rstrip('/')}/chat/completions"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=SILENCE_S)
        self._client = aiohttp.ClientSession(
            headers=headers, timeout=timeout, read_bufsize=LINE_MAX_BYTES
        )

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.close()

    async def answer(self, request: Json) -> AsyncGenerator[Message | FunctionCall]:
        """Yield the answer to `request`: text in sentences, then the calls.

        Raises:
            LanguageModelFailed: The server cannot be reached, refuses, or breaks off.

        """
        body = msgspec.json.encode({"model": self.name, **request})
        headers = {"Content-Type": "application/json"}
        try:
            async with self._client.post(self._url, data=body, headers=headers) as reply:
                if not reply.ok:
                    raise LanguageModelFailed(f"the model's server answered {reply.status}")
                async for output in _outputs(reply.content):
                    yield output
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise LanguageModelFailed(f"the model's server failed: {reason}") from error


async def _outputs(lines: AsyncIterable[bytes]) -> AsyncGenerator[Message | FunctionCall]:
    """Yield what a stream of server-sent events says."""
    text = ""
    calls: dict[int, tuple[str, str]] = {}
    async for line in lines:
        chunk = line.removeprefix(b"data:").strip()
        if not line.startswith(b"data:") or chunk == b"[DONE]":
            continue
        delta = _delta(chunk)
        text += delta.content or ""
        while sentence := _SENTENCE.match(text):
            yield Message(text=sentence[0])
            text = text[sentence.end() :]
        for call in delta.tool_calls or ():
            name, arguments = calls.get(call.index, ("", ""))
            called = call.function
            calls[call.index] = (name + (called.name or ""), arguments + (called.arguments or ""))
    if text or not calls:
        yield Message(text=text)
    for name, arguments in calls.values():
        yield FunctionCall(name=name, arguments=arguments or "{}")


def _delta(chunk: bytes) -> _Delta:
    try:
        choices = msgspec.json.decode(chunk, type=_Chunk).choices
    except msgspec.DecodeError as error:
        raise LanguageModelFailed(f"the model's server sent no chat completion: {error}") from error
    return choices[0].delta if choices else _Delta()
