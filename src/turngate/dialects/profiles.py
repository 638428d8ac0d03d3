"""How servers of the Realtime protocol differ from OpenAI's: one row a server, as data.

What differs in words is translated at the upstream's edge (`older`), so that everything within
speaks the protocol as it is today. What a server merely refuses is not here: its errors say so.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

Dialect: TypeAlias = Literal[
    "openai", "azure", "azure-preview", "older", "compatible", "xai", "huggingface"
]


class Profile(Struct, frozen=True, kw_only=True):
    """What has to be known of a server.

    - path: where it serves the protocol, for a URL that names no path.
    - asks_by: the query parameter that names the model or deployment.
    - key_in: the header that the key goes into.
    - has_deployments: whether what is asked for is a deployment, which only the operator knows.
    - greets: whether it begins with `session.created`; one that does not is spoken to at once.
    - echoes: whether a response is known to repeat its request's metadata, so that the first one
      already tells whose it is; of a server that may or may not this is learnt, one response late.
    - is_older: whether it speaks the protocol of before general availability.
    - source: where this is known from.
    """

    path: str = "/v1/realtime"
    asks_by: Literal["model", "deployment"] = "model"
    key_in: Literal["authorization", "api-key"] = "authorization"
    has_deployments: bool = False
    greets: bool = True
    echoes: bool = False
    is_older: bool = False
    source: str


PROFILES: dict[str, Profile] = {
    "openai": Profile(
        echoes=True,
        source="OpenAI Realtime API reference; recordings of the service; livekit/agents tells its"
        " responses apart by their metadata, here and on Azure",
    ),
    "azure": Profile(
        path="/openai/v1/realtime",
        key_in="api-key",
        has_deployments=True,
        echoes=True,
        source="recordings of Azure OpenAI; there the model is a deployment",
    ),
    "azure-preview": Profile(
        path="/openai/realtime",
        asks_by="deployment",
        key_in="api-key",
        has_deployments=True,
        is_older=True,
        source="Azure-Samples/aisearch-openai-rag-audio; the URL brings its own api-version",
    ),
    "older": Profile(
        is_older=True,
        source="OpenAI Realtime API reference before general availability; speaches-ai/speaches",
    ),
    "compatible": Profile(source="what a server is taken for that nothing more is known of"),
    "xai": Profile(greets=False, source="gptme/gptme-contrib#709, openclaw/openclaw#79980"),
    "huggingface": Profile(
        source="huggingface/speech-to-speech: it refuses a request while outputs are missing, which"
        " turngate does not send"
    ),
}
