"""localstripe with what it lacks of Stripe: idempotency keys, cardholders who are not there, answers that come late.

Run as `python -P stripe_server.py host port` in a folder of its own; see `local_stripe`.
"""

import asyncio
import json
import pathlib
import sys

from aiohttp import web
from localstripe.errors import UserError
from localstripe.resources import PaymentIntent, extra_apis

confirm = PaymentIntent._api_confirm
error_of = PaymentIntent.last_payment_error.fget
answered: dict[str, tuple[object, int, str]] = {}


def confirm_with_or_without_anybody_there(id, off_session="false", **told):
    """Decline what the bank would ask a cardholder about, where none is there.

    https://docs.stripe.com/payments/save-during-payment#charge-saved-payment-method
    """
    intent = PaymentIntent._api_retrieve(id)
    intent.metadata = {**intent.metadata, "off_session": off_session}
    confirm(id, **told)
    if off_session == "true" and intent.status == "requires_action":
        intent.next_action = intent.payment_method = None
        intent._declined_as = "authentication_required"
        raise UserError(402, "The bank asks for authentication.", {"code": "authentication_required"})
    return intent


def last_payment_error(intent):
    """Why it was not paid, also where the bank would have asked."""
    code = getattr(intent, "_declined_as", None)
    return {"code": code, "decline_code": code} if code else error_of(intent)


@web.middleware
async def answer_once_a_key(request, handler):
    """Give the first answer again for a key, and refuse it for anything else; note what was asked.

    https://docs.stripe.com/api/idempotent_requests
    """
    if request.method != "POST":
        return await handler(request)
    key, asked = request.headers.get("Idempotency-Key"), (request.path, await request.text())
    with pathlib.Path("asked").open("a") as notes:
        notes.write(json.dumps({"path": request.path, "key": key, "again": key in answered}) + "\n")
    if key not in answered:
        response = await handler(request)
        if key:
            answered[key] = asked, response.status, response.text
        return response
    before, status, text = answered[key]
    if before != asked:
        told = {"type": "idempotency_error", "message": "Keys for idempotent requests can only be used once."}
        return web.json_response({"error": told}, status=400)
    told = {"Idempotent-Replayed": "true"}
    return web.Response(status=status, text=text, content_type="application/json", headers=told)


@web.middleware
async def hold_back(request, handler):
    """Do what is asked, and answer only when nobody holds such answers back any more."""
    held = pathlib.Path("hold")
    response = await handler(request)
    if held.exists() and request.method == "POST" and request.path.endswith(held.read_text()):
        with pathlib.Path("held").open("a") as notes:
            notes.write(f"{request.path}\n")
        while held.exists():
            await asyncio.sleep(0.02)
    return response


for place, (method, url, api) in enumerate(extra_apis):
    if api == confirm:
        extra_apis[place] = method, url, confirm_with_or_without_anybody_there
PaymentIntent.last_payment_error = property(last_payment_error)

from localstripe.server import app  # noqa: E402 (it makes its routes when it is imported)

for outermost in (answer_once_a_key, hold_back):
    app.middlewares.insert(0, outermost)
web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), print=None)
