"""Cards on file: what of a contact may be charged again, as the card provider knows it.

A browser gives the card to the provider with the provider's own script and gets a payment method for it; only that
comes here. With Stripe: `POST …/card-setups`, then `stripe.confirmCardSetup(client_secret)`, which asks the bank (3-D
Secure) where that is wanted, then `POST …/cards` with the `payment_method` of its answer.
"""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

CARD_STATES = ("adding", "on_file", "refused", "removed")


class CardsOf(NoCardNumbers):
    """Whose cards."""

    contact_id = Id(required=True)


class AddCard(CardsOf):
    """`payment_method` is the provider's token for the card, such as `pm_…`; never a card number."""

    payment_method = Text(required=True, min=1, max=200)


class CardId(NoCardNumbers):
    """Which card."""

    card_id = Id(required=True)


class ChangeCard(CardId):
    """A merge-patch: `default` true makes it the card that is charged when none is named."""

    default = Boolean()


class ListCards(PageRequest, NoCardNumbers):
    """The oldest first; those on file and those being added, unless a `state` is named."""

    contact_id = Id(required=True)
    state = fields.String(validate=validate.OneOf(CARD_STATES))
    sort = Sort("oldest", "newest")


class CardOnFile(Schema):
    """A card as much as is known of it here; `expires` is its last month, as `2030-12`.

    `adding`: the provider has not answered yet. `refused`: it said no, for the `reason`. The first on file is the
    `default`; when that is removed, the oldest left is.
    """

    id = Id(required=True)
    contact_id = Id(required=True)
    state = fields.String(required=True, validate=validate.OneOf(CARD_STATES))
    reason = fields.String(required=True, allow_none=True)
    brand = fields.String(required=True, allow_none=True)
    last_four = fields.String(required=True, allow_none=True)
    expires = fields.String(required=True, allow_none=True)
    expired = Boolean(required=True)
    default = Boolean(required=True)
    provider = fields.String(required=True)
    added_by = fields.String(required=True, allow_none=True)
    added_at = Moment(required=True)
    version = fields.Integer(required=True)


class ClientSecret(Schema):
    """What the provider's script in the browser needs to go on; kept nowhere, and for this one cardholder only.

    `publishable_key` is the provider's public key, where it has one and it is configured.
    """

    provider = fields.String(required=True)
    client_secret = fields.String(required=True)
    publishable_key = fields.String(required=True, allow_none=True)


class CardTold(Schema):
    """A card as it is told; `default` is as it was when it was removed."""

    card_id = Id(required=True)
    brand = fields.String(required=True)
    last_four = fields.String(required=True)
    expires = fields.String(required=True)
    default = Boolean(required=True)
    version = fields.Integer(required=True)


class CardChangedTold(CardTold):
    """What the provider knows otherwise now, such as `expires` of a renewed card."""

    changes = Changes()


_refusals = (NotFound, Invalid, Conflict, Merged, Unavailable)

set_up_card = Rpc(
    "billing", "set_up_card", needs="cards.keep", takes=CardsOf, gives=ClientSecret, raises=_refusals,
    deadline=15.0, remembered=False, about="Begin to add a card: the browser gives it to the provider with this.",
)  # fmt: skip
add_card = Rpc(
    "billing", "add_card", needs="cards.keep", takes=AddCard, gives=CardOnFile, raises=_refusals, deadline=15.0,
    about="Keep a card on file; the answer may say that the provider refused it.",
)  # fmt: skip
get_card = Rpc(
    "billing", "get_card", needs="purchases.read", takes=CardId, gives=CardOnFile, raises=(NotFound,), writes=False
)  # fmt: skip
list_cards = Rpc(
    "billing", "list_cards", needs="purchases.read", takes=ListCards, gives=page_of(CardOnFile), writes=False
)  # fmt: skip
change_card = Rpc(
    "billing", "change_card", needs="cards.keep", takes=ChangeCard, gives=CardOnFile,
    raises=(NotFound, Invalid, Conflict, Stale),
)  # fmt: skip
remove_card = Rpc(
    "billing", "remove_card", needs="cards.keep", takes=CardId, gives=CardOnFile, raises=(NotFound, Conflict, Stale)
)

card_added = Event("billing", "card.added", data=CardTold, about="A card is on file.")
card_changed = Event("billing", "card.changed", data=CardChangedTold, about="The bank renewed a card on file.")
card_removed = Event("billing", "card.removed", data=CardTold, about="A card is not on file any more.")
card_default_changed = Event(
    "billing", "card.default_changed", data=CardTold, about="Another card is charged when none is named: this one."
)
