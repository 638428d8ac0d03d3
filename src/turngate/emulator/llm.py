"""A language model behind any server that speaks chat completions. Needs the extra `emulator`.

Text is handed on sentence by sentence, so that speech can begin before the answer is complete.
Source: Chat Completions API reference, streaming.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
import msgspec

from turngate.emulator.refusal import Json
from turngate.emulator.script import FunctionCall, Message

CONNECT_S = 10.0
SILENCE_S = 60.0
"""A model that says nothing for so long has failed."""

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
        timeout = httpx.Timeout(SILENCE_S, connect=CONNECT_S)
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout)

    async def close(self) -> None:
        """Close the connections to the server."""
        await self._client.aclose()

    async def answer(self, request: Json) -> AsyncGenerator[Message | FunctionCall]:
        """Yield the answer to `request`: text in sentences, then the calls.

        Raises LanguageModelFailed when the server cannot be reached, refuses, or breaks off.
        """
        body = msgspec.json.encode({"model": self.name, **request})
        headers = {"Content-Type": "application/json"}
        try:
            async with self._client.stream(
                "POST", self._url, content=body, headers=headers
            ) as reply:
                if not reply.is_success:
                    raise LanguageModelFailed(f"the model's server answered {reply.status_code}")
                async for output in _outputs(reply.aiter_lines()):
                    yield output
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise LanguageModelFailed(f"the model's server failed: {reason}") from error


async def _outputs(lines: AsyncIterator[str]) -> AsyncGenerator[Message | FunctionCall]:
    """Yield what a stream of server-sent events says."""
    text = ""
    calls: dict[int, tuple[str, str]] = {}
    async for line in lines:
        if not line.startswith("data:") or line.endswith("[DONE]"):
            continue
        delta = _delta(line.removeprefix("data:"))
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


def _delta(chunk: str) -> _Delta:
    try:
        choices = msgspec.json.decode(chunk, type=_Chunk).choices
    except msgspec.DecodeError as error:
        raise LanguageModelFailed(f"the model's server sent no chat completion: {error}") from error
    return choices[0].delta if choices else _Delta()
