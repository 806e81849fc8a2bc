"""The companies that the people of a file belong to: here already, in another row, or to be entered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.contacts.card.rules import Card
from services.contacts.companies.rules import Company
from services.contacts.contact.rules import fold
from services.contacts.importing.rules.persons import Person

_NOBODY = {
    "", "na", "none", "no", "nil", "null", "private", "privat", "self", "self employed", "selbststandig", "freelance",
    "freelancer", "retired", "rentner", "rentnerin", "student", "studentin", "unemployed", "homemaker",
}  # fmt: skip
"""What stands in the column of whoever belongs to no company, folded and without signs."""


class Employers:
    """Finds companies by their names. Those that nobody knows are `entered`, if `card_of(name)` is there to make them.

    Whoever was first keeps a name that several have.
    """

    def __init__(
        self, here: Mapping[str, Company] | None = None, card_of: Callable[[str], Card | None] | None = None
    ) -> None:
        self.entered: list[Person] = []
        self._by_name: dict[str, Company | Person] = dict(here or {})
        self._undone: dict[str, Person] = {}
        self._card_of = card_of

    def admit(self, person: Person) -> None:
        """Let a company be found that is a row, or came by an import that was undone."""
        if person.card.profile["kind"] != "company":
            return
        name = fold(person.name)
        if person.implied_by is not None:
            self._by_name[name] = person
        elif person.undone:
            self._undone.setdefault(name, person)
        elif not person.archived:
            self._by_name.setdefault(name, person)

    def without_row(self, card: Card) -> Person | None:
        """The company of this name that this import entered for its people: its own row says the rest of it."""
        found = self._by_name.get(fold(card.display_name)) if card.profile["kind"] == "company" else None
        return found if isinstance(found, Person) and found.implied_by is not None else None

    def of(self, name: str, line: int) -> Company | Person | None:
        """The company that a row means; None: it means none, or one that is not here and not to be entered."""
        key = fold(name)
        if not name or key in self._by_name:
            return self._by_name.get(key)
        person = self._undone.get(key)
        if person is None or person.undone:
            person = self._enter(name, person, line)
        if person is not None:
            self._by_name[key] = person
        return person

    def _enter(self, name: str, person: Person | None, line: int) -> Person | None:
        """Bring back who was taken back, else make somebody new."""
        card = self._card_of(name) if self._card_of and not is_nobody(name) else None
        if card is None:
            return None
        if person is None:
            person = Person(card)
        else:
            person.undone, person.archived, person.is_back = False, False, True
        person.implied_by = line
        self.entered.append(person)
        return person


def is_nobody(name: str) -> bool:
    """Whether a cell says in words that there is no company."""
    words = "".join(c if c.isalnum() else " " for c in fold(name).replace("/", "")).split()
    return " ".join(words) in _NOBODY
