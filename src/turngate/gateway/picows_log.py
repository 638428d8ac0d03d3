"""What picows logs of one connection, and the one thing in it that somebody has to act on.

picows refuses some frames itself, sends the close frame and hands over nothing: neither the frame
nor those before it in the same read. Only its logger is told, and before the close frame leaves.
Both functions that make connections take such a logger.
"""

import logging
from collections.abc import Callable
from typing import Any

from picows import WSCloseCode

_log = logging.getLogger("picows")


class PicowsLog(logging.LoggerAdapter[logging.Logger]):
    """A logger for one connection; `refused` takes the code and reason with which picows will close.

    That is the peer's fault, and no line of its own. Every other line goes to the log of the library.
    """

    def __init__(self, refused: Callable[[int, str], None]) -> None:
        super().__init__(_log, None)
        self._refused = refused

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Write a line, or take a refusal (called by picows, by way of `error` and the like)."""
        match args:
            case ((WSCloseCode() as code, str(reason)),):
                self._refused(int(code.value), reason)
            case _:
                self.logger.log(level, msg, *args, **kwargs)
