"""From a request to a response ready to play: its settings, what the model sees, its outputs."""

from typing import TYPE_CHECKING

from turngate.emulator import refusal
from turngate.emulator.conversation import Item
from turngate.emulator.mind import Answer, Prompt
from turngate.emulator.outbox import Speak
from turngate.emulator.refusal import Json
from turngate.emulator.response import OutputItem, Response, Settings, Step, Words
from turngate.emulator.score import content, joined
from turngate.emulator.script import FunctionCall, Message
from turngate.emulator.session import is_reasoning
from turngate.emulator.voice import bytes_per_ms, tone_speech

if TYPE_CHECKING:
    from turngate.emulator.connection import Connection


class Planner:
    """Lays out the responses of one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def settings(self, request: Json) -> Settings:
        """Return what holds for one response, the request's own before the session's."""
        session, knobs = self._connection.session.effective, self._connection.knobs
        own: Json = request.get("audio") or {}
        modalities: list[str] = request.get("output_modalities", session["output_modalities"])
        output: Json = {**session["audio"]["output"], **own.get("output", {})}
        return Settings(
            modality="text" if "text" in modalities else "audio",
            max_output_tokens=request.get("max_output_tokens", session["max_output_tokens"]),
            audio={"output": {"format": output["format"], "voice": output["voice"]}},
            metadata=None if knobs.no_metadata_echo else request.get("metadata"),
            bytes_per_ms=bytes_per_ms(output["format"]["type"]),
            repeats_part=knobs.repeat_part_as_content,
        )

    def prompt(self, request: Json) -> Prompt:
        """Return what the model sees. Raises Refusal for a reference to an item that is not there."""
        session = self._connection.session.effective
        items = tuple(self._connection.conversation.items)
        if request.get("input") is not None:
            items = tuple(self._given(entry) for entry in request["input"])
        return Prompt(
            items=items,
            tools=tuple(request.get("tools", session["tools"])),
            tool_choice=request.get("tool_choice", session["tool_choice"]),
            instructions=request.get("instructions") or "",
        )

    def _given(self, entry: Json) -> Item:
        if entry["type"] != "item_reference":
            return Item(wire=entry)
        item = self._connection.conversation.find(entry["id"])
        if item is None:
            message = f"Invalid 'response.input': no item with id '{entry['id']}'."
            raise refusal.invalid("response.input", message)
        return item

    def plan(self, response: Response, answer: Answer) -> None:
        """Lay out the outputs; ask for the sound of those that are spoken."""
        connection = self._connection
        response.pace_ms = (
            connection.knobs.per_delta_ms if answer.per_delta_ms is None else answer.per_delta_ms
        )
        has_calls = any(isinstance(output, FunctionCall) for output in answer.outputs)
        for index, output in enumerate(answer.outputs):
            match output:
                case FunctionCall(name=name):
                    item = OutputItem(index=index, kind="call", wire=self._call_wire(name))
                case Message(modality=modality):
                    wire = self._message_wire("commentary" if has_calls else "final_answer")
                    kind = modality or response.settings.modality
                    item = OutputItem(index=index, kind=kind, wire=wire)
            response.outputs.append(item)
        texts = tuple(
            output.arguments if isinstance(output, FunctionCall) else output.text
            for output in answer.outputs
        )
        spoken = [text for text, output in zip(texts, response.outputs, strict=True)
                  if output.kind == "audio"]  # fmt: skip
        response.texts = texts
        audio_format: str = response.settings.audio["output"]["format"]["type"]
        if spoken and connection.knobs.voice == "espeak":
            connection.outbox.put(Speak(response.id, tuple(spoken), audio_format))
        else:
            self.compose(response, [tone_speech(text, audio_format) for text in spoken])

    def _call_wire(self, name: str) -> Json:
        ids = self._connection.ids
        return {
            "id": ids.new("item"),
            "type": "function_call",
            "status": "in_progress",
            "name": name,
            "call_id": ids.call(),
            "arguments": "",
        }

    def _message_wire(self, phase: str) -> Json:
        wire: Json = {
            "id": self._connection.ids.new("item"),
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        return {**wire, "phase": phase} if is_reasoning(self._connection.session.model) else wire

    def compose(self, response: Response, audio: list[bytes]) -> None:
        """Write the score, given the sound of each spoken output in order."""
        sounds = iter(audio)
        contents = [
            content(
                output,
                text,
                next(sounds) if output.kind == "audio" else b"",
                response.settings.bytes_per_ms,
            )
            for output, text in zip(response.outputs, response.texts, strict=True)
        ]
        knobs = self._connection.knobs
        score = joined(response.outputs, contents, interleave=knobs.interleave_outputs)
        response.score.extend(self._limited(response, score))
        response.is_composed = True

    def _limited(self, response: Response, score: list[Step]) -> list[Step]:
        """Cut the score where a token limit or a fault ends the response early."""
        asked = response.settings.max_output_tokens
        deltas = [index for index, step in enumerate(score) if isinstance(step, Words)]
        if self._connection.knobs.incomplete_response == response.nth:
            asked = len(deltas) // 2
        limit = len(deltas) if isinstance(asked, str) else asked
        if len(deltas) <= limit:
            return score
        response.is_cut = True
        return score[: deltas[limit]]
