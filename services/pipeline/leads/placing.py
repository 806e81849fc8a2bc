"""Where a card that is dragged comes to stand among the others of a stage."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Select, select

from chassis.work import Work
from contracts.errors import Invalid
from services.pipeline.leads.model import Lead
from services.pipeline.ranks import ROOMY, between, is_too_fine, spread
from services.pipeline.stages.model import Stage

AROUND = (50, 500, 5_000)
"""So many cards on each side make room together; the more, the narrower it is for fewer."""


def place_for(work: Work, lead: Lead, there: Stage, *, before: str | None, after: str | None) -> Decimal:
    """Find the rank right before or right after another card, one drag in a stage at a time."""
    work.session.execute(select(Stage.id).where(Stage.id == there.id).with_for_update(key_share=True))
    others = select(Lead.rank).where(Lead.stage_id == there.id, Lead.contact_id != lead.contact_id)
    rank = _beside(work, others, before=before, after=after)
    if is_too_fine(rank):
        _make_room(work, lead, there, rank)
        rank = _beside(work, others, before=before, after=after)
    return rank


def _beside(work: Work, others: Select[Decimal], *, before: str | None, after: str | None) -> Decimal:
    pointer, anchor = ("/before", before) if before else ("/after", after)
    rank = work.session.scalar(others.where(Lead.contact_id == anchor))
    if rank is None:
        raise Invalid.field(pointer, "That card does not stand in this stage.")
    if before:
        return between(work.session.scalar(others.where(Lead.rank < rank).order_by(Lead.rank.desc()).limit(1)), rank)
    return between(rank, work.session.scalar(others.where(Lead.rank > rank).order_by(Lead.rank).limit(1)))


def _make_room(work: Work, lead: Lead, there: Stage, gap: Decimal) -> None:
    """Put the cards around a gap further apart, in the order in which they stand."""
    for around in AROUND:
        cards, last = _around(work, lead, there, gap, around)
        ranks = spread(cards[0].rank, last, len(cards) - 1) if cards else []
        if not any(is_too_fine(rank, ROOMY) for rank in ranks):
            break
    for card, rank in zip(cards[1:], ranks, strict=True):
        card.rank = rank


def _around(work: Work, lead: Lead, there: Stage, gap: Decimal, around: int) -> tuple[Sequence[Lead], Decimal | None]:
    """The cards around a gap, held, and the rank below which they stay, if there are more below.

    The first of them stays where it is: above the top one another may come in at this moment.
    """
    others = select(Lead.contact_id).where(Lead.stage_id == there.id, Lead.contact_id != lead.contact_id)
    above = others.where(Lead.rank <= gap).order_by(Lead.rank.desc(), Lead.contact_id.desc()).limit(around)
    below = others.where(Lead.rank > gap).order_by(Lead.rank, Lead.contact_id).limit(around)
    ids = [*work.session.scalars(above), *(beneath := list(work.session.scalars(below)))]
    held = select(Lead).where(Lead.contact_id.in_(ids), Lead.stage_id == there.id).order_by(Lead.contact_id)
    cards = sorted(work.session.scalars(held.with_for_update()), key=lambda card: (card.rank, card.contact_id))
    last = cards.pop().rank if cards and len(beneath) == around else None
    return cards, last
