"""The port: one listener before WebSocket and HTTP. What is said there is not known here."""

from email.utils import formatdate


def connection_headers() -> dict[str, str]:
    """Return what every answer has here. One request a connection: nothing hides behind the first."""
    return {"date": formatdate(usegmt=True), "connection": "close"}
