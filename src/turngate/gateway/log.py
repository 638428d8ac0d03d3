"""Log lines: ids, counts and milliseconds. Never a key, never what a person said."""

import logging
import sys
import traceback

import structlog
from structlog.types import EventDict, WrappedLogger


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


def _without_values(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Write where an exception came from and its class: its text and its locals may quote people."""
    fault = line.pop("exc_info", None)
    if isinstance(fault, BaseException):
        places = "".join(traceback.format_tb(fault.__traceback__))
        line["exception"] = f"{places}{type(fault).__name__}"
    return line
