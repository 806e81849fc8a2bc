"""Members follow what happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.contacts.contact.actions import refer_to_contacts
from services.contacts.finding.queries.catalogue import Catalogue
from services.contacts.finding.queries.explaining import why_time
from services.contacts.segments.actions.evaluating import Passages, evaluate_contacts, hold_segments
from services.contacts.segments.actions.telling import Cause, tell_each
from services.contacts.segments.queries.defined import Definition
from services.contacts.segments.queries.remembered import Segmentation, segmentation
from services.contacts.segments.queries.unheard import told_of_late
from services.contacts.segments.rules.causes import cause_of, may_move, words_of


def follow(work: Any, events: Sequence[Any]) -> None:
    """Look at everybody whom these events are about and may move, over all segments at once."""
    fields = segmentation(work).fields  # one that is defined at this moment looks at everybody, after these events
    moved = {event.subject for event in events if event.subject and may_move(event, fields)}
    if not moved:
        return
    by_contact: dict[str, list[Any]] = {}
    for event in events:
        if event.subject in moved:
            by_contact.setdefault(event.subject, []).append(event)
    work.by_itself()
    hold_segments(work)
    segments = segmentation(work)
    passages = evaluate_contacts(work, list(by_contact), segments)
    changed = {one for part in passages for contact_ids in part.values() for one in contact_ids}
    told = _known_of(work, by_contact, changed)
    refer_to_contacts(work, _to_be_tagged(segments, passages))
    for definition in segments.defined:
        entered, left = passages.entered.get(definition.id, []), passages.left.get(definition.id, [])
        if entered or left:
            reasons = _reasons(work, segments.catalogue, definition, {one: told[one] for one in (*entered, *left)})
            work.because_of_each({one: event for one, (event, _) in reasons.items()})
            work.by_itself()
            tell_each(work, definition, entered, left, {one: cause for one, (_, cause) in reasons.items()})


def _to_be_tagged(segments: Segmentation, passages: Passages) -> set[str]:
    return {one for segment in segments.defined if segment.tag for one in passages.entered.get(segment.id, ())}


def _known_of(work: Any, by_contact: dict[str, list[Any]], changed: set[str]) -> dict[str, list[Any]]:
    """What was heard of each, or else told of late: what is still on its way may have had its effect already."""
    late = told_of_late(work, changed) if changed else {}
    return {one: [*by_contact[one], *late.get(one, ())] for one in changed}


def _reasons(
    work: Any, catalogue: Catalogue, definition: Definition, events: dict[str, list[Any]]
) -> dict[str, tuple[Any | None, Cause]]:
    """The event that did it, for each contact; else a filter or a day that is so new that its job is still at work."""
    fields = definition.found.fields
    did_it = {contact_id: cause_of(told, fields) for contact_id, told in events.items()}
    late = [contact_id for contact_id, event in did_it.items() if event is None]
    time = why_time(work, catalogue, definition.filter, late) if late and definition.found.passes else {}
    labels = {name: catalogue.fields[name].label for name in fields}
    reasons: dict[str, tuple[Any | None, Cause]] = {}
    for contact_id, event in did_it.items():
        if event is None and (words := definition.pending or time.get(contact_id)):
            reasons[contact_id] = None, {"words": words}
            continue
        one = event or events[contact_id][0]
        words = words_of(one, fields, labels)
        reasons[contact_id] = one, {"words": words, "type": one.type, "event_id": one.id, "time": one.time}
    return reasons
