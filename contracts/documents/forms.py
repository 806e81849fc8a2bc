"""Forms built of questions, and what contacts answered: questionnaires and goal plans are forms."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Conflict, Forbidden, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import (
    Boolean,
    Changes,
    Event,
    Id,
    Moment,
    PageRequest,
    Rpc,
    Schema,
    Sort,
    Text,
    in_the_name_of,
    page_of,
)

KINDS = ("questionnaire", "goal_plan", "form")
OF_HEALTH = ("form",)
"""Kinds whose answers are for who may see what is asked of health: a sale asks by the other two."""
QUESTION_TYPES = ("text", "number", "date", "choice", "yes_no")
_KEY = validate.Regexp(r"\A[a-z][a-z0-9_]{0,49}\Z", error="A letter, then letters, digits, underscores.")
_VERSION = validate.Range(1, 2**31 - 1)


class Question(Schema):
    """One field of a form, answered by its `key`. Only a choice has `choices`, and it needs them."""

    key = fields.String(required=True, validate=_KEY)
    label = Text(required=True, min=1, max=300)
    type = fields.String(required=True, validate=validate.OneOf(QUESTION_TYPES))
    required = Boolean(load_default=False)
    choices = fields.List(Text(min=1, max=100), validate=validate.Length(1, 100), load_default=None, allow_none=True)
    help = Text(max=500, multiline=True, load_default=None, allow_none=True)


def _questions(**options: bool) -> fields.Field:
    return fields.List(fields.Nested(Question), validate=validate.Length(1, 100), **options)  # type: ignore[arg-type]


class CreateForm(Schema):
    """A form in its first version."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = Text(required=True, min=1, max=200)
    description = Text(max=2000, multiline=True, load_default=None, allow_none=True)
    questions = _questions(required=True)


class ChangeForm(Schema):
    """A merge-patch; `questions` replaces the whole list. An archived form keeps its answers and takes no new ones."""

    form_id = Id(required=True)
    title = Text(min=1, max=200)
    description = Text(max=2000, multiline=True, allow_none=True)
    questions = _questions()
    archived = Boolean()


class OneForm(Schema):
    """Names one form."""

    form_id = Id(required=True)


class GetForm(OneForm):
    """`version` asks for an earlier version; left out, the newest is given."""

    version = fields.Integer(validate=_VERSION)


class ListForms(PageRequest):
    """The newest version of each form; `archived` lists the archived ones instead."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    archived = Boolean(load_default=False)
    sort = Sort("newest", "oldest")


class ListFormVersions(PageRequest):
    """All versions of one form, the newest first."""

    form_id = Id(required=True)


class FormVersion(Schema):
    """What a form asked from one change to the next, and who made it so."""

    version = fields.Integer(required=True)
    title = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    questions = fields.List(fields.Nested(Question), required=True)
    archived = Boolean(required=True)
    changed_at = Moment(required=True)
    changed_by = fields.String(required=True, allow_none=True)


class Form(FormVersion):
    """One version of a form; `version` counts up with every change."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    created_at = Moment(required=True)


class _Answered(NoCardNumbers):
    """`answers` by the questions' keys; `draft` lets required ones wait, and the answer names what it lacks."""

    answers = fields.Dict(keys=fields.String(), required=True)
    draft = Boolean(load_default=False)


class FillForm(_Answered):
    """A contact's answers to a form, in its newest version unless an earlier one was shown."""

    contact_id = Id(required=True)
    form_id = Id(required=True)
    form_version = fields.Integer(strict=True, validate=_VERSION)


class PutFilledForm(FillForm):
    """The same under an id of the caller's: new, or instead of all answers that stand there."""

    filled_form_id = Id(required=True)
    asked_by = in_the_name_of()


class ChangeFilledForm(_Answered):
    """A merge-patch of the answers: null takes one away. They stay answers to the version that was filled."""

    filled_form_id = Id(required=True)


class GetFilledForm(Schema):
    """`version` asks for the answers as they stood earlier; left out, the newest are given."""

    filled_form_id = Id(required=True)
    version = fields.Integer(validate=_VERSION)


class ListFilledForms(PageRequest):
    """Of one contact or one form, which has to be named."""

    contact_id = Id()
    form_id = Id()
    kind = fields.String(validate=validate.OneOf(KINDS))
    sort = Sort("newest", "oldest")


class ListFilledFormVersions(PageRequest):
    """The answers as they stood from one change to the next, the newest first."""

    filled_form_id = Id(required=True)


class Lack(Schema):
    """What is missing still, and where."""

    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class AnswersVersion(Schema):
    """Answers as they were given at once, and by whom."""

    version = fields.Integer(required=True)
    form_version = fields.Integer(required=True)
    answers = fields.Dict(keys=fields.String(), required=True)
    changed_at = Moment(required=True)
    changed_by = fields.String(required=True, allow_none=True)


class FilledForm(AnswersVersion):
    """A contact's answers to one version of a form; `lacks` names the required ones that are not there yet."""

    id = Id(required=True)
    contact_id = Id(required=True)
    form_id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = fields.String(required=True)
    lacks = fields.List(fields.Nested(Lack), required=True)
    created_at = Moment(required=True)


create_form = Rpc("documents", "create_form", needs="documents.manage", takes=CreateForm, gives=Form, raises=(Invalid,))
change_form = Rpc(
    "documents", "change_form", needs="documents.manage", takes=ChangeForm, gives=Form,
    raises=(Invalid, NotFound, Stale), about="Makes a new version; answers stay with the version that they answered.",
)  # fmt: skip
get_form = Rpc(
    "documents", "get_form", needs="documents.read", takes=GetForm, gives=Form, raises=(NotFound,), writes=False
)
list_forms = Rpc(
    "documents", "list_forms", needs="documents.read", takes=ListForms, gives=page_of(Form), raises=(Invalid,),
    writes=False,
)  # fmt: skip
list_form_versions = Rpc(
    "documents", "list_form_versions", needs="documents.read", takes=ListFormVersions, gives=page_of(FormVersion),
    raises=(Invalid, NotFound), writes=False, about="Who changed what of a form, and when.",
)  # fmt: skip

_refusals = (Invalid, NotFound, Conflict, Merged, Unavailable)
fill_form = Rpc(
    "documents", "fill_form", needs="forms.fill", takes=FillForm, gives=FilledForm, raises=_refusals,
    about="Each answer that cannot be is named by its pointer, and so is each required one that is missing.",
)  # fmt: skip
put_filled_form = Rpc(
    "documents", "put_filled_form", needs="forms.fill", takes=PutFilledForm, gives=FilledForm,
    raises=(*_refusals, Stale), incidental=("asked_by",), about="The same answers again change nothing.",
)  # fmt: skip
change_filled_form = Rpc(
    "documents", "change_filled_form", needs="forms.fill", takes=ChangeFilledForm, gives=FilledForm,
    raises=(*_refusals, Stale, Forbidden),
    about="Earlier answers are kept. Who may not see the others of a form changes none.",
)  # fmt: skip
get_filled_form = Rpc(
    "documents", "get_filled_form", needs="forms.read", takes=GetFilledForm, gives=FilledForm,
    raises=(NotFound, Forbidden), writes=False, about="Of the kind `form` it needs health.read as well.",
)  # fmt: skip
list_filled_forms = Rpc(
    "documents", "list_filled_forms", needs="forms.read", takes=ListFilledForms, gives=page_of(FilledForm),
    raises=(Invalid, Forbidden), writes=False, about="Without health.read those of the kind `form` are left out.",
)  # fmt: skip
list_filled_form_versions = Rpc(
    "documents", "list_filled_form_versions", needs="forms.read", takes=ListFilledFormVersions,
    gives=page_of(AnswersVersion), raises=(Invalid, NotFound, Forbidden), writes=False,
    about="Who answered what, and when. Of the kind `form` it needs health.read as well.",
)  # fmt: skip


class FormTold(Schema):
    """A form as it is told."""

    form_id = Id(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)


class FormChanged(FormTold):
    """`changes` of what a version says: of `questions` those that are otherwise, of many no more than key and label."""

    changes = Changes()


class FormFilled(Schema):
    """That a form was answered, `complete` or not; what was answered stays in documents."""

    filled_form_id = Id(required=True)
    form_id = Id(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    form_version = fields.Integer(required=True)
    complete = Boolean(required=True)
    version = fields.Integer(required=True)


form_created = Event("documents", "form.created", data=FormTold, about="It is about no contact.")
form_changed = Event("documents", "form.changed", data=FormChanged, about="It is about no contact.")
form_filled = Event("documents", "form.filled", data=FormFilled, about="A contact's answers to a form are kept.")
form_answers_changed = Event("documents", "form.answers_changed", data=FormFilled, about="Earlier ones are kept.")
