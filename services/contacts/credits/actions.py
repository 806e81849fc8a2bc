"""Granting, using and giving back credits; who calls holds the contact, so no credit is spent twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import credits as published
from services.contacts.credits.model import COURSE, CreditEntry, CreditPack, Wanted


class Purse:
    """The packs of contacts that are held. What happens with their credits is told when the work is `told`."""

    def __init__(self, work: Any, contact_ids: Iterable[str]) -> None:
        self._work = work
        self._packs: dict[str, list[CreditPack]] = defaultdict(list)
        self._told: list[tuple[Any, str, dict[str, Any]]] = []
        by_expiry = sa.select(CreditPack).where(CreditPack.contact_id.in_(sorted(set(contact_ids))))
        by_expiry = by_expiry.order_by(CreditPack.expires_on.asc().nulls_last(), CreditPack.id)
        for pack in work.session.scalars(by_expiry.execution_options(populate_existing=True)):
            self._packs[pack.contact_id].append(pack)

    def use(self, contact_id: str, *, booking_id: str, wanted: Wanted) -> str | None:
        """Take a credit, of the course before any pack, of the pack that expires first; None where there is none."""
        good = [pack for pack in self._packs[contact_id] if pack.left > 0 and pack.covers(wanted)]
        if not good:
            return None
        pack = next((pack for pack in good if pack.kind == COURSE), good[0])
        self._move(pack, "used", -1, booking_id, published.credit_used)
        return pack.id

    def give_back(self, contact_id: str, *, pack_id: str, booking_id: str) -> None:
        """Give a credit back to its pack; when that was reversed meanwhile, the credit goes where the others went."""
        pack = next((pack for pack in self._packs[contact_id] if pack.id == pack_id), None)
        if pack is None:
            return
        if pack.reversed:
            enter(self._work, pack, "returned", 1, booking_id=booking_id)
            enter(self._work, pack, "taken_away", -1)
        else:
            self._move(pack, "returned", 1, booking_id, published.credit_returned)

    def covers(self, contact_id: str, *, pack_id: str, wanted: Wanted) -> bool:
        """Whether a credit taken from this pack may stay taken for something else."""
        return any(pack.id == pack_id and pack.covers(wanted) for pack in self._packs[contact_id])

    def tell(self) -> None:
        """Announce what was used and given back."""
        for event, contact_id, data in self._told:
            self._work.record(event, contact_id, **data)
        self._told = []

    def _move(self, pack: CreditPack, kind: str, credits: int, booking_id: str, event: Any) -> None:
        enter(self._work, pack, kind, credits, booking_id=booking_id)
        data = {"pack_id": pack.id, "name": pack.name, "booking_id": booking_id, "left": pack.left}
        self._told.append((event, pack.contact_id, data))


def enter(work: Any, pack: CreditPack, kind: str, credits: int, *, booking_id: str | None = None) -> None:
    """Write a line of the ledger and what it leaves."""
    pack.left += credits
    work.session.add(
        CreditEntry(
            id=new_id(), pack_id=pack.id, contact_id=pack.contact_id, kind=kind, credits=credits, left=pack.left,
            booking_id=booking_id, at=work.now,
        )
    )  # fmt: skip
