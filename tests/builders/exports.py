"""Files as other systems really export them, with their columns and their quirks; the people are invented."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904


def outlook(word: str) -> bytes:
    """Outlook for Windows in Germany: semicolons, cp1252, 0.0.00 for no date, "Keine Angabe" for no gender."""
    header = [
        "Anrede", "Vorname", "Weitere Vornamen", "Nachname", "Suffix", "Firma", "Abteilung", "Position",
        "Straße geschäftlich", "Ort geschäftlich", "Region geschäftlich", "Postleitzahl geschäftlich",
        "Land/Region geschäftlich", "Straße privat", "Ort privat", "Bundesland/Kanton privat", "Postleitzahl privat",
        "Land/Region privat", "Fax geschäftlich", "Telefon geschäftlich", "Telefon privat", "Mobiltelefon",
        "E-Mail-Adresse", "E-Mail-Typ", "E-Mail: Angezeigter Name", "E-Mail 2: Adresse", "Geburtstag", "Geschlecht",
        "Jahrestag", "Kategorien", "Notizen", "Priorität", "Webseite",
    ]  # fmt: skip
    rows = [
        ["Frau", "Zoë", "", f"Größer{word}", "", "", "", "", "", "", "", "", "", "Königstraße 1", "Köln", "", "50667",
         "Deutschland", "", "", "0221 4710899", "0151 69371955", f"zoe.{word}@example.org", "SMTP",
         f"Zoë Größer{word}", "", "14.5.1980", "Weiblich", "0.0.00", "Yoga;Früh", "Knie; links", "Normal", ""],
        ["", "", "", "", "", f"Blumen Süß {word}", "", "", "Am Markt 2", "Bonn", "", "53111", "Deutschland", "", "",
         "", "", "", "", "0228 7259880", "", "", f"blumen.{word}@example.org", "SMTP", "", "", "0.0.00",
         "Keine Angabe", "0.0.00", "", "", "Normal", ""],
    ]  # fmt: skip
    return _csv([header, *rows], delimiter=";", line="\r\n").encode("cp1252")


def hubspot(word: str) -> bytes:
    """HubSpot, saved by Excel as "Unicode text": UTF-16 with a mark and tabs."""
    header = [
        "Record ID", "First Name", "Last Name", "Email", "Phone Number", "Mobile Phone Number", "Contact owner",
        "Primary Associated Company ID", "Last Activity Date (GMT+1)", "Lead Status", "Marketing contact status",
        "Create Date (GMT+1)", "Associated Company", "City", "Country/Region",
    ]  # fmt: skip
    rows = [
        [f"51{word}", "Łukasz", f"Żak{word}", f"lukasz.{word}@example.org", "+48 22 622 23 33", "601 222 333",
         "Jo Owner", "88", "2026-10-01 09:12", "NEW", "Marketing contact", "2024-01-31 10:00", "Studio Ruchu",
         "Warszawa", "Poland"],
        [f"52{word}", "", "", f"info.{word}@example.org", "", "", "", "", "", "", "", "2024-02-01 10:00", "", "", ""],
    ]  # fmt: skip
    return _csv([header, *rows], delimiter="\t", line="\r\n").encode("utf-16")


def mailchimp(word: str) -> bytes:
    """Mailchimp's audience: tags in quotation marks within the cell, birthdays without a year, where the reader was."""
    header = [
        "Email Address", "First Name", "Last Name", "Address", "Phone Number", "Birthday", "MEMBER_RATING",
        "OPTIN_TIME", "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF",
        "TIMEZONE", "CC", "REGION", "LAST_CHANGED", "LEID", "EUID", "NOTES", "TAGS",
    ]  # fmt: skip
    rows = [
        [f"Grace.{word}@Example.org", "Grace", f"Hopper{word}", "1 Navy Way  Arlington VA 22202 US", "+1 703 555 0199",
         "12/09", "4", "2021-03-04 05:06:07", "203.0.113.9", "2021-03-04 05:06:07", "203.0.113.9", "38.9", "-77.0",
         "-5", "-4", "America/New_York", "US", "VA", "2026-01-01 00:00:00", "123456789", f"e{word}", "",
         '"Newsletter","VIP, gold"'],
    ]  # fmt: skip
    return _csv([header, *rows]).encode()


CLIENTS = ["ID", "Client", "Email", "Mobile Phone", "Birthdate", "Client Since", "Membership", "Balance", "Company"]


def clients(word: str) -> list[list[Any]]:
    """A studio's client list as cells: a title above the header, "Last, First", dates, numbers as text and not."""
    return [
        ["Client list", *[None] * 8],
        ["printed 2026-11-01", *[None] * 8],
        CLIENTS,
        [100001, f"Grande{word}, Julieta", f"julieta.{word}@example.org", "+34 661 488 037", dt.date(1971, 8, 2),
         dt.date(2022, 1, 19), "Silver 8/month", 0, "Acme"],
        ["100002", f"van der Berg{word}, Piet", f"piet.{word}@example.org", "0031 20 624 1111", 29221.0,
         dt.date(2021, 9, 25), "Gold Unlimited", -85.5, None],
    ]  # fmt: skip


def as_xlsx(rows: Sequence[Sequence[Any]], *, since_1904: bool = False, before: str = "") -> bytes:
    """A workbook whose title is merged over all columns; `before` is an empty sheet that comes first."""
    book = openpyxl.Workbook()
    sheet = book.active
    if since_1904:
        book.epoch = CALENDAR_MAC_1904
    if before:
        sheet.title = before
        sheet = book.create_sheet("Clients")
    for row in rows:
        sheet.append(list(row))
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(rows[0]))
    return _saved(book)


def as_xls(rows: Sequence[Sequence[Any]]) -> bytes:
    """A workbook of Excel 97 to 2003; the last column of the last rows is one merged cell."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Clients")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    last = len(rows[0]) - 1
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is not None and not (column == last and number >= 3):
                sheet.write(number, column, cell, *([day] if isinstance(cell, dt.date) else []))
    sheet.write_merge(3, len(rows) - 1, last, last, rows[3][last])
    return _saved(book)


def as_ods(rows: Sequence[Sequence[Any]]) -> bytes:
    """A sheet of LibreOffice."""
    book = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Clients")
    book.spreadsheet.addElement(table)
    for row in rows:
        line = odf.table.TableRow()
        table.addElement(line)
        for cell in row:
            line.addElement(_ods_cell(cell))
    return _saved(book)


VCARDS = """BEGIN:VCARD\r
VERSION:3.0\r
PRODID:-//Apple Inc.//iPhone OS 17.0//EN\r
N:Müller{word};Jörg;Peter;Dr.;\r
FN:Dr. Jörg Peter Müller{word}\r
ORG:Yoga Haus\\, Berlin;Front desk\r
EMAIL;type=INTERNET;type=HOME;type=pref:joerg.{word}@example.org\r
item1.EMAIL;type=INTERNET:jm.{word}@work.example.org\r
item1.X-ABLabel:_$!<Work>!$_\r
TEL;type=CELL;type=VOICE;type=pref:+49 151 69371955\r
ADR;type=HOME;type=pref:;;Hauptstraße 1;Berlin;;10115;Germany\r
BDAY;value=date:1980-05-14\r
NOTE:Line one\\nLine two\\, with a comma that is so long that it had to be fol\r
 ded\r
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD\r
 AAAAAAAAAAAAAAAAAAAAAAAA\r
CATEGORIES:Yoga,VIP\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=BB=C3=B3=C5=82=C4=87{word};J=C3=B3zef;;;\r
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B3zef =C5=BB=C3=B3=C5=\r
=82=C4=87{word}\r
TEL;CELL:+48 601 222 333\r
TEL;WORK;PREF:+48226222333\r
EMAIL;INTERNET:jozef.{word}@example.org\r
BDAY:19750301\r
NOTE;ENCODING=QUOTED-PRINTABLE:knee=0D=0Ashoulder\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:Blue Studio {word}\r
ORG:Blue Studio {word}\r
KIND:org\r
TEL;VALUE=uri;TYPE="voice,work":tel:+44-20-7946-0958;ext=12\r
EMAIL:blue.{word}@example.org\r
BDAY:--0514\r
END:VCARD\r
"""


def vcards(word: str) -> bytes:
    """Three cards in one file: an iPhone's, an old Nokia's with quoted-printable, and one of version 4.0."""
    return VCARDS.replace("{word}", word).encode()


def _csv(rows: Sequence[Sequence[str]], *, delimiter: str = ",", line: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line).writerows(rows)
    return out.getvalue()


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ods_cell(cell: Any) -> Any:
    if isinstance(cell, dt.date):
        made = odf.table.TableCell(valuetype="date", datevalue=cell.isoformat())
    elif isinstance(cell, (int, float)):
        made = odf.table.TableCell(valuetype="float", value=str(cell))
    elif cell is None:
        return odf.table.TableCell()
    else:
        made = odf.table.TableCell(valuetype="string")
    made.addElement(odf.text.P(text=str(cell)))
    return made
