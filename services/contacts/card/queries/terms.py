"""By what a card is read: the settings of the business, as far as what was typed asks for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from services.contacts.fields.queries import fields_of_keys
from services.contacts.fields.rules import NO_FIELDS, Fields
from services.contacts.settings.queries import open_locations, setting
from services.contacts.settings.rules import ANYWHERE, Locations


class Terms(TypedDict):
    """The keywords of `card.rules.read_card`."""

    region: str
    today: dt.date
    locations: Locations
    fields: Fields


def terms_for(work: Any, given: Iterable[Mapping[str, Any]]) -> Terms:
    """What holds now for reading these; locations and custom fields are looked up only where some were typed."""
    given = list(given)
    keys = {key for one in given for key in one.get("fields") or ()}
    return {
        "region": setting(work, "default_region"),
        "today": work.now.date(),
        "locations": open_locations(work) if any(one.get("location") for one in given) else ANYWHERE,
        "fields": fields_of_keys(work, keys) if keys else NO_FIELDS,
    }
