"""The doors of signing; nobody has to be signed in."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.documents import signing
from services.documents.signing import actions


class Signing(Room):
    view_agreement = serves(signing.view_agreement, actions.view_agreement)
    sign_agreement = serves(signing.sign_agreement, actions.sign_agreement)
    decline_agreement = serves(signing.decline_agreement, actions.decline_agreement)
