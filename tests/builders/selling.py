"""A sales flow, as far as it is wanted, of a lead of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.billing import packages
from contracts.documents import agreements, forms, signing, templates
from contracts.pipeline import sales
from tests.builders.agreements import with_token
from tests.builders.people import a_lead

Ask = Callable[..., Any]
SAVES = {"questionnaire": sales.save_questionnaire, "goal_plan": sales.save_goal_plan}
ANSWERS = {
    "questionnaire": {"experience": "None", "health": False},
    "goal_plan": {"goal": "To run", "until": "2028-02-29"},
}


GIVES = {"credit_pack": {"included_sessions": 10}, "course": {"included_sessions": 10}}
"""What a package of these kinds must say."""


def a_package(ask: Ask, kind: str = "membership", amount: int = 4900, **more: Any) -> dict[str, Any]:
    """A package on sale."""
    price = {"amount": amount, "currency": "EUR"}
    return ask(packages.create_package, **({"name": "Gold", "kind": kind, "price": price} | GIVES.get(kind, {}) | more))


def a_form_id(ask: Ask, kind: str) -> str:
    """The form that a new installation has of a kind."""
    return ask(forms.list_forms, kind=kind, sort="oldest", limit=1)["items"][0]["id"]


def terms_for(ask: Ask, contact_id: str) -> dict[str, Any]:
    """The terms as they were sent to a contact, with the token of their link."""
    terms = ask(templates.list_templates, kind="terms", limit=200)["items"][-1]["id"]
    return with_token(ask(agreements.send_agreement, contact_id=contact_id, template_id=terms))


def sign(ask: Ask, agreement: dict[str, Any]) -> None:
    """Sign it on its link."""
    ask(signing.sign_agreement, token=agreement["token"], name="Ana Novák", agreed=True)


def begun(ask: Ask, contact_id: str | None = None) -> dict[str, Any]:
    """A flow of a contact, else of a new lead, who has an e-mail address."""
    return ask(sales.begin_sales_flow, contact_id=contact_id or a_lead(ask)["id"])


def save_answers(ask: Ask, flow_id: str, kind: str, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    """Save the questionnaire or the goal plan."""
    given = ANSWERS[kind] if answers is None else answers
    return ask(SAVES[kind], sales_flow_id=flow_id, form_id=a_form_id(ask, kind), answers=given)


def ready(
    ask: Ask, package_id: str | None = None, *, contact_id: str | None = None, signed: bool = True
) -> dict[str, Any]:
    """A flow with all steps saved, and the terms signed."""
    flow = begun(ask, contact_id)
    flow_id = flow["id"]
    ask(sales.save_lead_data, sales_flow_id=flow_id)
    for kind in SAVES:
        save_answers(ask, flow_id, kind)
    chosen = {"package_id": package_id} if package_id else {"skipped": True}
    ask(sales.save_package, sales_flow_id=flow_id, **chosen)
    ask(sales.confirm_summary, sales_flow_id=flow_id, confirmed=True)
    terms = terms_for(ask, flow["contact_id"])
    if signed:
        sign(ask, terms)
    return ask(sales.save_terms, sales_flow_id=flow_id, agreement_id=terms["id"]) | {"token": terms["token"]}
