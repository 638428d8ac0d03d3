"""Log lines: ids, counts and milliseconds. Never a key, never what a person said."""

import logging
import sys
import traceback

import structlog
from structlog.types import EventDict, WrappedLogger

_LIBRARIES = {
    "aiofastnet": logging.WARNING,
    "picows": logging.WARNING,
    "uvicorn": logging.ERROR,  # it warns of whatever a client does wrong
}
"""What is written of theirs; in their lower levels they tell of bytes, keys among them."""


def configure(level: str, form: str) -> None:
    """Send log lines of `level` and above to stderr, `form` being console or json."""
    last = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def configure_libraries() -> None:
    """Write what the libraries log as lines of ours; for a process that is ours as well."""
    for name, least in _LIBRARIES.items():
        library = logging.getLogger(name)
        library.handlers = [_Foreign()]
        library.setLevel(least)
        library.propagate = False


class _Foreign(logging.Handler):
    """Writes what libraries log as lines of ours: who, and how their sentence begins, not of what."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line (called by logging)."""
        fault = record.exc_info[1] if record.exc_info else None
        told = str(record.msg).partition("\n")[0]
        line = getattr(structlog.get_logger(f"turngate.{record.name}"), _level(record))
        line("library", name=record.name, told=told, **({"exc_info": fault} if fault else {}))


def _level(record: logging.LogRecord) -> str:
    return "error" if record.levelno >= logging.ERROR else "warning"


def _without_values(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Write where an exception came from and its class: its text and its locals may quote people."""
    fault = line.pop("exc_info", None)
    if isinstance(fault, BaseException):
        places = "".join(traceback.format_tb(fault.__traceback__))
        line["exception"] = f"{places}{type(fault).__name__}"
    return line
