"""The doors of agreements."""

from __future__ import annotations

from chassis.entrypoints import Room, serves, ticks
from contracts.documents import agreements
from services.documents.agreements import actions, queries


class Agreements(Room):
    send_agreement = serves(agreements.send_agreement, actions.send_agreement)
    issue_link = serves(agreements.issue_link, actions.issue_link)
    recall_agreement = serves(agreements.recall_agreement, actions.recall_agreement)
    get_agreement = serves(agreements.get_agreement, queries.get_agreement)
    list_agreements = serves(agreements.list_agreements, queries.list_agreements)
    expire = ticks(60, actions.expire_agreements)
