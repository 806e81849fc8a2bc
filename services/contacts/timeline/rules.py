"""Which events belong on the timeline, and how an entry reads in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from typing import Any

from chassis.amounts import written
from contracts.contacts.histories import MANAGED, SINGLE
from contracts.errors import Invalid
from contracts.language import Event

SENTENCES: dict[str, str] = {
    "contact.created": "Entered as {entered_as} ({acquisition})",
    "contact.changed": "Profile changed: {changes}",
    "contact.lifecycle_changed": "From {before} to {after}: {reason}",
    "contact.tagged": "Tagged “{tag}”: {cause}",
    "contact.untagged": "Tag “{tag}” taken off: {cause}",
    "group.joined": "Put into the group “{name}”",
    "segment.entered": "Entered the segment “{name}”: {cause}",
    "segment.left": "Left the segment “{name}”: {cause}",
    "group.left": "Taken out of the group “{name}”",
    "club_access.changed": "Club access changed: {reason}",
    "external_id.added": "Known as {value} in {system}",
    "external_id.removed": "No longer known as {value} in {system}",
    "affiliation.added": "{person_name} belongs to {company_name}: {title}",
    "affiliation.changed": "{person_name} at {company_name}: {changes} changed",
    "affiliation.removed": "{person_name} does not belong to {company_name}: {title}",
    "consent.changed": "{granted} {purpose} by {channel} ({how})",
    "preferences.changed": "Prefers to be reached by {after}",
    "relation.added": "{related_name} is {role} of {contact_name}",
    "relation.changed": "{related_name} is now {role} of {contact_name}",
    "relation.removed": "{related_name} is no longer {role} of {contact_name}",
    "emergency_contact.added": "{name} is to be called in an emergency ({relationship})",
    "emergency_contact.changed": "Emergency contact {name} changed",
    "emergency_contact.removed": "{name} is no longer to be called in an emergency",
    "referral_code.made": "Referral code made",
    "referral.made": "Brought {referred_name} along ({via})",
    "referral.removed": "Who brought {referred_name} along is open again",
    "referral.converted": "{referred_name}, whom they brought along, became a customer",
    "referral.reversed": "{referred_name}, whom they brought along, is a lead again: {reason}",
    "buddy_pass.made": "Buddy pass made, valid until {valid_until}",
    "buddy_pass.changed": "Buddy pass changed, valid until {valid_until}",
    "contact.signed_up_again": "Signed up again ({way})",
    "member_session.begun": "Signed in as a member",
    "member_session.ended": "Session as a member ended: {reason}",
    "photo.changed": "New photo",
    "photo.removed": "Photo removed",
    "note.added": "Note by {author}: {excerpt}",
    "note.changed": "Note changed ({changes}): {excerpt}",
    "note.removed": "A note was taken away",
    "booking.made": "Booked “{title}” of {starts_at}",
    "booking.waitlisted": "Waits for a place in “{title}” of {starts_at}",
    "booking.promoted": "Moved up to a place in “{title}” of {starts_at}",
    "booking.cancelled": "“{title}” of {starts_at} cancelled: {reason}",
    "booking.rescheduled": "Moved to “{title}” of {starts_at}",
    "booking.attended": "Came to “{title}” of {starts_at}",
    "booking.missed": "Missed “{title}” of {starts_at}",
    "booking.attendance_undone": "Attendance of “{title}” of {starts_at} is open again",
    "credit.used": "Credit of “{name}” used, {left} left",
    "credit.returned": "Credit of “{name}” given back, {left} left",
    "credits.granted": "{credits} credits of “{name}” granted",
    "credits.taken_away": "{credits} credits of “{name}” taken away: {reason}",
    "lead.entered": "Came onto the board in {stage}",
    "lead.moved": "Moved from {from_stage} to {to_stage}",
    "lead.assigned": "Assigned to another team member",
    "lead.changed": "Lead changed: {changes}",
    "lead.won": "Won: {reason}",
    "lead.reopened": "Back on the board: {reason}",
    "lead.flagged": "A team member was told ({name}): {message}",
    "sales_flow.begun": "A sale was begun",
    "sales_flow.step_saved": "Sale: {step} saved",
    "sales_flow.submitted": "Sale submitted: {package}",
    "sales_flow.refused": "The order of the sale was refused: {reason}",
    "sales_flow.abandoned": "The sale was abandoned: {reason}",
    "follow_up.created": "To do until {due_at} ({channel}): {title}",
    "follow_up.changed": "To do changed ({changes}): {title}",
    "follow_up.due": "Due: {title}",
    "follow_up.completed": "Done: {title} ({outcome})",
    "follow_up.cancelled": "To do cancelled: {title}: {reason}",
    "follow_up.stopped": "To do stopped: {title}: {reason}",
    "order.placed": "Order {number} of {total} placed: {reduction} {promo_code}",
    "order.cancelled": "Order {number} of {total} cancelled: {reason}",
    "invoice.issued": "Invoice {number} of {total} issued",
    "invoice.paid": "Invoice {number} of {total} paid",
    "invoice.voided": "Invoice {number} of {total} voided: {reason}",
    "invoice.written_off": "{amount} of invoice {number} written off: {reason}",
    "credit_note.issued": "Credit note {number} of {total} on invoice {invoice_number}: {reason}",
    "package.assigned": "{kind} “{name}” assigned",
    "package.paid": "{kind} “{name}” paid",
    "package.reversed": "“{name}” reversed: {reason}",
    "package.ended": "“{name}” ended: {reason}",
    "trial.ended": "“{name}” ended: {reason}",
    "payment.pending": "Payment of {amount} {method} is awaited",
    "payment.taken": "Payment of {amount} taken {method}",
    "payment.rejected": "Payment of {amount} {method} rejected: {reason}",
    "payment.failed": "Payment of {amount} {method} failed: {reason}",
    "payment.refunded": "Payment of {amount} {method} refunded: {reason}",
    "subscription.begun": "Membership “{name}” begins, paid until {expires_on}",
    "subscription.prepaid": "Membership “{name}” bought ahead until {expires_on}",
    "subscription.shortened": "Membership “{name}” is paid until {expires_on} only: {reason}",
    "subscription.renewed": "Membership “{name}” renewed until {expires_on}",
    "subscription.paused": "Membership “{name}” paused: {reason}",
    "subscription.resumed": "Membership “{name}” goes on, paid until {expires_on}",
    "subscription.changed": "Membership changed to “{name}” at {price} {pricing_option}: {reason}",
    "subscription.change_asked": "Membership “{name}” will change once that is paid: {reason}",
    "subscription.change_planned": "Membership “{name}” will change on {next_charge_on}: {reason}",
    "subscription.change_withdrawn": "Membership “{name}” does not change after all",
    "subscription.past_due": "Membership “{name}” is past due: {reason}",
    "subscription.cancellation_planned": "Membership “{name}” cancelled for {ends_on}: {reason}",
    "subscription.cancellation_withdrawn": "Membership “{name}” goes on after all",
    "subscription.cancelled": "Membership “{name}” is over: {reason}",
    "subscription.expired": "Membership “{name}” expired: {reason}",
    "shared_membership.joined": "Uses the membership “{name}” of {owner_name}",
    "shared_membership.changed": "Shared membership “{name}” is {state}, paid until {expires_on}",
    "shared_membership.left": "Uses the membership “{name}” no longer: {reason}",
    "seat.taken": "{member_name} uses the membership “{name}” too ({seats_taken} of {seats} seats)",
    "seat.freed": "{member_name} uses the membership “{name}” no longer: {reason}",
    "free_cycle.used": "“{name}” from {starts_on} to {until_on} is free: {reason}",
    "renewal.due": "“{name}” from {starts_on} to {until_on} is due: {amount}",
    "renewal.failed": "“{name}” could not be charged {amount}: {reason}",
    "renewal.waived": "“{name}” from {starts_on} to {until_on} is owed no longer: {amount}",
    "payment_plan.made": "Order {order_number} of {total} is to be paid in {instalments} instalments",
    "payment_plan.begun": "First instalment of order {order_number} paid, {left} is left",
    "payment_plan.changed": "Payment plan of order {order_number} changed ({changes}): {reason}",
    "payment_plan.past_due": "Payment plan of order {order_number} is past due, {left} is left: {reason}",
    "payment_plan.caught_up": "Payment plan of order {order_number} goes on, {left} is left",
    "payment_plan.paid": "All {instalments} instalments of order {order_number} are paid",
    "payment_plan.cancelled": "Payment plan of order {order_number} cancelled: {reason}",
    "payment_plan.written_off": "Payment plan of order {order_number} written off: {reason}",
    "instalment.due": "Instalment {number} of {instalments} of order {order_number} is due: {amount}",
    "instalment.paid": "Instalment {number} of {instalments} of order {order_number} paid: {amount}",
    "instalment.failed": "Instalment {number} of {instalments} of order {order_number} could not be charged: {reason}",
    "instalment.reopened": "Instalment {number} of {instalments} of order {order_number} is open again: {amount}",
    "account_credit.added": "Credit of {amount} added: {reason}",
    "account_credit.taken": "Credit of {amount} taken: {reason}",
    "reward.earned": "Reward for {referred_name} earned: {kind} {credit}",
    "reward.taken_back": "Reward for {referred_name}, {kind} {credit}, taken back: {reason}",
    "card.added": "Card on file added: {brand} ending in {last_four}",
    "card.changed": "Card on file renewed: {brand} ending in {last_four}",
    "card.removed": "Card on file removed: {brand} ending in {last_four}",
    "card.default_changed": "Charged from now on: {brand} ending in {last_four}",
    "agreement.sent": "“{title}” sent for signature",
    "agreement.viewed": "“{title}” opened",
    "agreement.signed": "“{title}” signed",
    "agreement.declined": "“{title}” declined",
    "agreement.recalled": "“{title}” recalled",
    "agreement.expired": "“{title}” expired unsigned",
    "form.filled": "“{title}” filled",
    "form.answers_changed": "Answers to “{title}” changed",
    "message.queued": "{channel} “{subject_line}” is waiting to be sent",
    "message.sent": "{channel} “{subject_line}” sent",
    "message.refused": "{channel} was not sent: {reason}",
    "message.failed": "{channel} “{subject_line}” failed: {reason}",
    "message.unknown": "Nobody knows whether {channel} “{subject_line}” was sent: {reason}",
    "message.logged": "{channel} {direction}: {subject_line}",
}
_STANDING = {"archived": "Archived: {reason}", "active": "Restored"}
"""What it is to change the standing alone."""
_LATE = "“{title}” of {starts_at} cancelled late: {reason}"
UNSEEN = (
    "contact.facts_changed", "message.asked", "invoice.send_asked", "credit_note.send_asked", "member_code.send_asked",
    "draft_order.made", "draft_order.changed", "draft_order.deleted",
)  # fmt: skip
"""What is only a sum of other events, or says what the next event says again, has no place of its own here; nor has
what was only put together."""
_WORDS = {
    ("granted", "True"): "Agreed to",
    ("granted", "False"): "Refused",
    ("method", "card"): "by card",
    ("method", "cash"): "in cash",
    ("method", "account_credit"): "from account credit",
    ("method", "bank_transfer"): "by bank transfer",
    ("channel", "email"): "E-mail",
    ("channel", "sms"): "SMS",
    ("reason", "signed_out"): "signed out",
    ("reason", "token_reused"): "its token was copied",
    ("reason", "no_customer"): "no customer any more",
    ("reason", "closed_to_leads"): "only customers may sign in now",
    ("acquisition", "import"): "imported from a file",
    ("acquisition", "manual"): "by hand",
}
SINGLE_ID = "00000000-0000-0000-0000-000000000000"
"""In place of an id, of what there is only one of."""
_MOMENT = re.compile(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d")


PERMISSIONS = {
    "contacts": "contacts.read",
    "pipeline": "pipeline.read",
    "billing": "billing.read",
    "documents": "documents.read",
    "notifications": "messages.read",
}
"""What a reader needs to see the entries that came of a service: as much as to ask that service itself."""


def withheld_from(may: Callable[[str], bool]) -> list[str]:
    """The services whose entries are not for a reader who has only these permissions."""
    return [source for source, permission in PERMISSIONS.items() if not may(permission)]


def summary_of(type: str, data: Mapping[str, Any]) -> str:
    """Tell an entry as an English sentence; a kind that has none yet is named by its type."""
    if type not in SENTENCES:
        return type.replace(".", " ").replace("_", " ").capitalize()
    sentence = Formatter().vformat(_sentence_of(type, data), (), _Told(data)).strip().rstrip(":").rstrip()
    return sentence[:1].upper() + sentence[1:]


def _sentence_of(type: str, data: Mapping[str, Any]) -> str:
    if type == "booking.cancelled" and data.get("late"):
        return _LATE
    standing = data.get("changes", {}).get("standing", {}).get("after") if type == "contact.changed" else None
    return _STANDING.get(str(standing)) or SENTENCES[type]


class _Told(dict[str, str]):
    """Data as words; what is missing leaves its place empty."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__({name: _told(name, value) for name, value in data.items()})

    def __missing__(self, name: str) -> str:
        return ""


def _told(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping) and value.keys() == {"amount", "currency"}:
        amount = written(value["amount"], value["currency"])
        if name == "reduction":
            return f"{amount} off" if value["amount"] else ""
        return amount
    if name == "promo_code" and isinstance(value, Mapping):
        return f"with {value['code']}"
    if isinstance(value, Mapping) and "words" in value:
        return str(value["words"])
    if isinstance(value, Mapping):
        return ", ".join(field.removeprefix("fields.").replace("_", " ") for field in value)
    text = str(value)
    if name.endswith("_at") and _MOMENT.match(text):
        return f"{text[:10]} {text[11:16]} UTC"
    return _WORDS.get((name, text)) or (text.replace("_", " ") if name in _CODES else text)


_CODES = (
    "kind", "state", "entered_as", "acquisition", "before", "after", "method", "direction", "channel", "via", "way",
    "brand",
)  # fmt: skip


def without_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was told of a note without what the note said: of its changes the names are left."""
    kept = {name: value for name, value in data.items() if name != "excerpt"}
    return kept | ({"changes": {name: {} for name in data["changes"]}} if "changes" in data else {})


def whose(subject: str | None, type: str, data: Mapping[str, Any]) -> str | None:
    """The id of whoever an event is about: a contact, or a thing that is managed; None for neither."""
    thing = type.partition(".")[0]
    if subject or thing in SINGLE:
        return subject or SINGLE_ID
    return data.get(MANAGED[thing]) if thing in MANAGED else None


def seen(events: Iterable[Event]) -> list[Event]:
    """Those that belong on the timeline."""
    return [event for event in events if event.type not in UNSEEN]


def types_asked(asked: str | None, known: Iterable[Event]) -> list[str] | None:
    """Turn a filter into exact types: `payment` means all of its kinds, None means no filter.

    A word that no event begins with is refused: an empty answer would look like nothing happened.
    """
    if asked is None:
        return None
    types = {event.type for event in known}
    chosen: set[str] = set()
    for word in filter(None, (part.strip() for part in asked.split(","))):
        of_word = {type for type in types if type == word or type.split(".")[0] == word}
        if not of_word:
            raise Invalid.field("/type", f"There is no event “{word[:60]}”.")
        chosen |= of_word
    return sorted(chosen) if chosen else None
