"""Making the PDF of what was signed: soon after the signing, or at the latest when it is asked for."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import undefer

from chassis import storage
from chassis.config import settings
from chassis.cpu import alone_in_thread, in_thread
from chassis.ids import new_id
from chassis.work import Work
from contracts.errors import Conflict, NotFound
from contracts.language import Request
from services.documents.agreements.model import Agreement
from services.documents.base import business
from services.documents.papers import layout, rules, seal
from services.documents.papers.model import Seal
from services.documents.signing.actions import agreement_on_link
from services.documents.signing.model import Signature

AT_ONCE = 4
CLAIM = dt.timedelta(minutes=2)
LARGEST = 20_000_000
SEALING = 4_002
"""The advisory lock under which a seal is made."""


def get_agreement_pdf(work: Work, request: Request) -> dict[str, Any]:
    """Tell where the signed PDF lies."""
    agreement = work.session.get(Agreement, request.agreement_id)
    if agreement is None:
        raise NotFound("There is no such agreement.")
    return _paper_of(work, agreement)


def get_signed_copy(work: Work, request: Request) -> dict[str, Any]:
    """Tell where the signed PDF lies, to whom holds the link that it was signed on."""
    return _paper_of(work, agreement_on_link(work, request.token))


def claim_papers(work: Work) -> list[dict[str, Any]]:
    """Take the next signatures without a PDF; who dies over one leaves it to the next after two minutes."""
    free = or_(Signature.claimed_until.is_(None), Signature.claimed_until < work.now)
    waiting = (
        _signed()
        .where(Signature.file_key.is_(None), free)
        .order_by(Signature.signed_at)
        .limit(AT_ONCE)
        .with_for_update(of=Signature, skip_locked=True)
    )
    found = work.session.execute(waiting).all()
    for signature, _ in found:
        signature.claimed_until = work.now + CLAIM
    return [_errand(work, signature, agreement) for signature, agreement in found]


def make_paper(errand: dict[str, Any]) -> str:
    """Draw, seal and store a PDF, and tell its key."""
    sealed = alone_in_thread(_make, errand["evidence"], errand["seal"], settings().secret)
    # Stored from the green thread: a native one may wait for ever on the locks that a bucket's client shares.
    return storage.put(io.BytesIO(sealed), limit=LARGEST, prefix="agreements")


def keep_paper(work: Work, errand: dict[str, Any], key: str | None, error: Exception | None) -> None:
    """Note where the PDF lies. Of two made at once the first stays; after a failure the claim runs out."""
    if error is not None or key is None:
        return
    agreement_id = errand["evidence"].agreement_id
    first = (
        update(Signature)
        .where(Signature.agreement_id == agreement_id, Signature.file_key.is_(None))
        .values(file_key=key)
        .returning(Signature.agreement_id)
        .execution_options(synchronize_session=False)
    )
    if work.session.scalar(first) is None:
        storage.delete(key)


def _paper_of(work: Work, agreement: Agreement) -> dict[str, Any]:
    if agreement.state != "signed" or agreement.signed_at is None:
        raise Conflict(f"There is no PDF: the agreement is {agreement.state_at(work.now)}, not signed.")
    name = rules.file_name(agreement.title, agreement.signed_at)
    agreement_id = agreement.id
    signature, _ = work.session.execute(_signed().where(Signature.agreement_id == agreement_id)).one()
    if signature.file_key is None:
        errand = _errand(work, signature, agreement)
        work.commit()  # nothing is locked while the PDF is made
        keep_paper(work, errand, make_paper(errand), None)
    key = work.session.scalar(select(Signature.file_key).where(Signature.agreement_id == agreement_id))
    return {"file_key": key, "file_name": name}


def _signed() -> Select[Signature, Agreement]:
    joined = select(Signature, Agreement).join(Agreement, Agreement.id == Signature.agreement_id)
    return joined.options(undefer(Agreement.text))


def _errand(work: Work, signature: Signature, agreement: Agreement) -> dict[str, Any]:
    party = business(work)
    evidence = layout.Evidence(
        agreement_id=agreement.id,
        title=agreement.title,
        text=agreement.text,
        content_hash=agreement.content_hash,
        contact_name=agreement.contact_name,
        business_name=party.name,
        zone=party.zone.key,
        signed_name=signature.name,
        signed_at=signature.signed_at,
        typed=signature.typed,
        drawn=signature.drawn,
        from_address=signature.from_address,
        user_agent=signature.user_agent,
    )
    return {"evidence": evidence, "seal": _current_seal(work), "cause": signature.cause}


def _current_seal(work: Work) -> bytes:
    """The seal that opens with the present secret; the first one asked for is made."""
    lock = seal.lock_of(settings().secret)
    newest = select(Seal.locked).where(Seal.lock == lock).order_by(Seal.id.desc()).limit(1)
    kept = work.session.scalar(newest)
    if kept is None:
        work.session.execute(select(func.pg_advisory_xact_lock(SEALING)))
        kept = work.session.scalar(newest)
    if kept is None:
        kept = in_thread(seal.new_seal, business(work).name, settings().secret, work.now)
        work.session.add(Seal(id=new_id(), lock=lock, locked=kept, made_at=work.now))
        work.session.flush()
    return kept


def _make(evidence: layout.Evidence, locked: bytes, secret: str) -> bytes:
    return seal.seal(layout.draw(evidence), locked, secret)
