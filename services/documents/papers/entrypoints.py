"""The doors of papers."""

from __future__ import annotations

from chassis.entrypoints import Room, errands, serves
from contracts.documents import agreements, signing
from services.documents.papers import actions


class Papers(Room):
    get_agreement_pdf = serves(agreements.get_agreement_pdf, actions.get_agreement_pdf)
    get_signed_copy = serves(signing.get_signed_copy, actions.get_signed_copy)
    make_papers = errands(actions.claim_papers, actions.make_paper, actions.keep_paper)
