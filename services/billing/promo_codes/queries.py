"""Which promo codes there are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.billing.promo_codes.model import PromoCode
from services.billing.promo_codes.rules import folded


def get_promo_code(work: Work, request: Request) -> PromoCode:
    """The code, archived or not."""
    code = work.session.get(PromoCode, request.promo_code_id)
    if code is None:
        raise NotFound("There is no such promo code.")
    return code


def list_promo_codes(work: Work, request: Request) -> dict[str, Any]:
    """The codes, newest first unless it is asked otherwise."""
    codes = narrowed(select(PromoCode), request, PromoCode.archived)
    if request.code is not None:
        codes = codes.where(PromoCode.folded == folded(request.code))
    keys = keys_for(request.sort, oldest=[PromoCode.id], code=[PromoCode.folded, PromoCode.id])
    return page_of(work, codes, keys, request)
