"""The HTTP API as an OpenAPI 3.1 document, made of the route tables and the contracts."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from contracts.access import MEMBER, PERMISSIONS, ROLES
from contracts.errors import Blocked, Conflict, Forbidden, Merged, NotFound, NotSignedIn, Throttled
from contracts.language import PUBLIC
from gateway.asked import fields_of
from gateway.errors import PROBLEM_JSON
from gateway.permissions import placeholders
from gateway.problem import ProblemDocument
from gateway.routes import all_routes
from gateway.routes.table import JSON, Route
from gateway.schemas import Shelf, is_our_own, own_words, sentence

FILE = Path(__file__).parent.parent / "docs" / "openapi.yaml"
ABOUT = """Contacts, their pipeline, what they buy, what they sign, and every word exchanged with them.

Refusals are RFC 9457 problem documents with a JSON pointer for each field at fault. Lists answer `items` and `next`,
the cursor of the following page. A `POST` with an `Idempotency-Key` can be repeated safely. A record's `ETag` is its
version; `If-Match` refuses a lost update. Money is in minor units, times are RFC 3339. Services hear of each other by
events, usually within a tenth of a second: a payment is answered a moment before the contact is a customer, and a lead
stands on the board a moment after it was created."""
TOO_LONG = {
    "description": "Method, path and query are longer than 8,190 bytes: refused by the server in front of the API.",
    "content": {PROBLEM_JSON: {"schema": {"type": "object"}}},
}
BEARER = "The access token of who signed in, or the API key of another system (`rapport_…`)."
HEADERS = {
    "ETag": "the record's version, in quotes",
    "Location": "where what was made can be read, or where it lives on",
    "Retry-After": "seconds to wait",
    "WWW-Authenticate": "Bearer",
}


def document() -> dict[str, Any]:
    routes = all_routes()
    takes, gives = ([getattr(route.rpc, side) for route in routes] for side in ("takes", "gives"))
    shelf = Shelf("Rapport", ABOUT, takes, [*gives, ProblemDocument])
    shelf.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "description": BEARER})
    shelf.spec.options["servers"] = [{"url": "/"}]
    for name in sorted({route.rpc.service for route in routes}):
        shelf.spec.tag({"name": name})
    shelf.spec.components.response("TooLong", TOO_LONG)
    problem = shelf.schema_of(ProblemDocument)
    for status in sorted({status for route in routes for status in refusals_of(route)}):
        shelf.spec.components.response(f"Problem{status}", _refusal(status, problem))
    for route in routes:
        path = "/".join(_brace(part) for part in route.rule.split("/"))
        shelf.spec.path(path, operations={route.method.lower(): _operation(route, shelf)})
    made = shelf.document()
    return {name: made[name] for name in ("openapi", "info", "servers", "tags", "paths", "components")}


def _brace(part: str) -> str:
    return "{" + part.strip("<>").split(":")[-1] + "}" if part.startswith("<") else part


def _operation(route: Route, shelf: Shelf) -> dict[str, Any]:
    rpc = route.rpc
    operation: dict[str, Any] = {
        "operationId": rpc.name,
        "summary": rpc.name.replace("_", " ").capitalize(),
        "description": " ".join(filter(None, [sentence(rpc.about), own_words(rpc.takes)])),
        "tags": [rpc.service],
        "security": [] if rpc.needs == PUBLIC else [{"bearer": []}],
        "parameters": _parameters(route, shelf),
        "responses": {str(status): response for status, response in _responses(route, shelf).items()},
    }
    if rpc.needs in PERMISSIONS:
        operation["x-permission"] = rpc.needs
    if body := _request_body(route, shelf):
        operation["requestBody"] = body
    return {name: value for name, value in operation.items() if value or name == "security"}


def _parameters(route: Route, shelf: Shelf) -> list[dict[str, Any]]:
    in_path = placeholders(route)
    parameters = []
    for name, field in fields_of(route.rpc.takes).items():
        if name not in in_path and (route.has_body or is_our_own(field)):
            continue
        shape = shelf.property_of(field)
        told = {"description": shape.pop("description")} if "description" in shape else {}
        place = {"in": "path", "required": True} if name in in_path else {"in": "query", "required": field.required}
        parameters.append({"name": name, **place, **told, "schema": shape})
    return parameters + [
        {"name": name, "in": "header", "required": False, "schema": {"type": "string", **shape}}
        for name, shape in _headers_taken(route).items()
    ]


def _headers_taken(route: Route) -> dict[str, dict[str, Any]]:
    taken: dict[str, dict[str, Any]] = {}
    if route.takes_key:
        taken["Idempotency-Key"] = {"pattern": "^[!-~]{1,255}$"}
    if route.heeds_version:
        taken["If-Match"] = {"pattern": '^("[0-9]{1,18}"|\\*)$'}
    if route.may_be_unchanged:
        taken["If-None-Match"] = {}
    return taken


def _request_body(route: Route, shelf: Shelf) -> dict[str, Any] | None:
    known = fields_of(route.rpc.takes)
    left_out = placeholders(route) | {name for name, field in known.items() if is_our_own(field)}
    if not route.has_body or not set(known) - left_out:
        return None
    needed = any(field.required for name, field in known.items() if name not in left_out)
    schema = shelf.schema_of(route.rpc.takes(exclude=sorted(left_out)) if left_out else route.rpc.takes)
    return {"required": needed, "content": {media: {"schema": schema} for media in route.accepts}}


def _responses(route: Route, shelf: Shelf) -> dict[int, dict[str, Any]]:
    answer: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.status != 204:
        answer["content"] = {media: {"schema": _given(route, media, shelf)} for media in route.produces}
        headers = (["ETag"] if route.has_etag else []) + (["Location"] if route.makes or route.status == 202 else [])
        if headers:
            answer["headers"] = {name: _header(name) for name in headers}
    responses = {route.status: answer}
    if route.may_be_unchanged:
        responses[304] = {"description": "Not changed", "headers": {"ETag": _header("ETag")}}
    for status in refusals_of(route):
        responses[status] = {"$ref": f"#/components/responses/Problem{status}"}
    if _parameters(route, shelf):
        responses[414] = {"$ref": "#/components/responses/TooLong"}
    return dict(sorted(responses.items()))


def _given(route: Route, media: str, shelf: Shelf) -> dict[str, Any]:
    return shelf.schema_of(route.rpc.gives) if media == JSON else {"type": "string", "contentMediaType": media}


def refusals_of(route: Route) -> list[int]:
    """Every status that a refusal of this row can have."""
    raises, needs = set(route.rpc.raises), route.rpc.needs
    in_path = placeholders(route)
    holds = {
        308: Merged in raises and "contact_id" in in_path,
        400: route.has_body or route.heeds_version,
        401: needs != PUBLIC or NotSignedIn in raises,
        403: needs in PERMISSIONS or Forbidden in raises,
        404: NotFound in raises or bool(in_path),
        409: bool(raises & {Conflict, Blocked, Merged}) or route.takes_key,
        412: route.heeds_version,
        413: route.has_body,
        415: route.has_body,
        422: True,
        429: needs == PUBLIC or Throttled in raises or (route.rpc.writes and needs in ROLES[MEMBER]),
        503: True,
    }
    return [status for status, it_holds in holds.items() if it_holds]


def _refusal(status: int, problem: dict[str, Any]) -> dict[str, Any]:
    wanted = {308: "Location", 401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}.get(status)
    headers = {"headers": {wanted: _header(wanted)}} if wanted else {}
    return {"description": HTTPStatus(status).phrase, **headers, "content": {PROBLEM_JSON: {"schema": problem}}}


def _header(name: str) -> dict[str, Any]:
    return {"description": HEADERS[name], "schema": {"type": "string"}}


class _Plain(yaml.SafeDumper):
    """Without anchors: each place is written out."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    FILE.write_text(as_yaml(document()), encoding="utf-8")
