"""The currencies in which something may be sold."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905
)
"""ISO 4217, after Debian's iso-codes, but for what was withdrawn by January 2026, funds, metals and codes for tests."""


def currency_code(**kwargs: Any) -> fields.String:
    """One of them; three letters that are none are refused as well."""
    return fields.String(validate=_Known(r"\A[A-Z]{3}\Z"), **kwargs)


class _Known(validate.Regexp):
    """Refuses what does not look like a code, and a code that is none, each with one fault."""

    def __call__(self, value: Any) -> Any:
        if super().__call__(value) not in CURRENCIES:
            raise ValidationError("There is no such currency (ISO 4217).")
        return value
