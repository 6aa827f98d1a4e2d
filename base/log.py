"""Structured logs without personal data: events and ids, never names, numbers, addresses or words of people."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

import structlog

from base.errors import TratoError

log: structlog.stdlib.BoundLogger = structlog.get_logger("trato")
# Errors whose texts speak of code. Those of others may quote what was being worked on: a database prints the row that it refuses.
_SPEAK_OF_CODE = (TratoError, AttributeError, ImportError, NameError, NotImplementedError, TypeError)


def set_up_logging(style: str) -> None:
    """Write one line per event to standard error: `style` is ``json`` for machines or ``text`` for people."""
    renderer = structlog.dev.ConsoleRenderer(colors=False) if style == "text" else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_trace),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _trace(exc_info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    """Where each error of a chain happened and what kind it was, without the texts that may hold personal data."""
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(parts) < 10:
        parts.append("".join(traceback.format_tb(error.__traceback__)) + _said(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\ncaused by\n".join(parts)


def _said(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, _SPEAK_OF_CODE):
        return f"{name}: {error}"
    code, constraint = getattr(error, "sqlstate", None), getattr(error, "constraint_name", None)
    return " ".join([name, *(f"({one})" for one in (code, constraint) if one)])
