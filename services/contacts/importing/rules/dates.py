"""Dates as people type them into tables."""

from __future__ import annotations

import datetime as dt
import re

DATES = ("birthday", "customer_since", "marketing_date", "marketing_email_refused_on", "marketing_email_agreed_on")
"""The columns that hold them."""
_YEAR_FIRST = re.compile(r"(\d{4})[-./]?(\d{1,2})[-./]?(\d{1,2})(?:[T ]\d\d:\d\d.*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})(?: \d{1,2}:\d\d.*)?")
_SERIAL = re.compile(r"[1-9]\d{1,4}(?:\.\d+)?")
_ZERO = {1900: dt.date(1899, 12, 30), 1904: dt.date(1904, 1, 1)}
_YEARLESS = re.compile(r"\s*(?:--?(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2}))\s*")
_NO_DATE = re.compile(r"0{1,2}([-./])0{1,2}\1(?:00|0000)")


def month_first_vote(cell: str) -> int:
    """Tell what a date such as 03/14/1990 says of its column: 1 for the month first, -1 for the day, 0 in doubt.

    A column without any vote has the day first, as in most of the world.
    """
    found = _YEAR_LAST.fullmatch(cell.strip())
    if not found:
        return 0
    first, second = int(found[1]), int(found[2])
    return (12 < second <= 31 and first <= 12) - (12 < first <= 31 and second <= 12)


def date_in(cell: str, *, month_first: bool = False, epoch: int | None = None) -> dt.date:
    """Read a date or raise ValueError with the reason in plain words.

    In a spreadsheet a bare number counts days from its `epoch`, 1900 or 1904; 1900 was no leap year, but Excel's was.
    """
    text = cell.strip()
    if epoch and _SERIAL.fullmatch(text):
        return _ZERO[epoch] + dt.timedelta(days=int(float(text)))
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _YEAR_LAST.fullmatch(text):
        year, month, day = int(found[3]), int(found[2]), int(found[1])
        if month_first:
            month, day = day, month
    else:
        raise ValueError(f"“{text[:40]}” is not a date with a year of four digits.")
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is not a day of the calendar.") from None


def is_yearless(cell: str) -> bool:
    """Google writes --05-14 for a birthday whose year nobody knows, Mailchimp 05/14 for every one."""
    return _YEARLESS.fullmatch(cell) is not None


def is_no_date(cell: str) -> bool:
    """Outlook writes 0/0/00 where it has no date."""
    return _NO_DATE.fullmatch(cell) is not None
