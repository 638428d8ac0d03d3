"""What `turngate talk` says of an address that does not lead to an agent, and what to do about it."""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from turngate.cli.plain import Failed, program
from turngate.client import ConnectFailed, NoAnswer
from turngate.errors import ConfigError

AGENT_PATH = "/v1/agent/converse"
URL = f"ws://127.0.0.1:8080{AGENT_PATH}"
"""Where a gateway is that was told nothing else."""


def agent_url(url: str) -> str:
    """Return where the agent is at this address, which may leave the path out.

    Raises:
        ConfigError: it is no ws:// or wss:// URL with a host.

    """
    wrong = ConfigError("--url", f"{url} is not a ws:// or wss:// URL")
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"ws", "wss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None
    if not is_address:
        raise wrong
    return url if parts.path.strip("/") else urlunsplit(parts._replace(path=AGENT_PATH))


@contextmanager
def advised(url: str, *, has_key: bool) -> Generator[None]:
    """Add to a failure of the block what the caller can do about it.

    Raises:
        Failed: there is no connection, or no answer over it.

    """
    try:
        yield
    except ConnectFailed as error:
        raise Failed(f"{error}{_for_no_connection(error.status, has_key=has_key)}") from error
    except NoAnswer as error:
        raise Failed(f"{error}{_for_silence(urlsplit(url).path)}") from error


def _for_no_connection(status: int | None, *, has_key: bool) -> str:
    match status:
        case None:
            return f"; start a gateway with: {program()} serve"
        case HTTPStatus.UNAUTHORIZED if has_key:
            return "; the key is none of those that the gateway knows"
        case HTTPStatus.UNAUTHORIZED:
            return "; give --key (or TURNGATE_KEY)"
        case HTTPStatus.NOT_FOUND:
            return f"; the agent is at {AGENT_PATH}"
        case _:
            return ""


def _for_silence(path: str) -> str:
    if path == AGENT_PATH:
        return ""
    return f"; the path {path} is probably wrong, the agent is at {AGENT_PATH}"
