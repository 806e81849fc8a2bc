"""What a provider sends by itself: the body as it came, since that is what was signed."""

from __future__ import annotations

from flask import Response, request

from contracts.errors import Invalid
from gateway.asking import ask
from gateway.errors import Malformed
from gateway.routes.table import Route
from gateway.saying import json_response


def hear(route: Route, path: dict[str, str]) -> Response:
    """Hand a webhook over; one that is not signed is no request at all (400), and is not sent again."""
    try:
        payload = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.") from None
    try:
        heard = ask(route.rpc, {"payload": payload, "signature": request.headers.get("Stripe-Signature", "")})
    except Invalid as refusal:
        raise Malformed(refusal.detail) from None
    return json_response(heard)
