"""The sales flow: somebody on the way to a purchase, in steps that are saved one by one and submitted once."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.contacts import people
from contracts.errors import Blocked, Conflict, Forbidden, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

STEPS = ("lead_data", "questionnaire", "goal_plan", "package", "summary", "terms")
"""In the order in which they are gone through; they may be saved in any, but the summary only after those before it."""
STATES = ("open", "ordering", "submitted", "abandoned")


class NewLead(people.CreateContact):
    """A lead that is entered by hand as the first step of its flow."""

    class Meta(Schema.Meta):
        exclude = ("enter_as", "emergency_contacts", "consent", "asked_by")


class BeginSalesFlow(Schema):
    """For a contact that there is, or for a new lead, which saves the first step. A contact has one flow under way."""

    contact_id = Id()
    lead_data = fields.Nested(NewLead)


class OneSalesFlow(Schema):
    """Names one sales flow."""

    sales_flow_id = Id(required=True)


class SaveLeadData(people.ChangeContact):
    """A merge-patch of the contact's profile; with nothing in it, what is there is confirmed. An e-mail address or a
    phone number has to be there."""

    class Meta(Schema.Meta):
        exclude = ("contact_id", "customer_since", "asked_by")

    sales_flow_id = Id(required=True)


class SaveAnswers(OneSalesFlow, NoCardNumbers):
    """The answers to a form, all that there are; required ones may wait until the flow is submitted."""

    form_id = Id(required=True)
    answers = fields.Dict(keys=fields.String(), required=True)


class SavePackage(OneSalesFlow):
    """What is bought, or `skipped`: then the lead stays a lead."""

    package_id = Id()
    quantity = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, 1000))
    skipped = Boolean(load_default=False)


class ConfirmSummary(OneSalesFlow):
    """That all of it was looked at. Whatever is saved in a step before it afterwards has to be confirmed anew."""

    confirmed = Boolean(
        required=True,
        validate=validate.Equal(True, error="Confirming takes confirmed: true."),
    )  # fmt: skip


class SaveTerms(OneSalesFlow):
    """The agreement that the terms were sent with to this contact; it is shown and signed on its own link."""

    agreement_id = Id(required=True)


class AbandonSalesFlow(OneSalesFlow, NoCardNumbers):
    """Why nothing comes of it."""

    reason = Text(max=500, multiline=True)


class ListSalesFlows(PageRequest):
    """Of one contact, or in one state."""

    contact_id = Id()
    state = fields.String(validate=validate.OneOf(STATES))
    sort = Sort("newest", "oldest")


class Lack(Schema):
    """What a step still lacks: `/steps/terms`, or deeper, `/steps/goal_plan/answers/goal`."""

    pointer = fields.String(required=True)
    detail = fields.String(required=True)


class Step(Schema):
    """A step that was saved, by whom and when."""

    saved_at = Moment(required=True)
    saved_by = fields.String(required=True, allow_none=True)


class FormStep(Step):
    """Which answers of documents it is; what was answered is read there."""

    filled_form_id = Id(required=True)
    form_id = Id(required=True)
    form_version = fields.Integer(required=True)
    answers_version = fields.Integer(required=True)
    title = fields.String(required=True)


class PackageStep(Step):
    """The package as it was when it was chosen, or that none is."""

    skipped = Boolean(required=True)
    package_id = Id(required=True, allow_none=True)
    package_version = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, allow_none=True)
    price = fields.Nested(Money, required=True, allow_none=True)
    sign_up_fee = fields.Nested(Money, required=True, allow_none=True)
    quantity = fields.Integer(required=True, allow_none=True)


class TermsStep(Step):
    """The agreement with the terms, and how it stood when it was last looked at."""

    agreement_id = Id(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)


class Steps(Schema):
    """What was saved of each step, null: nothing yet."""

    lead_data = fields.Nested(Step, required=True, allow_none=True)
    questionnaire = fields.Nested(FormStep, required=True, allow_none=True)
    goal_plan = fields.Nested(FormStep, required=True, allow_none=True)
    package = fields.Nested(PackageStep, required=True, allow_none=True)
    summary = fields.Nested(Step, required=True, allow_none=True)
    terms = fields.Nested(TermsStep, required=True, allow_none=True)


class SalesFlow(Schema):
    """A sales flow. `next_step` is where to go on, null when nothing is lacking; `refusal` is why the order was
    refused after it was submitted, which opened it again."""

    id = Id(required=True)
    contact_id = Id(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    steps = fields.Nested(Steps, required=True)
    lacks = fields.List(fields.Nested(Lack), required=True)
    next_step = fields.String(required=True, allow_none=True)
    refusal = fields.String(required=True, allow_none=True)
    order_id = Id(required=True, allow_none=True)
    order_number = fields.Integer(required=True, allow_none=True)
    begun_at = Moment(required=True)
    begun_by = fields.String(required=True, allow_none=True)
    submitted_at = Moment(required=True, allow_none=True)
    submitted_by = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "Why it was abandoned."})
    version = fields.Integer(required=True)


_refusals = (Invalid, NotFound, Conflict, Merged, Stale, Unavailable, Forbidden)
begin_sales_flow = Rpc(
    "pipeline", "begin_sales_flow", needs="pipeline.write", takes=BeginSalesFlow, gives=SalesFlow,
    raises=(Invalid, NotFound, Conflict, Merged, Unavailable, Forbidden),
    about="For a lead or a customer; where one is under way already, the refusal names it as `sales_flow_id`. A new "
    "lead who is an exact duplicate is refused with `existing_id`: begin for that contact.",
)  # fmt: skip
get_sales_flow = Rpc(
    "pipeline", "get_sales_flow", needs="pipeline.read", takes=OneSalesFlow, gives=SalesFlow, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_sales_flows = Rpc(
    "pipeline", "list_sales_flows", needs="pipeline.read", takes=ListSalesFlows, gives=page_of(SalesFlow),
    raises=(Invalid,), writes=False,
)  # fmt: skip
save_lead_data = Rpc(
    "pipeline", "save_lead_data", needs="pipeline.write", takes=SaveLeadData, gives=SalesFlow, raises=_refusals,
    about="Changes the contact, and keeps that its data were gone through.",
)  # fmt: skip
save_questionnaire = Rpc(
    "pipeline", "save_questionnaire", needs="pipeline.write", takes=SaveAnswers, gives=SalesFlow, raises=_refusals,
    about="Keeps the answers in documents, and which they are here.",
)  # fmt: skip
save_goal_plan = Rpc(
    "pipeline", "save_goal_plan", needs="pipeline.write", takes=SaveAnswers, gives=SalesFlow, raises=_refusals,
    about="As the questionnaire, with a form of the kind goal_plan.",
)  # fmt: skip
save_package = Rpc(
    "pipeline", "save_package", needs="pipeline.write", takes=SavePackage, gives=SalesFlow, raises=_refusals,
    about="Chooses a package that is on sale, as it stands now, or none.",
)  # fmt: skip
confirm_summary = Rpc(
    "pipeline", "confirm_summary", needs="pipeline.write", takes=ConfirmSummary, gives=SalesFlow,
    raises=(*_refusals, Blocked), about="Refused while a step before it lacks something, naming all of that.",
)  # fmt: skip
save_terms = Rpc(
    "pipeline", "save_terms", needs="pipeline.write", takes=SaveTerms, gives=SalesFlow, raises=_refusals,
    about="Keeps which agreement has the terms; it has to be signed before the flow is submitted.",
)  # fmt: skip
submit_sales_flow = Rpc(
    "pipeline", "submit_sales_flow", needs="pipeline.write", takes=OneSalesFlow, gives=SalesFlow,
    raises=(*_refusals, Blocked), deadline=15.0,
    about="Refused while any step lacks something, naming all of that. With a package it is `ordering` until the order "
    "stands, a moment later; submitting again is harmless.",
)  # fmt: skip
abandon_sales_flow = Rpc(
    "pipeline", "abandon_sales_flow", needs="pipeline.write", takes=AbandonSalesFlow, gives=SalesFlow,
    raises=(NotFound, Conflict, Stale), about="Abandoning twice is harmless; what was answered and signed is kept.",
)  # fmt: skip


class SalesFlowTold(Schema):
    """A sales flow as it is told."""

    sales_flow_id = Id(required=True)
    version = fields.Integer(required=True)


class SalesFlowStepSaved(SalesFlowTold):
    """`step` is one of the flow's."""

    step = fields.String(required=True)


class SalesFlowSubmitted(SalesFlowTold):
    """With the order that came of it, if a package was chosen."""

    order_id = Id(required=True, allow_none=True)
    order_number = fields.Integer(required=True, allow_none=True)
    package = fields.String(required=True, allow_none=True)


class SalesFlowEnded(SalesFlowTold):
    """Why."""

    reason = fields.String(required=True, allow_none=True)


sales_flow_begun = Event("pipeline", "sales_flow.begun", SalesFlowTold, about="Somebody begins to sell to a contact.")
sales_flow_step_saved = Event("pipeline", "sales_flow.step_saved", SalesFlowStepSaved, about="A step has new data.")
sales_flow_submitted = Event(
    "pipeline", "sales_flow.submitted", SalesFlowSubmitted, about="All of it stands, and so does the order."
)
sales_flow_refused = Event(
    "pipeline", "sales_flow.refused", SalesFlowEnded, about="It was submitted, and the order refused; it is open again."
)
sales_flow_abandoned = Event("pipeline", "sales_flow.abandoned", SalesFlowEnded, about="Nothing comes of it.")
