"""What the environment says of the business is looked at before anybody is sold something."""

from __future__ import annotations

import pytest

from services.acquaintance.queries import business_by_environment
from services.contacts.settings.rules import defaults


@pytest.mark.requirement("G10", "B15")
@pytest.mark.parametrize("read", [defaults, business_by_environment])
def test_a_currency_that_there_is_not_stops_the_process_with_its_name(monkeypatch, read):
    monkeypatch.setenv("RAPPORT_CURRENCY", "eux")
    read.cache_clear()
    with pytest.raises((SystemExit, ValueError), match="RAPPORT_CURRENCY"):
        read()
    monkeypatch.setenv("RAPPORT_CURRENCY", "usd")
    assert "USD" in str(read())
    read.cache_clear()
