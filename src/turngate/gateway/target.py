"""Where the upstream is and what is presented to it, decided from the configuration alone.

It does not connect; `gateway.upstream` does, and `check` tries.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

import msgspec

from turngate.dialects.profiles import PROFILES, Profile
from turngate.errors import ConfigError
from turngate.gateway.config import PROVIDER_KEYS, Config, environment_name
from turngate.gateway.hosts import is_loopback

OPENAI_URL = "wss://api.openai.com/v1/realtime"
DEEPGRAM_HOST = "agent.deepgram.com"
LOCAL = "local"
HURRIED_AND_HESITANT = {
    "done_after_last_ms": 1500,
    "item_ack_ms": 300,
    "created_ms": 250,
    "vad_race_ms": 400,
}
"""It says that it has finished long after its last word, acknowledges and announces late, and once
begins an answer of its own just as it is asked for one."""
AZURE_DOMAIN = ".openai.azure.com"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """An upstream to connect to.

    `url` has the model in its query and may have more there that is private; `headers` go with the
    handshake and may hold the key; `name` may be logged and shown; `profile` says how it differs.
    """

    url: str
    name: str
    headers: Mapping[str, str] = msgspec.field(default_factory=dict[str, str])
    profile: Profile = PROFILES["openai"]

    @property
    def place(self) -> str:
        """The name and the host that it stands for: what a failure of the connection is blamed on."""
        host = urlsplit(self.url).netloc
        return self.name if self.name == host else f"{self.name} ({host})"

    def __repr__(self) -> str:
        """Show the name, and the names of the headers without their values."""
        return f"Target(name={self.name!r}, headers={sorted(self.headers)})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return for rich what `repr` shows."""
        return [("name", self.name), ("headers", sorted(self.headers))]


def target(config: Config, local_url: str | None = None) -> Target:
    """Return where `config` says the upstream is.

    `local_url` is the address of the emulator that belongs to the upstream `local`; no other
    upstream looks at it.

    Raises:
        ConfigError: a key or a setting that this upstream needs is missing, the key would cross a
            network in the clear.

    """
    match config.upstream:
        case "local":
            if local_url is None:
                raise ConfigError(
                    "upstream", "local needs the emulator that turngate serve starts; give a URL"
                )
            return Target(
                url=_with_model(local_url, config.model), name=LOCAL, profile=_profile(config)
            )
        case "openai":
            key = _required_key(config)
            return Target(
                url=_with_model(OPENAI_URL, config.model), name="openai", headers=_bearer(key)
            )  # a dialect is for other servers
        case "azure":
            return _azure(config)
        case "deepgram":
            return _to_deepgram(config, _required_key(config))
        case "":
            raise ConfigError("upstream", "not decided; turngate.gateway.loading.load decides it")
        case url:
            return _by_url(config, url)


def deepgram(config: Config) -> Target | None:
    """Return where calls are passed through to, whatever the upstream is; None without its key.

    Raises:
        ConfigError: the key would cross a network in the clear.

    """
    key = config.upstream_key if config.upstream == "deepgram" else config.deepgram_key
    return _to_deepgram(config, key) if key else None


def _to_deepgram(config: Config, key: str) -> Target:
    parts = urlsplit(config.deepgram_url)
    host = parts.hostname or ""
    if parts.scheme != "wss" and not is_loopback(host):
        raise ConfigError("deepgram_url", f"the key would go to {host} unencrypted; use wss://")
    name = "deepgram" if parts.netloc == DEEPGRAM_HOST else parts.netloc
    return Target(url=config.deepgram_url, name=name, headers={"Authorization": f"Token {key}"})


def for_model(target: Target, model: str) -> Target:
    """Return the same upstream for another model; without one, or with a deployment, as it is."""
    parts = urlsplit(target.url)
    if not model or "model" not in parse_qs(parts.query) or target.profile.has_deployments:
        return target
    others = [pair for pair in parts.query.split("&") if not pair.startswith("model=")]
    query = "&".join([*others, urlencode({"model": model})])
    return msgspec.structs.replace(target, url=urlunsplit(parts._replace(query=query)))


def rehearsing(target: Target) -> Target:
    """Return the local upstream in a mood in which the turn is hard to keep; others as they are.

    It is an emulator, whose knobs one connection may turn for itself.
    """
    if target.name != LOCAL:
        return target
    knobs = msgspec.json.encode(HURRIED_AND_HESITANT).decode()
    return msgspec.structs.replace(target, url=f"{target.url}&{urlencode({'emu': knobs})}")


def _by_url(config: Config, url: str) -> Target:
    parts, profile = urlsplit(url), _profile(config)
    host = parts.hostname or ""
    if config.upstream_key is None:
        headers: dict[str, str] = {}
    elif parts.scheme == "ws" and not is_loopback(host):
        raise ConfigError(
            "upstream",
            f"the key would go to {host} unencrypted; use wss://, or unset TURNGATE_UPSTREAM_KEY",
        )
    elif profile.key_in == "api-key":
        headers = {"api-key": config.upstream_key}
    else:
        headers = _bearer(config.upstream_key)
    return Target(
        url=_with_model(url, config.model, profile),
        name=parts.netloc,
        headers=headers,
        profile=profile,
    )


def _profile(config: Config) -> Profile:
    """Return how the upstream differs: as it is told to, else as its name says."""
    named = config.upstream if config.upstream in PROFILES else "openai"
    return PROFILES[config.dialect or ("compatible" if "://" in config.upstream else named)]


def _azure(config: Config) -> Target:
    for field in ("azure_resource", "azure_deployment"):
        if getattr(config, field) is None:
            raise ConfigError(
                "upstream", f"{environment_name(field)} is not set, and azure needs it"
            )
    host, profile = f"{quote(str(config.azure_resource), safe='')}{AZURE_DOMAIN}", _profile(config)
    return Target(
        url=_with_model(f"wss://{host}", str(config.azure_deployment), profile),
        name=host,
        headers={"api-key": _required_key(config)},
        profile=profile,
    )


def _required_key(config: Config) -> str:
    if config.upstream_key is not None:
        return config.upstream_key
    raise ConfigError(
        "upstream",
        f"{PROVIDER_KEYS[config.upstream]} is not set, and {config.upstream} needs a key;"
        " the upstream local, of turngate serve, needs none",
    )


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _with_model(url: str, model: str, profile: Profile = PROFILES["openai"]) -> str:
    """Add the usual path if `url` has none, and the model if its query names none."""
    parts = urlsplit(url)
    path = profile.path if parts.path in {"", "/"} else parts.path
    query = parts.query
    if profile.asks_by not in parse_qs(query):
        query = "&".join(filter(None, (query, urlencode({profile.asks_by: model}))))
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))
