"""turngate: a realtime voice gateway that keeps the turn."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turngate.client import Client as Client
    from turngate.gateway.config import Config
    from turngate.gateway.mounted import Mounted

__version__ = "0.1.0"


def asgi(config: "Config | Mapping[str, object] | None" = None) -> "Mounted":
    """Return the gateway as an ASGI app, to be mounted into another or served by itself.

    `config` are settings by the names of the configuration file, `config` among them for the path of
    one; what they leave out comes from the environment, as it does for `turngate serve`. The upstream
    has to be a URL or a provider, since `local` is a process that only `serve` starts. `host`, `port`
    and TLS are the server's.

    The app starts with its first request, or with the host: `FastAPI(lifespan=app.lifespan)`.

    Raises:
        ConfigError: A setting is wrong; it is named.

    """
    # the name of the package alone costs nobody the gateway
    from turngate.gateway.config import Config  # noqa: PLC0415 - as said
    from turngate.gateway.mounted import Mounted, configured  # noqa: PLC0415 - as said
    from turngate.web import pages  # noqa: PLC0415 - as said

    return Mounted(config if isinstance(config, Config) else configured(config or {}), pages())


def __getattr__(name: str) -> object:
    """Return `Client`, which whoever wants only the rest need not load."""
    if name == "Client":
        from turngate.client import Client  # noqa: PLC0415 - as said

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
