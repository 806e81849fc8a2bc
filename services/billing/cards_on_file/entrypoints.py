"""The doors of cards on file."""

from chassis.entrypoints import Room, errands
from contracts.billing import cards
from services.billing.cards_on_file import actions, keeping, queries
from services.billing.own import serves_own


class CardsOnFile(Room):
    set_up_card = serves_own(cards.set_up_card, actions.set_up_card)
    add_card = serves_own(cards.add_card, keeping.add_card)
    change_card = serves_own(cards.change_card, actions.change_card)
    remove_card = serves_own(cards.remove_card, actions.remove_card)
    get_card = serves_own(cards.get_card, queries.get_card)
    list_cards = serves_own(cards.list_cards, queries.list_cards)
    settle_cards = errands(keeping.claim, keeping.ask, keeping.settle)
