"""The doors of promo codes."""

from chassis.entrypoints import Room, serves
from contracts.billing import promo_codes
from services.billing.promo_codes import actions, queries


class PromoCodes(Room):
    create_promo_code = serves(promo_codes.create_promo_code, actions.create_promo_code)
    get_promo_code = serves(promo_codes.get_promo_code, queries.get_promo_code)
    change_promo_code = serves(promo_codes.change_promo_code, actions.change_promo_code)
    list_promo_codes = serves(promo_codes.list_promo_codes, queries.list_promo_codes)
