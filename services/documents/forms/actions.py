"""Making forms, and keeping what contacts answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload

from chassis.ids import new_id
from chassis.rows import changes_between
from chassis.work import Work
from contracts.documents import forms
from contracts.errors import Conflict, Invalid, NotFound
from contracts.language import Event, Request
from services.acquaintance import known_contact
from services.documents.forms import rules
from services.documents.forms.model import Answers, FilledForm, Form, FormVersion
from services.documents.forms.queries import TERMS, filled_form, form_of, refuse_unseen, version_of, whole


def create_form(work: Work, request: Request) -> dict[str, Any]:
    rules.check_questions(request.questions)
    form = Form(id=new_id(), kind=request.kind, archived=False, version=1, created_at=work.now)
    terms = {"title": request.title, "description": request.description or None, "archived": False}
    version = _version(work, form, terms | {"questions": _plain(request.questions)})
    work.session.add(form)
    _tell(work, forms.form_created, form, version)
    return whole(form, version)


def change_form(work: Work, request: Request) -> dict[str, Any]:
    """Make a new version if anything differs; what was answered stays with the version that it answers."""
    alone = lazyload(Form.current)  # joined, it would be what was current before the wait, and no longer match
    form = work.session.get(Form, request.form_id, options=[alone], with_for_update=True)
    if form is None:
        raise NotFound("There is no such form.")
    work.expect(form.version)
    before = {name: getattr(form.current, name) for name in TERMS}
    after = before | {name: request[name] for name in TERMS if name in request}
    after["description"] = after["description"] or None
    after["questions"] = _plain(after["questions"])
    if after == before:
        return whole(form, form.current)
    rules.check_questions(after["questions"])
    form.version += 1
    form.archived = after["archived"]
    version = _version(work, form, after)
    changes = changes_between(before, after)
    if "questions" in changes:
        changes["questions"] = rules.questions_told(before["questions"], after["questions"])
    _tell(work, forms.form_changed, form, version, changes=changes)
    return whole(form, version)


def fill_form(work: Work, request: Request) -> FilledForm:
    known_contact(work, request.contact_id, active=True)
    return _fill(work, request, new_id())


def put_filled_form(work: Work, request: Request) -> FilledForm:
    """Keep answers under an id that the caller chose, so that a repeated call changes nothing."""
    work.act_for(request.asked_by)
    known_contact(work, request.contact_id, active=True)
    in_turn = func.pg_advisory_xact_lock(func.hashtextextended(request.filled_form_id, 0))
    work.session.execute(select(in_turn))  # of two at once the second finds what the first one made
    filled = work.session.get(FilledForm, request.filled_form_id, with_for_update=True)
    if filled is None:
        return _fill(work, request, request.filled_form_id)
    if (filled.contact_id, filled.form_id) != (request.contact_id, request.form_id):
        raise Conflict("Under this id another form is filled, or another contact's.")
    return _answer(work, filled, request, request.form_version or filled.form_version, before={})


def change_filled_form(work: Work, request: Request) -> FilledForm:
    seen = filled_form(work.reading, request.filled_form_id)
    refuse_unseen(work, seen.kind)  # all of the answers are given back
    known_contact(work, seen.contact_id, active=True)
    filled = filled_form(work.session, request.filled_form_id, lock=True)
    return _answer(work, filled, request, filled.form_version, before=filled.answers)


def _fill(work: Work, request: Request, filled_form_id: str) -> FilledForm:
    form = form_of(work, request.form_id, at="/form_id")
    if form.archived:
        raise Invalid.field("/form_id", "This form is archived.")
    version = version_of(work, form, request.form_version, at="/form_version")
    answers = rules.read_answers(version.questions, request.answers, before={})
    filled = FilledForm(
        id=filled_form_id,
        contact_id=request.contact_id,
        form_id=form.id,
        form_version=version.version,
        kind=form.kind,
        title=version.title,
        answers=answers,
        lacks=_lacks(version, answers, draft=request.draft),
        created_at=work.now,
        version=1,
    )
    work.session.add(filled)
    _keep(work, filled)
    work.record(forms.form_filled, filled.contact_id, **filled.told)
    return filled


def _answer(
    work: Work, filled: FilledForm, request: Request, form_version: int, *, before: dict[str, Any]
) -> FilledForm:
    work.expect(filled.version)
    version = version_of(work, form_of(work, filled.form_id), form_version, at="/form_version")
    answers = rules.read_answers(version.questions, request.answers, before=before)
    lacks = _lacks(version, answers, draft=request.draft)
    if (answers, version.version) == (filled.answers, filled.form_version):
        return filled
    filled.answers, filled.lacks = answers, lacks
    filled.form_version, filled.title = version.version, version.title
    filled.version += 1
    _keep(work, filled)
    work.record(forms.form_answers_changed, filled.contact_id, **filled.told)
    return filled


def _lacks(version: FormVersion, answers: dict[str, Any], *, draft: bool) -> rules.Faults:
    lacks = rules.lacks_of(version.questions, answers)
    if lacks and not draft:
        raise Invalid("Required answers are missing.", lacks)
    return lacks


def _keep(work: Work, filled: FilledForm) -> None:
    """Keep the answers as they stand now for ever."""
    filled.changed_at, filled.changed_by = work.now, work.actor.name or work.actor.id
    kept = ("version", "contact_id", "form_version", "answers", "changed_at", "changed_by")
    work.session.add(Answers(filled_form_id=filled.id, **{name: getattr(filled, name) for name in kept}))


def _version(work: Work, form: Form, terms: dict[str, Any]) -> FormVersion:
    by = work.actor.name or work.actor.id
    version = FormVersion(form_id=form.id, version=form.version, changed_at=work.now, changed_by=by, **terms)
    work.session.add(version)
    work.session.flush()
    return version


def _plain(questions: Any) -> list[dict[str, Any]]:
    return [dict(question) for question in questions]


def _tell(work: Work, event: Event, form: Form, version: FormVersion, **more: Any) -> None:
    work.record(event, None, form_id=form.id, kind=form.kind, title=version.title, version=form.version, **more)
