"""Logs as JSON, every line under the id of the request that it comes of."""

from __future__ import annotations

import json
import logging
import re
import sys

import structlog

from chassis import tracing


def set_up_logging(service: str, level: str = "INFO") -> None:
    """Write every log line as JSON on stderr, those of libraries too."""

    def name_service(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"service": service, **line}

    shared: list[structlog.typing.Processor] = [
        name_service,
        structlog.contextvars.merge_contextvars,
        *([tracing.traces.name_trace] if tracing.traces.on else []),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide_rows,
    ]
    # Nothing below looks at where a line was written or by which thread, and finding out takes a third of its time.
    logging._srcfile = None  # type: ignore[attr-defined]
    logging.logThreads = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_as_json),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("amqp").setLevel(logging.WARNING)
    logging.getLogger("nameko").setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


_encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _as_json(line: structlog.typing.EventDict, **_: object) -> str:
    return _encode(line)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger of that name; what is bound to the request is added by itself."""
    return structlog.get_logger(name)


def begin(**values: object) -> None:
    """Add values to every line that is logged from here on, in place of those of the last request, event or job."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**{k: v for k, v in values.items() if v is not None})


def go_on(request_id: str | None) -> None:
    """Log what follows under this request, and all else as before."""
    if request_id is None:
        structlog.contextvars.unbind_contextvars("request_id")
    else:
        structlog.contextvars.bind_contextvars(request_id=request_id)


def described(error: BaseException) -> str:
    """Say what failed in one line; what PostgreSQL quotes of a row stays out."""
    return f"{type(error).__name__}: {_without_rows(str(error))}".strip()[:1000]


_ROWS = re.compile(r"\n(DETAIL|CONTEXT|HINT|LINE \d+):.*(\n *\^)?")
_VALUES = re.compile(r'(input syntax for type [\w ]+: |out of range: |value )".*"')


def _without_rows(text: str) -> str:
    """Leave out what PostgreSQL quotes: the row, the line of SQL with our values in it, the value that is none."""
    return _VALUES.sub(r'\1"…"', _ROWS.sub("", text))


def _hide_rows(_: object, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if "exception" in line:
        line["exception"] = _without_rows(line["exception"])
    return line
