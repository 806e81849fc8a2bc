"""Refusing what gunicorn cannot read as HTTP: there is no request yet, and still the answer is a problem document."""

from __future__ import annotations

import json
from typing import Any

from gunicorn import util
from werkzeug.exceptions import default_exceptions

from chassis.ids import new_id


def refuse_unreadable(sock: Any, status: int, reason: str, message: str) -> None:
    """Answer in gunicorn's stead, whose own answer is a page of HTML (`gunicorn.util.write_error`)."""
    known = default_exceptions.get(status)
    title = known().name if known else reason  # as the gateway names it elsewhere, and explains it
    document = {
        "type": f"/problems/{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": message or reason,
        "request_id": new_id(),
    }
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nCache-Control: no-store\r\n"
        f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(sock, head.encode("ascii") + body)
