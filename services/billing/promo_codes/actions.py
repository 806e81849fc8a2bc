"""Making promo codes, and using them no more often than they may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from chassis.ids import new_id
from chassis.rows import set_on
from chassis.work import Work
from contracts.billing import promo_codes as told
from contracts.errors import Invalid, NotFound
from contracts.language import Event, Request
from services.acquaintance import known_business
from services.billing.packages.model import Package
from services.billing.promo_codes.model import POINTER, PromoCode, PromoCodeUse
from services.billing.promo_codes.rules import folded

_TOLD = (
    "code", "basis_points", "amount", "valid_from", "valid_until", "package_ids", "most_uses", "most_uses_per_contact",
    "first_purchase_only", "joins_discounts", "archived", "version",
)  # fmt: skip
_TAKEN = "There is such a code already."


def create_promo_code(work: Work, request: Request) -> PromoCode:
    """A code that no other in use has; whoever makes one at the same moment as somebody else is told so as well."""
    said = {name: value for name, value in request.items() if name != "amount"}
    if request.amount is not None:
        said["off"] = request.amount["amount"]
        said["currency"] = request.amount.get("currency", known_business(work).currency)
    _must_make_sense(work, request.valid_from, request.valid_until, request.package_ids)
    fresh = {"id": new_id(), "folded": folded(request.code), "created_at": work.now, "uses": 0, "version": 1}
    no = {"first_purchase_only": False, "joins_discounts": False, "archived": False}
    free = insert(PromoCode).values(fresh | no | said).on_conflict_do_nothing(
        index_elements=[PromoCode.folded], index_where=~PromoCode.archived
    )  # fmt: skip
    code = work.session.scalar(free.returning(PromoCode))
    if code is None:
        raise Invalid.field("/code", _TAKEN)
    _tell(work, told.promo_code_created, code)
    return code


def change_promo_code(work: Work, request: Request) -> PromoCode:
    """Let it hold longer or shorter, for others, or for nobody; orders that have it keep it."""
    code = _locked(work, PromoCode.id == request.promo_code_id)
    if code is None:
        raise NotFound("There is no such promo code.")
    work.expect(code.version)
    wanted = {name: value for name, value in request.items() if name != "promo_code_id"}
    try:
        with work.session.begin_nested():
            changes = set_on(code, wanted)
            code.version += bool(changes)
            work.session.flush()
    except IntegrityError:  # it is taken out again, and another has its word by now
        raise Invalid.field("/archived", _TAKEN) from None
    _must_make_sense(work, code.valid_from, code.valid_until, request.package_ids)
    if changes:
        _tell(work, told.promo_code_changed, code, changes=changes)
    return code


def held_code(
    work: Work, word: str, contact_id: str, *, currency: str, package_ids: Collection[str], hold: bool = True
) -> PromoCode:
    """The code, if this contact may use it now; nobody else's until this transaction ends, so that it is counted.

    Whoever only looks does not `hold` it.
    """
    found = _locked(work, PromoCode.folded == folded(word), hold=hold)
    if found is None:
        raise Invalid.field(POINTER, "There is no such code.")
    today = work.now.astimezone(known_business(work).zone).date()
    found.must_hold(today, currency=currency, package_ids=package_ids)
    mine = select(func.count()).where(PromoCodeUse.promo_code_id == found.id, PromoCodeUse.contact_id == contact_id)
    most = found.most_uses_per_contact
    if most is not None and (work.session.scalar(mine) or 0) >= most:
        raise Invalid.field(POINTER, "The contact has used this code as often as one may.")
    return found


def use_code(work: Work, code: PromoCode, order_id: str, contact_id: str) -> None:
    """Count a use of a code that is held."""
    code.uses += 1
    use = PromoCodeUse(order_id=order_id, promo_code_id=code.id, contact_id=contact_id, used_at=work.now)
    work.session.add(use)


def give_back_use(work: Work, order_id: str) -> None:
    """The order, that is held, is cancelled: whoever comes next may use the code instead."""
    used = select(PromoCodeUse.promo_code_id).where(PromoCodeUse.order_id == order_id).scalar_subquery()
    code = _locked(work, PromoCode.id == used)
    if code is not None:
        code.uses -= 1
        work.session.delete(work.session.get_one(PromoCodeUse, order_id))


def _locked(work: Work, which: ColumnElement[bool], *, hold: bool = True) -> PromoCode | None:
    """Of several with one word the one in use, else the latest."""
    first = select(PromoCode).where(which).order_by(PromoCode.archived, PromoCode.id.desc()).limit(1)
    wanted = first.with_for_update() if hold else first
    return work.session.scalar(wanted.execution_options(populate_existing=True))


def _must_make_sense(
    work: Work, since: dt.date | None, until: dt.date | None, package_ids: Sequence[str] | None
) -> None:
    if since is not None and until is not None and until < since:
        raise Invalid.field("/valid_until", "Is before valid_from.")
    asked = package_ids or []
    known = set(work.session.scalars(select(Package.id).where(Package.id.in_(asked)))) if asked else set()
    unknown = [
        {"pointer": f"/package_ids/{place}", "detail": "Is no package."}
        for place, package_id in enumerate(asked)
        if package_id not in known
    ]
    if unknown:
        raise Invalid("Not all of these are packages.", unknown)


def _tell(work: Work, event: Event, code: PromoCode, **changed: Any) -> None:
    work.record(event, None, promo_code_id=code.id, **{name: getattr(code, name) for name in _TOLD}, **changed)
