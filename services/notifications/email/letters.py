"""A letter: the bytes that travel, the same ones however often a handover is tried."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from contracts.errors import Conflict

_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<spec>[^<>]+)>")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Attachment:
    """A PDF that travels with a letter."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Letter:
    """An e-mail to one person; `key` names it for ever, so that a mail server can tell a repetition."""

    key: str
    sender: Address
    recipient: str
    recipient_name: str
    subject: str
    body_text: str
    body_html: str | None
    written_at: dt.datetime
    attachment: Attachment | None = None


def address_of(spec: str, name: str = "") -> Address:
    """Read a bare address and put its domain into ASCII (IDNA); Conflict if it could not be written to everywhere."""
    try:
        local, _, domain = spec.rpartition("@")
        spec = f"{local}@{domain.encode('idna').decode('ascii')}"
        if not (local and domain and spec.isprintable()):
            raise ValueError(spec)
        return Address(" ".join(_INVISIBLE.sub(" ", name).split()), addr_spec=spec)
    except (HeaderParseError, MessageDefect, ValueError, IndexError) as error:
        raise Conflict(f"{spec!r} is not an address that e-mail can be sent to.") from error


def sender_of(setting: str) -> Address:
    """Read `Name <a@b>` or `a@b`."""
    named = _NAMED.fullmatch(setting.strip())
    return address_of(named["spec"], named["name"].strip(' "')) if named else address_of(setting.strip())


def bytes_of(letter: Letter) -> bytes:
    """Write the letter as RFC 5322 bytes; plain text first, HTML as the alternative that mail programs prefer."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = letter.sender, address_of(letter.recipient, letter.recipient_name)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.written_at)
    mail["Message-ID"] = f"<{letter.key}@{letter.sender.domain}>"
    mail.set_content(letter.body_text, cte="quoted-printable")
    if letter.body_html is not None:
        mail.add_alternative(letter.body_html, subtype="html", cte="quoted-printable")
    if letter.attachment is not None:
        mail.add_attachment(
            letter.attachment.content, maintype="application", subtype="pdf", filename=letter.attachment.name
        )
    return mail.as_bytes()
