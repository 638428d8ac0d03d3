"""What the agent protocol configures: `Settings` and the objects inside it.

An absent field and a null one both read as `None`; the protocol's defaults are named in the
docstrings and applied by the dialect, never here, so that encoding sends exactly what is present.
Enumerations are plain strings where the answer to a wrong one is `INVALID_SETTINGS`, not a failure
to parse. Knows nothing of what the upstream can do.

Source: Deepgram Voice Agent API, Settings.
"""

from typing import Any, Literal, TypeAlias

from msgspec import field

from turngate.wire.agent_objects import History, Message, Part


class AudioInput(Part, frozen=True, kw_only=True):
    """The form of the client's binary frames.

    - encoding: `linear16` (s16le mono, the default), `mulaw`, `alaw`, `opus` and others.
    - sample_rate: Hz, default 24000; some clients write 24000.0.

    Source: Deepgram Voice Agent API, Settings.
    """

    encoding: str | None = None
    sample_rate: float | None = None


class AudioOutput(Part, frozen=True, kw_only=True):
    """The form of the server's binary frames.

    - encoding: `linear16` (s16le mono, the default), `mulaw`, `alaw` and others.
    - sample_rate: Hz; default 24000 for linear16, 8000 for mulaw and alaw.
    - bitrate: bits per second, for compressed encodings.
    - container: `none` (the default), `wav` or `ogg`.

    Source: Deepgram Voice Agent API, Settings.
    """

    encoding: str | None = None
    sample_rate: float | None = None
    bitrate: int | None = None
    container: str | None = None


class AudioSettings(Part, frozen=True, kw_only=True):
    """The audio of both directions; an absent half has its defaults.

    Source: Deepgram Voice Agent API, Settings.
    """

    input: AudioInput | None = None
    output: AudioOutput | None = None


class Endpoint(Part, frozen=True, kw_only=True):
    """An address that the server is asked to call.

    - method: HTTP method, for functions only.
    - headers: may hold secrets; never logged.

    Source: Deepgram Voice Agent API, Settings.
    """

    url: str | None = None
    method: str | None = None
    headers: dict[str, str] | None = None


class ListenProvider(Part, frozen=True, kw_only=True):
    """Which speech recognition to use; `version` decides which of the fields have a meaning.

    - version: `v1` (default), with language and smart_format, or `v2`, with the rest.
    - keyterms: words to expect.
    - language_hint: an older spelling of language_hints, one or several.
    - eot_threshold: confidence that ends a turn, 0.5 to 0.9, default 0.7.
    - eager_eot_threshold: confidence that starts a speculative answer, 0.3 to 0.9.
    - eot_timeout_ms: silence that ends a turn in any case, 500 to 60000 ms, default 5000.

    Source: Deepgram Voice Agent API, Settings (agent.listen).
    """

    type: str | None = None
    version: str | None = None
    model: str | None = None
    language: str | None = None
    keyterms: tuple[str, ...] | None = None
    smart_format: bool | None = None
    language_hints: tuple[str, ...] | None = None
    language_hint: str | tuple[str, ...] | None = None
    eot_threshold: float | None = None
    eager_eot_threshold: float | None = None
    eot_timeout_ms: int | None = None


class ListenSettings(Part, frozen=True, kw_only=True):
    """How the agent hears.

    Source: Deepgram Voice Agent API, Settings (agent.listen).
    """

    provider: ListenProvider


class ThinkProvider(Part, frozen=True, kw_only=True):
    """Which language model to use.

    - type: `open_ai`, `anthropic`, `google`, `groq`, `aws_bedrock` or `deepgram`.
    - temperature: 0 to 2.
    - reasoning_mode: `none` to `high`.
    - voice_prompt_opt_out: leave the prompt without the provider's own preface.
    - credentials: for `aws_bedrock`; secret, never logged.

    Source: Deepgram Voice Agent API, Settings (agent.think).
    """

    type: str | None = None
    version: str | None = None
    model: str | None = None
    temperature: float | None = None
    reasoning_mode: str | None = None
    voice_prompt_opt_out: bool | None = None
    credentials: dict[str, Any] | None = None


class Function(Part, frozen=True, kw_only=True):
    """A function the model may call.

    - parameters: its arguments as a JSON schema, kept as written.
    - endpoint: present, the server calls it; absent, the client runs the function.
    - defer_until_eot: hold the call until the end of the user's turn is confirmed; drop it if the
      turn resumes. Default false.
    - initial_agent_filler: say a short line when the call has been made and nothing announced it.
    - agent_filler_max_count: so many more such lines while the call is outstanding.
    - agent_filler_interval_ms: the silence in ms before each of these.

    Source: Deepgram Voice Agent API, Settings (agent.think.functions).
    """

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    endpoint: Endpoint | None = None
    defer_until_eot: bool | None = None
    initial_agent_filler: bool | None = None
    agent_filler_max_count: int | None = None
    agent_filler_interval_ms: int | None = None


class ManagedPrompt(Part, frozen=True, kw_only=True):
    """A prompt stored upstream, named by its id; an extension of a React voice component.

    Source: the React voice component's extra keys of agent.think.
    """

    id: str | None = None
    version: str | None = None
    variables: dict[str, Any] | None = None


class ThinkSettings(Part, frozen=True, kw_only=True):
    """How the agent thinks.

    - context_length: characters to keep, or `max`.
    - tool_choice, output_modalities, max_output_tokens, managed_prompt: extensions of a React
      voice component (`toolChoice` and so on); they name the upstream's fields of like name.

    Source: Deepgram Voice Agent API, Settings (agent.think).
    """

    provider: ThinkProvider
    endpoint: Endpoint | None = None
    prompt: str | None = None
    context_length: Literal["max"] | float | None = None
    functions: tuple[Function, ...] | None = None
    tool_choice: str | dict[str, Any] | None = field(default=None, name="toolChoice")
    output_modalities: tuple[str, ...] | None = field(default=None, name="outputModalities")
    max_output_tokens: int | None = field(default=None, name="maxOutputTokens")
    managed_prompt: ManagedPrompt | None = field(default=None, name="managedPrompt")


class SpeakProvider(Part, frozen=True, kw_only=True):
    """Which voice to use; `type` decides which of the fields have a meaning.

    - type: `deepgram`, `open_ai`, `eleven_labs`, `cartesia` or `aws_polly`.
    - model, model_id: the voice model, by `deepgram` and `open_ai`, or by the others.
    - voice: a name, or cartesia's object of `mode` and `id`.
    - speed: a factor of the model's usual rate of speech.
    - volume: a factor of the usual loudness.
    - credentials: for `aws_polly`; secret, never logged.

    Source: Deepgram Voice Agent API, Settings (agent.speak).
    """

    type: str | None = None
    version: str | None = None
    model: str | None = None
    model_id: str | None = None
    voice: str | dict[str, Any] | None = None
    language: str | None = None
    language_code: str | None = None
    speed: float | None = None
    expressivity: int | None = None
    volume: float | None = None
    engine: str | None = None
    credentials: dict[str, Any] | None = None


class SpeakSettings(Part, frozen=True, kw_only=True):
    """How the agent speaks.

    Source: Deepgram Voice Agent API, Settings (agent.speak).
    """

    provider: SpeakProvider
    endpoint: Endpoint | None = None


class ThinkLiveProvider(Part, frozen=True, kw_only=True):
    """The companion model that acknowledges, checks presence and notices frustration.

    - agent_backchannel_sensitivity: probability, 0 to switch off.
    - presence_check_interval_ms: ms between prompts after long silence.
    - frustration_max_count: events after which `FrustrationDetected.escalated` is true.

    Source: Deepgram Voice Agent API, Think Live (early access).
    """

    type: str | None = None
    version: str | None = None
    agent_backchannel_sensitivity: float | None = None
    presence_check_max_count: int | None = None
    presence_check_interval_ms: int | None = None
    frustration_max_count: int | None = None
    restricted_terms: tuple[str, ...] | None = None


class ThinkLiveSettings(Part, frozen=True, kw_only=True):
    """Whether and how the companion model runs.

    Source: Deepgram Voice Agent API, Think Live (early access).
    """

    provider: ThinkLiveProvider


class Context(Part, frozen=True, kw_only=True):
    """The conversation so far, oldest first.

    Source: Deepgram Voice Agent API, Settings (agent.context).
    """

    messages: tuple[History, ...] | None = None


OneOrMoreThink: TypeAlias = ThinkSettings | tuple[ThinkSettings, ...]
"""The first is used, the rest are fallbacks."""

OneOrMoreSpeak: TypeAlias = SpeakSettings | tuple[SpeakSettings, ...]
"""The first is used, the rest are fallbacks."""


class SessionFormat(Part, frozen=True, kw_only=True):
    """An upstream's own words for a format: `audio/pcm`, `audio/pcmu` or `audio/pcma`.

    Source: the React voice component's extra keys of agent.
    """

    type: str
    rate: int | None = None


class CustomVoice(Part, frozen=True, kw_only=True):
    """A voice that is stored upstream.

    Source: OpenAI Realtime API reference, session.
    """

    id: str


class SessionAudioOutput(Part, frozen=True, kw_only=True):
    """The upstream's `audio.output` as the upstream spells it.

    - speed: a factor of the usual rate of speech.

    Source: the React voice component's extra keys of agent.
    """

    format: SessionFormat | None = None
    speed: float | None = None
    voice: str | CustomVoice | None = None


class AgentSettings(Part, frozen=True, kw_only=True):
    """What the agent is.

    - language: deprecated; the providers have their own.
    - greeting: what it says first, word for word.
    - idle_timeout_ms: extension (`idleTimeoutMs`), ms of silence until the agent asks; -1 for never.
    - session_audio_output: extension (`sessionAudioOutput`), an upstream `audio.output` object.
    - manual_audio_commit: extension (`useOpenAIManualAudioCommit`), no turn detection upstream.

    Source: Deepgram Voice Agent API, Settings (agent).
    """

    language: str | None = None
    greeting: str | None = None
    context: Context | None = None
    listen: ListenSettings | None = None
    think: OneOrMoreThink | None = None
    speak: OneOrMoreSpeak | None = None
    think_live: ThinkLiveSettings | None = None
    idle_timeout_ms: int | None = field(default=None, name="idleTimeoutMs")
    session_audio_output: SessionAudioOutput | None = field(default=None, name="sessionAudioOutput")
    manual_audio_commit: bool | None = field(default=None, name="useOpenAIManualAudioCommit")


class Flags(Part, frozen=True, kw_only=True):
    """Switches of a session.

    - history: whether the server sends `History`, default true.

    Source: Deepgram Voice Agent API, Settings.
    """

    history: bool | None = None


class Settings(Message, frozen=True, kw_only=True):
    """The client's first message: everything a session needs.

    - agent: an object, or the id of a stored agent.
    - tags: labels for the session.
    - experimental: default false.
    - mip_opt_out: keep the session out of the vendor's model improvement, default false.

    Source: Deepgram Voice Agent API, Settings.
    """

    audio: AudioSettings
    agent: AgentSettings | str
    tags: tuple[str, ...] | None = None
    experimental: bool | None = None
    mip_opt_out: bool | None = None
    flags: Flags | None = None
