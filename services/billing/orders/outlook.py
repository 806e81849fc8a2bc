"""Orders to look at: as they were placed, and drafts as they would be placed at this moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chassis.work import Work
from contracts.billing.asking import Drafted
from contracts.errors import NotFound, Problem
from contracts.language import Request
from services.acquaintance import recall
from services.billing.base import money
from services.billing.orders.codes import code_for
from services.billing.orders.giving import given_freely, is_discounted, refuse_above_limit
from services.billing.orders.model import Order
from services.billing.orders.placing import changed_since, line_of, must_buy, not_on_sale, stand_at
from services.billing.orders.pricing import Line, Price, priced
from services.billing.orders.queries import order_of, sees_drafts, shown
from services.billing.packages.model import Package
from services.billing.packages.queries import packages_by_id
from services.billing.plans.making import parted
from services.billing.plans.selling import refuse_ahead
from services.billing.promo_codes.model import PromoCode
from services.billing.subscriptions.selling import beyond_calendar, other_terms

Problems = list[dict[str, Any]]
GUESSED = ("total", "reduction", "discount", "promo_code", "items")
"""What of a draft is only what it would be."""


def get_order(work: Work, request: Request) -> dict[str, Any]:
    """The order with its items; a draft with its prices as of now, and all that placing it would meet."""
    order = order_of(work.session, request.order_id)
    if order.is_draft and not sees_drafts(work):
        raise NotFound("There is no such order.")
    return outlook_of(work, order) if order.is_draft else shown(order)


def outlook_of(work: Work, draft: Order) -> dict[str, Any]:
    """A draft as it would be placed now; nothing is held for it, so that placing it may still meet something else."""
    asked, problems = asked_of(draft), Problems()
    with _noted_in(problems):
        _must_be_there(work, draft.contact_id)
    if not asked["items"]:
        problems.append({"pointer": "/items", "detail": "Nothing is asked for yet."})
        return shown(draft) | {"problems": problems}
    price = _price_of(work, draft, asked, problems)
    guessed = _as_it_would_be(draft, price) if price else {}
    return shown(draft) | guessed | {"problems": problems}


def asked_of(draft: Order) -> Request:
    """What a draft asks for, as an order does."""
    asked: Request = Drafted().load(draft.draft or {})
    return asked


def _must_be_there(work: Work, contact_id: str) -> None:
    known = recall(work.session, [contact_id]).get(contact_id)
    if known is not None:
        must_buy(known)


def _price_of(work: Work, draft: Order, asked: Request, problems: Problems) -> Price | None:
    """What it comes to as its packages stand, on sale or not; None: it cannot be said."""
    packages = packages_by_id(work, {item.package_id for item in asked["items"]})
    lines = [(packages[item.package_id].current, item.quantity) for item in asked["items"]]
    problems += not_on_sale(asked["items"], _on_sale(packages))
    versions = [version for version, _ in lines]
    problems += changed_since(asked["items"], versions)
    problems += other_terms(work, draft.contact_id, versions)
    problems += beyond_calendar(work, draft.contact_id, lines)
    with _noted_in(problems):
        refuse_ahead(work, draft.contact_id, versions, by_plan=asked.payment_plan is not None)
    code = None
    with _noted_in(problems):
        code = code_for(
            work, asked.promo_code, draft.contact_id, lines, discounted=is_discounted(asked), hold=False
        )  # fmt: skip
    price = _priced(asked, lines, code, problems)
    if price is not None:
        with _noted_in(problems):
            refuse_above_limit(work, price, but=given_freely(asked))
    if price is not None and asked.payment_plan is not None:
        with _noted_in(problems):
            parted(asked.payment_plan.key, price.lines, price.total)
    return price


def _priced(asked: Request, lines: list[Line], code: PromoCode | None, problems: Problems) -> Price | None:
    """With the code, or else without: what it takes nothing off may be placed when it is left out."""
    own = [item.discount for item in asked["items"]]
    with _noted_in(problems):
        return priced(lines, own=own, of_order=asked.discount, given_by="", code=code)
    return None if code is None else _priced(asked, lines, None, [])


def _on_sale(packages: Mapping[str, Package]) -> set[str]:
    return {id for id, package in packages.items() if package.on_sale}


def _as_it_would_be(draft: Order, price: Price) -> dict[str, Any]:
    """The amounts in the currency of what is asked for; nothing is due of them."""
    placed = Order(id=draft.id, contact_id=draft.contact_id)
    stand_at(placed, price)
    placed.items = [line_of(placed, place, item) for place, item in enumerate(price.items)]
    seen = shown(placed)
    none = money(0, price.currency)
    owed = dict.fromkeys(("paid", "refunded", "credited", "written_off", "under_way", "due"), none)
    return {name: seen[name] for name in GUESSED} | owed


@contextmanager
def _noted_in(problems: Problems) -> Iterator[None]:
    """Keep what a placing would be refused for, and go on."""
    try:
        yield
    except Problem as refusal:
        problems += refusal.errors or [{"pointer": "", "detail": refusal.detail}]
