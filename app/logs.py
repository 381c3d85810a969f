"""Logs for the operators of the servers: one JSON line each, never a personal value."""

import logging
import sys

import structlog


def configure(*, production: bool) -> None:
    """Machine-readable in production, readable in development. Values are masked where they are logged."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer() if production else structlog.dev.ConsoleRenderer(colors=False),
    ]
    structlog.configure(processors=processors, logger_factory=structlog.PrintLoggerFactory(sys.stderr), cache_logger_on_first_use=False)
