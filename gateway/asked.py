"""What a request asks for: path, query and body made into the one flat request that a contract takes."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from flask import request
from marshmallow import fields
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from contracts.billing.card_numbers import REFUSAL, NoCardNumbers, card_numbers_in, looks_like_card_number
from contracts.errors import Invalid, Stale
from contracts.language import Schema
from gateway.errors import Malformed, pointer
from gateway.routes.table import Route
from gateway.schemas import is_our_own

MOST_NESTED = 32
WHOLE = re.compile(r"\A-?[0-9]{1,30}\Z")
VERSION = re.compile(r'\A"([0-9]{1,18})"\Z')
KEY = re.compile(r"\A[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?\Z")
FILLED = {
    "from_address": lambda: request.remote_addr or "",
    "user_agent": lambda: request.headers.get("User-Agent", "")[:1000],
}
UNSAFE = re.compile("[\x00\ud800-\udfff]")


def asked_by(route: Route, path: dict[str, str]) -> dict[str, Any]:
    """Bring the three together; a name that is given twice is refused, whatever was meant."""
    members: dict[str, Any] = {}
    for source in (path, _query(route), _body(route)):
        for name, value in source.items():
            if name in members:
                raise Invalid.field(pointer(name), "Given twice: in the path, the query or the body, only once.")
            members[name] = value
    if issubclass(route.rpc.takes, NoCardNumbers):
        _refuse_card_numbers(members)
    return _filled(route, members)


def _refuse_card_numbers(members: dict[str, Any]) -> None:
    """Before the broker sees them: a card number goes no further than the door, and is not said back."""
    if faults := card_numbers_in(members):
        told = [{"pointer": "" if name == "_schema" else pointer(name), "detail": REFUSAL} for name in faults]
        raise Invalid(REFUSAL, told)


def _filled(route: Route, members: dict[str, Any]) -> dict[str, Any]:
    """Add what the gateway alone says of a request, and refuse from anybody else that and what only services say."""
    for name, field in fields_of(route.rpc.takes).items():
        if not is_our_own(field):
            continue
        if name in members:
            raise Invalid.field(pointer(name), "Unknown field.")
        if name in FILLED:
            members[name] = FILLED[name]()
    return members


@cache
def fields_of(schema: type[Schema]) -> dict[str, fields.Field]:
    """The fields of a schema by the names that travel."""
    return {field.data_key or name: field for name, field in schema().load_fields.items()}


def _query(route: Route) -> dict[str, Any]:
    """A known parameter that is left empty, as in `?q=&limit=`, is left out: forms send it so."""
    known = fields_of(route.rpc.takes)
    members: dict[str, Any] = {}
    for name, values in request.args.lists():
        field = known.get(name)
        for text in (name, *values):
            _refuse_unsafe(text, name)
        if field and not any(values):
            continue
        if isinstance(field, fields.List):
            members[name] = [_coerced(field.inner, value) for value in values]
        elif len(values) > 1:
            raise Invalid.field(pointer(name), "Given twice.")
        else:
            members[name] = _coerced(field, values[0])
    return members


def _coerced(field: fields.Field | None, text: str) -> Any:
    """A query holds only text: digits become a number where the contract wants one; the service judges the rest."""
    if isinstance(field, fields.Integer) and WHOLE.match(text):
        return int(text)
    if isinstance(field, fields.Boolean) and text in ("true", "false"):
        return text == "true"
    return text


def _body(route: Route) -> dict[str, Any]:
    if not route.has_body:
        return {}
    raw = request.get_data()
    if not raw:
        return {}
    if request.content_length is None and len(raw) >= (request.max_content_length or math.inf):
        raise RequestEntityTooLarge  # in chunks nobody says how long it is, and reading stops at the limit
    if request.mimetype not in route.accepts:
        raise UnsupportedMediaType(f"Send {' or '.join(route.accepts)}.")
    return json_object(raw)


def json_object(raw: bytes) -> dict[str, Any]:
    """Read strict JSON: one object, UTF-8, no name twice, no NaN, not nested beyond reason."""
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {_first_line(error)}") from None
    if not isinstance(value, dict):
        raise Malformed("The body has to be a JSON object.")
    if raw.count(b"[") + raw.count(b"{") > MOST_NESTED or b"\\u" in raw or b"\x00" in raw:
        refuse_unsafe_json(value)
    return value


def _first_line(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8."
    return "it is nested too deeply." if isinstance(error, RecursionError) else str(error)[:200]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice in one object.")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large.")
    return number


def refuse_unsafe_json(value: Any, *at: str | int) -> None:
    """Refuse what no service could keep: NUL and half characters in text, and bottomless nesting."""
    todo: list[tuple[Any, tuple[str | int, ...]]] = [(value, at)]
    while todo:
        value, at = todo.pop()
        if len(at) > MOST_NESTED:
            raise Malformed(f"The body is nested more than {MOST_NESTED} deep.")
        if isinstance(value, str):
            _refuse_unsafe(value, *at)
        elif isinstance(value, dict):
            for name, member in value.items():
                _refuse_unsafe(name, *at)
                todo.append((member, (*at, name)))
        elif isinstance(value, list):
            todo.extend((member, (*at, place)) for place, member in enumerate(value))


def _refuse_unsafe(text: str, *at: str | int) -> None:
    if UNSAFE.search(text):
        where = (UNSAFE.sub("�", part) if isinstance(part, str) else part for part in at)
        raise Invalid.field(pointer(*where), "NUL and lone surrogates are not allowed.")


def refuse_unreadable(path: dict[str, str]) -> None:
    """Refuse an address that is not UTF-8, before what stands in for such bytes is taken for text."""
    for part, raw in (("path", request.environ["PATH_INFO"].encode("latin1")), ("query", request.query_string)):
        try:
            (unquote_to_bytes(raw) if part == "query" else raw).decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed(f"The {part} is not UTF-8.") from None
    for name, value in path.items():
        _refuse_unsafe(value, name)


def expected_version() -> int | None:
    """The version that If-Match names; `*` asks only that there is one."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    match = VERSION.match(header.strip())
    if match:
        return int(match[1])
    if re.fullmatch(r'\s*(W/)?"[^"]*"(\s*,\s*(W/)?"[^"]*")*\s*', header):
        raise Stale("If-Match names no version that this record ever had.")
    raise Malformed('If-Match has to be an ETag as it was answered, such as "3", or *.')


def idempotency_key(route: Route) -> str | None:
    """The Idempotency-Key, with or without the quotes that the IETF draft asks for; it is kept, so it is no card's."""
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    key = header[1:-1] if len(header) > 2 and header[0] == header[-1] == '"' else header
    if not KEY.match(key):
        raise Malformed("Idempotency-Key has to be 1 to 255 printable ASCII characters.")
    if issubclass(route.rpc.takes, NoCardNumbers) and looks_like_card_number(key):
        raise Malformed("Idempotency-Key looks like a card number.")
    return key
