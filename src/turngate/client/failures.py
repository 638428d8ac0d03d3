"""What a program that uses the client can catch.

ClientError
|- ConnectFailed   there is no connection; `status` is the HTTP status, if the server gave one
|- Refused         the server answered Settings with an Error
|- NoAnswer        the server did not do within its deadline what it owes
'- Closed          the connection ended, with a WebSocket close code and reason
"""

from dataclasses import dataclass


class ClientError(Exception):
    """The root: whatever the client raises."""


@dataclass(eq=True, unsafe_hash=True)
class ConnectFailed(ClientError):
    """No connection to `address`. `status` is the HTTP status of a refused handshake."""

    address: str
    reason: str
    status: int | None = None

    def __str__(self) -> str:
        return f"cannot connect to {self.address}: {self.reason}"


@dataclass(eq=True, unsafe_hash=True)
class Refused(ClientError):
    """The server answered Settings with an Error; `code` is for programs.

    INVALID_SETTINGS blames the settings; any other code tells of something else that failed.
    """

    code: str
    description: str

    def __str__(self) -> str:
        if self.code == INVALID_SETTINGS:
            return f"the settings were refused ({self.code}): {self.description}"
        return f"{self.description} ({self.code})"


@dataclass(eq=True, unsafe_hash=True)
class NoAnswer(ClientError):
    """The server owes `what`, and `seconds` have passed."""

    what: str
    seconds: float

    def __str__(self) -> str:
        return f"no {self.what} within {self.seconds:g} s"


@dataclass(eq=True, unsafe_hash=True)
class Closed(ClientError):
    """The connection ended.

    1000 is an orderly end, 1006 says that the other side vanished without a close frame.
    """

    code: int
    reason: str = ""

    def __str__(self) -> str:
        if self.code == ABNORMAL:
            return "the connection was lost"
        tail = f": {self.reason}" if self.reason else ""
        return f"the connection was closed with code {self.code}{tail}"


INVALID_SETTINGS = "INVALID_SETTINGS"
NORMAL = 1000
ABNORMAL = 1006
