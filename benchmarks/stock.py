"""A contacts service as nameko's documentation shows how to write one; the other side of the ratios in `http.py`.

`python -m benchmarks.stock StockContacts`, and `StockTimeline` for a listener. They do the same by stock means, where
stock has means: rows by SQLAlchemy's ORM in one transaction, a look for doubles, an event by nameko's EventDispatcher
(persistent, confirmed) after the commit, a listener by `@event_handler`. What is typed in is judged by the same rules
and answered by the same schema as ours, written by marshmallow itself. What they do not do, and ours does: verify who
asks, answer a call once however often it comes, survive a crash between commit and event, number events without gaps,
hold when two enter the same person at once, retry an event that failed.
"""

from __future__ import annotations

if __name__ == "__main__":
    import eventlet

    eventlet.monkey_patch()

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from marshmallow import Schema as MarshmallowSchema
from nameko.events import EventDispatcher, event_handler
from nameko.exceptions import safe_for_serialization
from nameko.extensions import DependencyProvider
from nameko.rpc import rpc
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, relationship, selectinload

from benchmarks.straight import Straight
from chassis.config import settings
from chassis.ids import new_id
from contracts.contacts import people as contract
from contracts.contacts.words import STUDIO_CONTROLLED
from contracts.language import Schema
from services.contacts.addresses.model import Address
from services.contacts.card.rules import Card, read_card
from services.contacts.contact.model import Contact
from services.contacts.contact.rules import lead_from_the_start
from services.contacts.fields.rules import NO_FIELDS
from services.contacts.people.model import Email, Phone
from services.contacts.settings.rules import ANYWHERE
from services.contacts.timeline.model import TimelineEntry

WORKERS = 16
PARTS = ("emails", "phones", "addresses")
TOLD = ("kind", "display_name", "entered_as", "acquisition", "source", "assigned_to", "location", "version")


class Base(DeclarativeBase):
    """The same tables, mapped as one maps them who reads and writes objects."""


class StockEmail(Base):
    __table__ = Email.__table__
    if TYPE_CHECKING:
        normalised: Mapped[str]


class StockPhone(Base):
    __table__ = Phone.__table__


class StockAddress(Base):
    __table__ = Address.__table__


class StockContact(Base):
    __table__ = Contact.__table__
    if TYPE_CHECKING:
        id: Mapped[str]
        standing: Mapped[str]
        acquisition: Mapped[str]
        lifecycle: Mapped[str]
        lifecycle_reason: Mapped[str]
        lifecycle_since: Mapped[dt.datetime]
    emails: Mapped[list[StockEmail]] = relationship(order_by=Email.__table__.c.position)
    phones: Mapped[list[StockPhone]] = relationship(order_by=Phone.__table__.c.position)
    addresses: Mapped[list[StockAddress]] = relationship(order_by=Address.__table__.c.position)


class Database(DependencyProvider):
    """A session for each worker, as nameko-sqlalchemy gives one."""

    def setup(self) -> None:
        """Connect lazily; as many connections as workers."""
        self.engine = sa.create_engine(settings().database_url_of("contacts"), pool_size=WORKERS)

    def get_dependency(self, worker_ctx: Any) -> Session:
        """Kept objects are read again only when they are asked for again."""
        self.sessions = getattr(self, "sessions", {})
        session = self.sessions[worker_ctx] = Session(self.engine, expire_on_commit=False)
        return session

    def worker_teardown(self, worker_ctx: Any) -> None:
        """Give the connection back."""
        self.sessions.pop(worker_ctx).close()


class StockContacts:
    """Reads and writes contacts."""

    name = "stock_contacts"
    session = Database()
    dispatch = EventDispatcher()
    takes, gives = contract.CreateContact(), contract.Contact()
    our_way = Straight()

    @rpc
    def get_contact(self, contact_id: str) -> Any:
        """One contact with all that belongs to it."""
        everything = [selectinload(getattr(StockContact, part)) for part in PARTS]
        contact = self.session.get(StockContact, contact_id, options=everything)
        if contact is None:
            raise LookupError(safe_for_serialization(contact_id))
        return self.gives.dump(shown(contact))

    @rpc
    def get_contact_our_way(self, contact_id: str) -> Any:
        """The same by our own action and its one statement: what the hop alone makes of it."""
        return self.our_way.read(contact_id)

    @rpc
    def create_contact(self, actor_id: str, members: dict[str, Any]) -> Any:
        """Enter one, unless somebody has one of the e-mail addresses; tell of it."""
        request, now = self.takes.load(members), dt.datetime.now(dt.UTC)
        card = read_card(request, region="GB", today=now.date(), locations=ANYWHERE, fields=NO_FIELDS)
        if self.others_of(card):
            raise ValueError("This contact exists already.")
        contact = contact_of(card, request.enter_as, actor_id, now)
        self.session.add(contact)
        self.session.commit()
        told = {"id": new_id(), "contact_id": contact.id, "happened_at": now.isoformat(), "actor_id": actor_id}
        self.dispatch("contact.created", told | {"data": {name: getattr(contact, name) for name in TOLD}})
        return self.gives.dump(shown(contact))

    def others_of(self, card: Card) -> list[StockContact]:
        """The active contacts that have one of the addresses."""
        wanted = [email.normalised for email in card.emails]
        mine = sa.select(StockContact).join(StockContact.emails).where(StockEmail.normalised.in_(wanted))
        return list(self.session.scalars(mine.where(StockContact.standing == "active")))


class StockTimeline:
    """Puts on the timeline what it hears; without an inbox, for an event that comes twice finds its row."""

    name = "stock_timeline"
    session = Database()

    @event_handler("stock_contacts", "contact.created")
    def add(self, told: dict[str, Any]) -> None:
        """One entry."""
        entry = TimelineEntry(
            contact_id=told["contact_id"], event_id=told["id"], type="contact.created", source="stock",
            happened_at=dt.datetime.fromisoformat(told["happened_at"]), data=told["data"],
            actor={"id": told["actor_id"]},
        )  # fmt: skip
        self.session.merge(entry)
        self.session.commit()


def contact_of(card: Card, entered_as: str, actor_id: str, now: dt.datetime) -> StockContact:
    """The objects to be kept."""
    lifecycle = lead_from_the_start(entered_as=entered_as, created_at=now)
    contact = StockContact(
        id=new_id(), standing="active", version=1, display_name=card.display_name, sort_name=card.sort_name,
        search=card.search_text(None), fields={}, booked_position=0, entered_as=entered_as, acquisition="manual",
        lifecycle=lifecycle.state, lifecycle_reason=lifecycle.reason, lifecycle_since=lifecycle.since,
        created_at=now, created_by=actor_id, changed_at=now, changed_by=actor_id, **card.profile,
    )  # fmt: skip
    for n, email in enumerate(card.emails):
        contact.emails.append(
            StockEmail(
                position=n, value=email.value, normalised=email.normalised, label=email.label,
                is_primary=email.primary, exclusive=True,
            )
        )  # fmt: skip
    for n, phone in enumerate(card.phones):
        contact.phones.append(
            StockPhone(
                position=n, value=phone.value, as_typed=phone.as_typed, label=phone.label, is_primary=phone.primary,
                name_key=card.name_key, exclusive=True,
            )
        )  # fmt: skip
    for n, address in enumerate(card.addresses):
        parts = address._asdict()
        contact.addresses.append(StockAddress(position=n, is_primary=parts.pop("primary"), **parts))
    return contact


def shown(contact: StockContact) -> dict[str, Any]:
    """A contact in the shape of the schema, which dumps attributes of most of it by itself."""
    told = {column.key: getattr(contact, column.key) for column in sa.inspect(StockContact).column_attrs}
    lists = {part: [{**vars(one), "primary": one.is_primary} for one in getattr(contact, part)] for part in PARTS}
    lifecycle = {
        "state": contact.lifecycle,
        "reason": contact.lifecycle_reason,
        "since": contact.lifecycle_since,
    }
    controlled = contact.acquisition in STUDIO_CONTROLLED
    return told | lists | {"lifecycle": lifecycle, "studio_controlled": controlled}


def main(name: str) -> None:
    """Serve until killed, and write answers as marshmallow does: `contracts.dumping` is none of stock's means."""
    from nameko.containers import ServiceContainer

    Schema._serialize = MarshmallowSchema._serialize  # type: ignore[method-assign]
    cls = {"StockContacts": StockContacts, "StockTimeline": StockTimeline}[name]
    container = ServiceContainer(cls, {"AMQP_URI": settings().amqp_uri, "max_workers": WORKERS})
    container.start()
    container.wait()


if __name__ == "__main__":
    main(sys.argv[1])
