"""Templates of agreements: the words, with merge fields, that agreements are made of."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

KINDS = ("waiver", "contract", "exit_form", "terms")
MERGE_FIELDS = ("contact.first_name", "contact.display_name", "business.name", "today")
LONGEST_BODY = 100_000


class Template(Schema):
    """One version of a template; `version` counts up with every change of its title or body."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = fields.String(required=True)
    body = fields.String(required=True, metadata={"description": "Paragraphs, `# headings` and {{merge.fields}}."})
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    changed_at = Moment(required=True)


class TemplateInList(Schema):
    """A template without its body."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    changed_at = Moment(required=True)


class CreateTemplate(Schema):
    """`body` may use {{contact.first_name}}, {{contact.display_name}}, {{business.name}} and {{today}}."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    title = Text(required=True, min=1, max=200)
    body = Text(required=True, min=1, max=LONGEST_BODY, multiline=True)


class ChangeTemplate(Schema):
    """What is left out stays as it is."""

    template_id = Id(required=True)
    title = Text(min=1, max=200)
    body = Text(min=1, max=LONGEST_BODY, multiline=True)


class GetTemplate(Schema):
    """`version` asks for an earlier version; left out, the newest is given."""

    template_id = Id(required=True)
    version = fields.Integer(validate=validate.Range(1, 2**31 - 1))


class ListTemplates(PageRequest):
    """The newest version of each template, the latest made first."""

    kind = fields.String(validate=validate.OneOf(KINDS))
    sort = Sort("newest", "oldest")


create_template = Rpc(
    "documents", "create_template", needs="documents.manage", takes=CreateTemplate, gives=Template,
    raises=(Invalid,), about="A body that cannot be rendered is refused with the line of the fault.",
)  # fmt: skip
change_template = Rpc(
    "documents", "change_template", needs="documents.manage", takes=ChangeTemplate, gives=Template,
    raises=(Invalid, NotFound, Conflict, Stale),
    about="Makes a new version when something changed; what was sent or signed keeps the words it had.",
)  # fmt: skip
get_template = Rpc(
    "documents", "get_template", needs="documents.read", takes=GetTemplate, gives=Template,
    raises=(NotFound,), writes=False,
)  # fmt: skip
list_templates = Rpc(
    "documents", "list_templates", needs="documents.read", takes=ListTemplates, gives=page_of(TemplateInList),
    writes=False,
)  # fmt: skip


class TemplateTold(Schema):
    """Which template, and its version; what it says stands in that version."""

    template_id = Id(required=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)


class TemplateChanged(TemplateTold):
    """`changes` of `title` and `body`; of a long body how it begins."""

    changes = Changes()


_OF_NOBODY = "It is about no contact."
agreement_template_created = Event("documents", "agreement_template.created", TemplateTold, about=_OF_NOBODY)
agreement_template_changed = Event("documents", "agreement_template.changed", TemplateChanged, about=_OF_NOBODY)
