"""Who a row is about: somebody here already, somebody of an earlier row, or somebody new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contracts.contacts.importing import MATCH_KEYS
from services.contacts.card.rules import Card
from services.contacts.importing.rules.adding import add_words
from services.contacts.importing.rules.employers import Employers
from services.contacts.importing.rules.filling import filled, overwritten
from services.contacts.importing.rules.likeness import keys_of, words_of
from services.contacts.importing.rules.persons import Outcome, Person
from services.contacts.importing.rules.rows import Row
from services.contacts.importing.rules.telling import added_to, changes_of, not_taken, stood

RAPPORT_ID = "rapport_id"


def _of_the_row(detail: str) -> dict[str, str | None]:
    """A remark on the row as a whole."""
    return {"column": None, "detail": detail}


_TAKEN = _of_the_row("An e-mail or phone is another contact's, and stays theirs.")
_NOTHING_ELSE = _of_the_row("The e-mail is another contact's, and the row has nothing else to know the person by.")
_ID_TAKEN = _of_the_row("The membership number or external id is another contact's, and stays theirs.")
_HAS_ANOTHER = _of_the_row("The contact has another membership number, which never changes.")
_NOT_OURS = _of_the_row("No contact here has this Rapport id; the row was taken as one without it.")
_NOBODY = _of_the_row(
    "No contact here has this Rapport id, and the row has no name, e-mail or phone to enter somebody by."
)
_BROUGHT_BACK = _of_the_row("An import that brought this contact was undone; the contact is back.")


class Crowd:
    """Everybody whom the rows of one step can be about, found by what makes two the same."""

    def __init__(
        self,
        match_on: Sequence[str],
        mode: str,
        on_conflict: str = "keep",
        employers: Employers | None = None,
        source: str | None = None,
    ) -> None:
        self.match_on, self.mode, self.overwrites = match_on, mode, on_conflict == "overwrite"
        self.new: list[Person] = []
        self.known: list[Person] = []
        self.employers, self.source = employers or Employers(), source
        self.referrers: Mapping[str, str | int] = {}
        self._by_key: dict[tuple[str, ...], Person] = {}

    def admit(self, person: Person) -> None:
        """Let somebody be found; who was there first keeps what several have."""
        (self.known if person.id else self.new).append(person)
        self._index(person)
        self.employers.admit(person)

    def settle(self, row: Row, card: Card) -> Outcome:
        """Decide what becomes of a row that reads well."""
        outcome = self._settle(row, card)
        if row.rapport_id and (RAPPORT_ID, row.rapport_id) not in self._by_key and outcome.outcome != "rejected":
            outcome.remarks = [*outcome.remarks, _NOT_OURS]
        if outcome.person and outcome.person.first_line is None and outcome.outcome in ("created", "updated"):
            outcome.person.first_line = row.number
        if outcome.person and outcome.person.line is None:
            outcome.person.line = row.number
        elif outcome.person:
            outcome.remarks.append(_of_the_row(f"The same person as in line {outcome.person.line}."))
        return outcome

    def _settle(self, row: Row, card: Card) -> Outcome:
        person = self.find(row, card)
        if person is not None and person.undone and self.mode == "update":
            person = None
        if person is None and self.mode == "update":
            return _told(row, "rejected", None, "Nobody here is the same, and this import only updates.")
        if person is None:
            return self._enter(row, card)
        if person.undone:
            return self._bring_back(person, row, card if card.display_name else filled(person.card, card))
        if person.archived:
            return _told(row, "unchanged", person, "The contact is archived and stays as it is.")
        if self.mode == "create":
            return _told(row, "unchanged", person, "The contact is known, and this import only creates.")
        return self._absorb(person, row, card)

    def _enter(self, row: Row, card: Card) -> Outcome:
        """Let a new person in, without the e-mails of others (they are found when e-mails do not make the same)."""
        if not card.display_name:
            return Outcome(row.number, "rejected", remarks=[_NOBODY])
        emails = [email for email in card.emails if self._is_free(None, ("email", email.normalised))]
        remarks = [_TAKEN] if len(emails) < len(card.emails) else []
        if remarks and not (emails or card.phones):  # the same row would enter somebody new each time
            return Outcome(row.number, "rejected", remarks=[_NOTHING_ELSE])
        person = Person(self._sourced(replace(card, emails=emails)))
        person.customer_since = person.told_since = row.customer_since
        self.admit(person)
        self._number(person, row, remarks)
        add_words(person, row, remarks, self.employers, self.referrers)
        return Outcome(row.number, "created", person, remarks)

    def _bring_back(self, person: Person, row: Row, card: Card) -> Outcome:
        """Let who was taken back be here again, as the row has them now and under the id and numbers of before."""
        emails = [email for email in card.emails if self._is_free(person, ("email", email.normalised))]
        remarks = [_BROUGHT_BACK] if len(emails) == len(card.emails) else [_BROUGHT_BACK, _TAKEN]
        person.card = self._sourced(replace(card, emails=emails))
        person.customer_since = person.told_since = row.customer_since
        person.undone, person.archived, person.is_back = False, False, True
        self._index(person)
        self._number(person, row, remarks)
        add_words(person, row, remarks, self.employers, self.referrers)
        return Outcome(row.number, "created", person, remarks)

    def _sourced(self, card: Card) -> Card:
        """Somebody new came by the file, unless their row names another source."""
        return replace(card, profile={**card.profile, "source": card.profile["source"] or self.source})

    def _absorb(self, person: Person, row: Row, card: Card) -> Outcome:
        """Fill what is empty and add what is new; what stands is overwritten if that is asked for, never blanked."""
        remarks: list[dict[str, str | None]] = []
        before = stood(person)
        mine = {email.normalised for email in person.card.emails} | {phone.value for phone in person.card.phones}
        emails = [
            one for one in card.emails if one.normalised in mine or self._is_free(person, ("email", one.normalised))
        ]
        words = words_of(person.card)
        phones = [one for one in card.phones if one.value in mine or self._is_free(person, ("both", one.value, words))]
        if len(emails) + len(phones) < len(card.emails) + len(card.phones):
            remarks.append(_TAKEN)
        taken = replace(card, emails=emails, phones=phones)
        after = overwritten(person.card, taken) if self.overwrites else filled(person.card, taken)
        if after is not person.card and not all(self._is_free(person, key) for key in keys_of(after, ())):
            after, remarks = person.card, [_TAKEN]  # With that name it would be somebody else who is here.
        if after is not person.card:
            person.card = after
            self._index(person)
        self._since(person, row)
        self._number(person, row, remarks)
        add_words(person, row, remarks, self.employers, self.referrers)
        told = {"changes": changes_of(person, before), "added": added_to(person, before)}
        outcome = "updated" if any(told.values()) else "unchanged"
        left = not_taken(person, row, card)
        told = {name: value for name, value in {**told, "not_taken": left}.items() if value}
        return Outcome(row.number, outcome, person, remarks, told=told)

    def _since(self, person: Person, row: Row) -> None:
        """Take the day of becoming a customer, unless it holds already or another was told."""
        if not row.customer_since or row.customer_since in (person.told_since, person.shown_since):
            return
        if person.told_since is None or self.overwrites:
            person.customer_since = person.told_since = person.shown_since = row.customer_since

    def find(self, row: Row, card: Card) -> Person | None:
        """Our own id tells for certain; else what was chosen decides."""
        if (RAPPORT_ID, row.rapport_id) in self._by_key:
            return self._by_key[RAPPORT_ID, str(row.rapport_id)]
        found = next((self._by_key[key] for key in self._keys(row, card) if key in self._by_key), None)
        return found or self.employers.without_row(card)

    def mark_of(self, row: Row, card: Card) -> tuple[str, ...]:
        """The surest of what makes two rows about the same person who is not here yet."""
        return next(self._keys(row, card), ("row", str(row.number)))

    def _keys(self, row: Row, card: Card) -> Iterator[tuple[str, ...]]:
        numbers = {"external_id": [row.external_id], "membership_number": [row.membership_number]}
        return keys_of(card, self.match_on, numbers)

    def _is_free(self, person: Person | None, key: tuple[str, ...]) -> bool:
        holder = self._by_key.get(key)
        return holder is None or holder is person or holder.undone

    def _index(self, person: Person) -> None:
        for id in filter(None, (person.id, *person.former_ids)):
            self._by_key[RAPPORT_ID, id] = person
        numbers = {"external_id": person.external_ids, "membership_number": [person.membership_number]}
        for key in keys_of(person.card, MATCH_KEYS, numbers):
            if self._is_free(person, key):
                self._by_key[key] = person

    def _number(self, person: Person, row: Row, remarks: list[dict[str, str | None]]) -> None:
        """Give the membership number and external id that the row brings, where they are nobody else's."""
        number, external = row.membership_number, row.external_id
        if number and person.membership_number not in (None, number):
            remarks.append(_HAS_ANOTHER)
        elif number and person.membership_number is None:
            if self._holder("membership_number", number) in (None, person):
                person.membership_number = person.new_membership_number = number
            else:
                remarks.append(_ID_TAKEN)
        if external and external not in person.external_ids:
            if self._holder("external_id", external) in (None, person):
                person.external_ids.add(external)
                person.new_external_ids.append(external)
            elif _ID_TAKEN not in remarks:
                remarks.append(_ID_TAKEN)
        self._index(person)

    def _holder(self, kind: str, number: str) -> Person | None:
        return self._by_key.get((kind, number))


def _told(row: Row, outcome: str, person: Person | None, detail: str) -> Outcome:
    return Outcome(row.number, outcome, person, [{"column": None, "detail": detail}])
