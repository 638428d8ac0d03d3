"""From a request to a response ready to play: its settings, what the model sees, its outputs."""

from typing import TYPE_CHECKING

from turngate.emulator import chat, refusal
from turngate.emulator.conversation import Item
from turngate.emulator.mind import Answer, Prompt
from turngate.emulator.outbox import Speak, Think
from turngate.emulator.refusal import Json
from turngate.emulator.response import Begin, End, OutputItem, Response, Settings, Step, Words
from turngate.emulator.score import content, joined
from turngate.emulator.script import FunctionCall, McpApprovalRequest, McpCall, Message, Output
from turngate.emulator.session import is_reasoning
from turngate.emulator.spoken import Spoken, bytes_per_ms, tone_speech

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
        """Return what the model sees.

        Raises:
            Refusal: It refers to an item that is not there.

        """
        session = self._connection.session.effective
        items = tuple(self._connection.conversation.items)
        if request.get("input") is not None:
            items = tuple(self._given(entry) for entry in request["input"])
        return Prompt(
            items=items,
            tools=tuple(request.get("tools", session["tools"])),
            tool_choice=request.get("tool_choice", session["tool_choice"]),
            instructions=request.get("instructions") or "",
            persona=session["instructions"],
            unix_s=self._connection.ids.unix_s,
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
        has_calls = any(not isinstance(output, Message) for output in answer.outputs)
        for output in answer.outputs:
            self._lay_out(response, output, "commentary" if has_calls else "final_answer")
        texts = tuple(
            output.text if isinstance(output, Message) else output.arguments
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

    def _lay_out(self, response: Response, output: Output, phase: str) -> OutputItem:
        """Append an output item, still empty."""
        result: Json = {}
        match output:
            case Message(modality=modality):
                kind, wire = modality or response.settings.modality, self._message_wire(phase)
            case FunctionCall(name=name):
                kind, wire = "call", self._call_wire(name)
            case McpCall(output=given):
                kind, wire = "mcp", self._mcp_wire(output, "mcp_call")
                wire |= {"output": None, "error": None, "approval_request_id": None}
                failed = {"type": "tool_execution_error", "message": "The tool failed."}
                result = {"output": given, "error": failed if given is None else None}
            case McpApprovalRequest(arguments=arguments):
                kind, wire = "approval", self._mcp_wire(output, "mcp_approval_request")
                wire["arguments"] = arguments
        item = OutputItem(index=len(response.outputs), kind=kind, wire=wire, result=result)
        response.outputs.append(item)
        return item

    def _mcp_wire(self, output: McpCall | McpApprovalRequest, kind: str) -> Json:
        return {
            "id": self._connection.ids.new("item"),
            "type": kind,
            "server_label": output.server_label,
            "name": output.name,
            "arguments": "",
        }

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

    def compose(self, response: Response, audio: list[Spoken]) -> None:
        """Write the score, given the sound of each spoken output in order."""
        sounds = iter(audio)
        per_ms = response.settings.bytes_per_ms
        contents = [
            content(
                output,
                text,
                output.lay(next(sounds), per_ms) if output.kind == "audio" else b"",
                response.settings.bytes_per_ms,
                whole=self._connection.knobs.whole_deltas,
            )
            for output, text in zip(response.outputs, response.texts, strict=True)
        ]
        knobs = self._connection.knobs
        score = joined(response.outputs, contents, interleave=knobs.interleave_outputs)
        response.score.extend(self._limited(response, score))
        response.is_composed = True

    # A language model says its answer piece by piece

    def begin_growing(self, response: Response, prompt: Prompt) -> None:
        """Ask the language model, and be ready to play what comes."""
        audio_format: str = response.settings.audio["output"]["format"]["type"]
        is_spoken = response.settings.modality == "audio"
        response.is_growing = response.is_composed = True
        response.pace_ms = self._connection.knobs.per_delta_ms
        self._connection.outbox.put(
            Think(response.id, chat.request(prompt), audio_format if is_spoken else None)
        )

    def grow(self, response: Response, output: Message | FunctionCall, audio: Spoken) -> None:
        """Append a piece to the score: some more of a message, or a call."""
        last = response.outputs[-1] if response.outputs else None
        per_ms = response.settings.bytes_per_ms
        if isinstance(output, FunctionCall):
            self._end_message(response)
            item = self._lay_out(response, output, "commentary")
            steps = content(item, output.arguments, b"", per_ms)
            response.score.extend([Begin(item), *steps, End(item)])
            return
        if last is None or not last.has_part:
            last = self._lay_out(response, output, "final_answer")
            response.score.append(Begin(last))
        response.score.extend(content(last, output.text, last.lay(audio, per_ms), per_ms))

    def end_growing(self, response: Response) -> None:
        """Close the score."""
        self._end_message(response)
        response.is_growing = False

    def _end_message(self, response: Response) -> None:
        last = response.outputs[-1] if response.outputs else None
        if last and last.has_part:
            response.score.append(End(last))

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
