"""What a widespread React voice component is told beyond the agent protocol.

Its own keys in `Settings` show that it is there. It shows what the user says while they say it, ends
an utterance by `UtteranceEnd` and a turn by `AgentDone`, and knows the upstream's error codes.

Source: the React voice component's own proxy.
"""

from turngate.errors import TurngateError, UpstreamTrouble
from turngate.wire import agent, realtime

UTTERANCES = 8
"""How many utterances may be written down at once; of more the oldest begins anew."""

_TURN_ENDS = agent.AgentDone()


def is_there(message: agent.Settings) -> bool:
    """Tell whether the component's own keys are in these settings, which are settled."""
    block = message.agent
    if not isinstance(block, agent.AgentSettings):
        return False
    own: list[object] = [block.idle_timeout_ms, block.session_audio_output]
    own.append(block.manual_audio_commit)
    if isinstance(block.think, agent.ThinkSettings):
        think = block.think
        own += [think.tool_choice, think.output_modalities]
        own += [think.max_output_tokens, think.managed_prompt]
    return any(value is not None for value in own)


class Component:
    """One call's component: what it is told of an upstream event, a turn's end, a failure."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}

    def told_of(self, event: object) -> tuple[agent.ServerMessage, ...]:
        """Return what an upstream event is to it, beside what it is to everybody."""
        match event:
            case realtime.InputAudioBufferSpeechStopped(audio_end_ms=end_ms):
                end_s = (end_ms or 0) / 1000
                return (agent.UtteranceEnd(channel=(0, 1), last_word_end=end_s),)
            case realtime.ConversationItemInputAudioTranscriptionDelta(item_id=item_id):
                return (_transcript(self._grown(item_id or "", event.delta), is_final=False),)
            case realtime.ConversationItemInputAudioTranscriptionCompleted(item_id=item_id):
                self._written.pop(item_id or "", None)
                return (_transcript(event.transcript, is_final=True),)
            case realtime.ConversationItemInputAudioTranscriptionFailed(item_id=item_id):
                self._written.pop(item_id or "", None)
                return ()
            case _:
                return ()

    def turn_ended(self) -> agent.ServerMessage:
        """Return what follows `AgentAudioDone`."""
        return _TURN_ENDS

    def failure(self, error: TurngateError) -> agent.ServerMessage | None:
        """Return how it wants to be told of a failure, if not as everybody."""
        if isinstance(error, UpstreamTrouble):
            return agent.Error(error.code or "unknown", str(error))
        return None

    def _grown(self, item_id: str, delta: str) -> str:
        text = self._written.pop(item_id, "") + delta
        if len(self._written) >= UTTERANCES:
            del self._written[next(iter(self._written))]
        self._written[item_id] = text
        return text


def _transcript(text: str, *, is_final: bool) -> agent.Transcript:
    return agent.Transcript(
        transcript=text,
        is_final=is_final,
        speech_final=is_final,
        channel=0,
        channel_index=(0,),
        start=0.0,
        duration=0.0,
        alternatives=(agent.Alternative(transcript=text, confidence=1.0, words=()),),
    )
