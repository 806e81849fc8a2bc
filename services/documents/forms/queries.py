"""Reading forms and answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.documents.forms import OF_HEALTH
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.documents.forms.model import Answers, FilledForm, Form, FormVersion

TERMS = ("title", "description", "questions", "archived")
"""What may differ from version to version."""
HEALTH = "health.read"


def get_form(work: Work, request: Request) -> dict[str, Any]:
    """One form, in the version asked for or its newest."""
    form = form_of(work, request.form_id)
    return whole(form, version_of(work, form, request.version))


def list_forms(work: Work, request: Request) -> dict[str, Any]:
    """The newest version of each form."""
    wanted = narrowed(select(Form).where(Form.archived == request.archived), request, Form.kind)
    page = page_of(work, wanted, keys_for(request.sort, oldest=[Form.id]), request)
    return page | {"items": [whole(form, form.current) for form in page["items"]]}


def list_form_versions(work: Work, request: Request) -> dict[str, Any]:
    """A form's versions, the newest first."""
    form_of(work, request.form_id)
    wanted = select(FormVersion).where(FormVersion.form_id == request.form_id)
    return page_of(work, wanted, [FormVersion.version.desc()], request)


def get_filled_form(work: Work, request: Request) -> Any:
    """A contact's answers as they stand, or as they stood; of those, what is lacking is not kept."""
    filled = filled_form(work.session, request.filled_form_id)
    refuse_unseen(work, filled.kind)
    if request.version in (None, filled.version):
        return filled
    then = work.session.get(Answers, (filled.id, request.version))
    if then is None:
        raise NotFound("There is no such version of these answers.")
    told = {name: getattr(filled, name) for name in ("id", "contact_id", "form_id", "kind", "title", "created_at")}
    names = ("version", "form_version", "answers", "changed_at", "changed_by")
    return told | {name: getattr(then, name) for name in names} | {"lacks": []}


def list_filled_forms(work: Work, request: Request) -> dict[str, Any]:
    """Answers of a contact or to a form, the newest first, of the kinds that the reader may see."""
    if request.contact_id is None and request.form_id is None:
        raise Invalid.field("/contact_id", "Name a contact, or a form.")
    refuse_unseen(work, request.kind)
    wanted = narrowed(select(FilledForm), request, FilledForm.contact_id, FilledForm.form_id, FilledForm.kind)
    if not work.actor.may(HEALTH):
        wanted = wanted.where(FilledForm.kind.not_in(OF_HEALTH))
    return page_of(work, wanted, keys_for(request.sort, oldest=[FilledForm.id]), request)


def list_filled_form_versions(work: Work, request: Request) -> dict[str, Any]:
    """What was answered, the newest first."""
    refuse_unseen(work, filled_form(work.session, request.filled_form_id).kind)
    wanted = select(Answers).where(Answers.filled_form_id == request.filled_form_id)
    return page_of(work, wanted, [Answers.version.desc()], request)


def refuse_unseen(work: Work, kind: str | None) -> None:
    """Refuse answers to forms of this kind to who may not see them."""
    work.actor.permit("forms.read")
    if kind in OF_HEALTH:
        work.actor.permit(HEALTH)


def form_of(work: Work, form_id: str, *, at: str | None = None) -> Form:
    """The form, or NotFound; Invalid `at` its pointer where the body names it."""
    form = work.session.get(Form, form_id)
    if form is None:
        raise Invalid.field(at, "There is no such form.") if at else NotFound("There is no such form.")
    return form


def version_of(work: Work, form: Form, version: int | None, *, at: str | None = None) -> FormVersion:
    """The form in one of its versions, the newest where none is named."""
    if version in (None, form.version):
        return form.current
    found = work.session.get(FormVersion, (form.id, version))
    if found is None:
        detail = "There is no such version of this form."
        raise Invalid.field(at, detail) if at else NotFound(detail)
    return found


def filled_form(session: Session, filled_form_id: str, *, lock: bool = False) -> FilledForm:
    """The answers, or NotFound."""
    found = session.get(FilledForm, filled_form_id, with_for_update=lock or None)
    if found is None:
        raise NotFound("There is no such filled form.")
    return found


def whole(form: Form, version: FormVersion) -> dict[str, Any]:
    """A form in one of its versions, as the contract says it."""
    names = (*TERMS, "version", "changed_at", "changed_by")
    told = {name: getattr(version, name) for name in names}
    return told | {"id": form.id, "kind": form.kind, "created_at": form.created_at}
