"""What is booked, managed and done in the background, for the filters of lists."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from contracts.contacts import (
    bookings,
    bulk,
    custom_fields,
    exporting,
    groups,
    import_mappings,
    import_results,
    importing,
    locations,
    people,
    segments,
    sessions,
    tags,
    team,
)
from tests.builders.people import a_colleague, a_lead, an_email
from tests.builders.sessions import a_guest, a_session, soon
from tests.builders.waiting import eventually
from tests.service.contacts.business_of_segments import rule
from tests.service.contacts.importing_files import ended, stored, table
from tests.service.contacts.narrowing import Narrowing


class NarrowingOfHouse(Narrowing):
    """And what is no contact's own."""

    def what_is_booked(self) -> None:
        ask, (host, other) = self.ask, (a_colleague(self.ask)["id"] for _ in range(2))
        place = f"Room {self.word}"
        series = ask(sessions.create_series, kind="class", title="x", starts=soon(days=900)[:19], duration_minutes=60,
                     capacity=3, rule="FREQ=DAILY;COUNT=1", host_id=other)["id"]  # fmt: skip
        [member] = ask(sessions.list_sessions, series_id=series)["items"]
        far = a_session(ask, starts={"days": 901}, host_id=host, kind="facility")
        off = a_session(ask, starts={"days": 902}, location=None, host_id=host)
        held = a_session(ask, starts={"days": 903})
        ask(sessions.cancel_session, session_id=off["id"])
        with self.house.database("contacts").begin() as connection:
            for set_, session in (("state = 'held'", held), ("location = :place", far)):
                statement = sa.text(f"UPDATE sessions SET {set_} WHERE id = :id")
                connection.execute(statement, {"id": session["id"]} | ({"place": place} if "place" in set_ else {}))
        member_id, far_id, off_id, held_id = (one["id"] for one in (member, far, off, held))
        self.of(
            sessions.list_sessions, {"since": soon(days=899), "until": soon(days=910)},
            {member_id, far_id, off_id, held_id},
            ({"host_id": host}, {far_id, off_id}), ({"series_id": series}, {member_id}),
            ({"kind": "facility"}, {far_id}), ({"state": "cancelled"}, {off_id}), ({"state": "held"}, {held_id}),
            ({"location": place}, {far_id}),
            ({"since": off["starts_at"]}, {off_id, held_id}), ({"until": off["starts_at"]}, {member_id, far_id}),
        )  # fmt: skip
        facility = ask(sessions.create_series, kind="facility", title="x", starts=soon(days=900)[:19], capacity=3,
                       duration_minutes=60, rule="FREQ=DAILY;COUNT=1")["id"]  # fmt: skip
        self.of(
            sessions.list_series,
            {},
            {series, facility},
            ({"kind": "facility"}, {facility}),
            ({"host_id": other}, {series}),
        )
        ada, bo = a_guest(ask), a_guest(ask)
        one_place = a_session(ask, places=1)
        taken = ask(bookings.book, session_id=one_place["id"], contact_id=bo)
        waits, later, gone = (
            ask(bookings.book, session_id=id, contact_id=ada)
            for id in (one_place["id"], a_session(ask, starts={"days": 5})["id"], a_session(ask)["id"])
        )
        ask(bookings.cancel_booking, booking_id=gone["id"])
        wait, late, off, place = (booking["id"] for booking in (waits, later, gone, taken))
        for rpc in (bookings.list_bookings, bookings.list_contact_bookings):
            self.of(
                rpc, {"contact_id": ada}, {wait, late, off, place}, ({"state": "waitlisted"}, {wait}),
                ({"state": "upcoming,cancelled"}, {late, off}), ({"since": later["starts_at"]}, {late}),
                ({"until": later["starts_at"]}, {wait, off}),
            )  # fmt: skip
        self.of(bookings.list_bookings, {}, {wait, late, off, place}, ({"contact_id": bo}, {place}))
        self.of(bookings.list_roster, {"session_id": one_place["id"]}, {wait, place}, ({"state": "waitlisted"}, {wait}))

    def what_is_managed(self) -> None:
        ask, word = self.ask, self.word
        one, other = (a_colleague(ask, name=f"{word} {n}", role=n) for n in ("staff", "sales"))
        ask(team.change_team_member, team_member_id=other["id"], active=False)
        own = {one["id"], other["id"]}
        self.of(
            team.list_team, {"q": word}, own, ({"active": True}, {one["id"]}), ({"active": False}, {other["id"]}),
            ({"role": "staff"}, {one["id"]}), ({"q": f"{word} SA"}, {other["id"]}),
            ({"q": other["email"].upper()}, {other["id"]}),
        )  # fmt: skip
        ada, firm = a_lead(ask)["id"], ask(people.create_contact, kind="company", enter_as="customer", name=word)["id"]
        early, late = (ask(tags.create_tag, name=f"{word} {n}")["id"] for n in ("early", "late"))
        ask(tags.add_tag, contact_id=ada, tag=f"{word} early")
        [birthday] = (tag["id"] for tag in ask(tags.list_tags, q="birthday-month")["items"] if tag["system"])
        self.of(
            tags.list_tags, {}, {early, late, birthday}, ({"q": f"{word} E"}, {early}), ({"contact_id": ada}, {early}),
            ({"system": True}, {birthday}), ({"system": False, "q": word}, {early, late}),
        )  # fmt: skip
        choir, band = (ask(groups.create_group, name=f"{word} {n}")["id"] for n in ("choir", "band"))
        for group in (choir, band):
            ask(groups.add_members, group_id=group, contact_ids=[ada, firm])
        for rpc, base in ((groups.list_groups, {}), (groups.list_groups_of_contact, {"contact_id": ada})):
            self.of(rpc, base, {choir, band}, ({"q": f"{word} C"}, {choir}))
        self.of(
            groups.list_members, {"group_id": choir}, {ada, firm}, ({"kind": "company"}, {firm}),
            ({"lifecycle": "lead"}, {ada, firm}), ({"lifecycle": "customer"}, set()),
        )  # fmt: skip
        mine, theirs = (
            ask(segments.create_segment, name=f"{word} {n}", filter={"rules": [rule("tags", "in", [f"{word} early"])]})
            for n in ("mine", "theirs")
        )
        [new] = (one["id"] for one in ask(segments.list_segments, limit=200)["items"] if one["built_in"] == "new")
        own = {mine["id"], theirs["id"]}
        self.of(
            segments.list_segments, {}, {*own, new}, ({"q": f"{word} m"}, {mine["id"]}), ({"built_in": True}, {new}),
            ({"built_in": False, "q": word}, own),
        )  # fmt: skip
        crowd = ask(
            segments.create_segment, name=f"{word} crowd", filter={"rules": [rule("groups", "=", f"{word} choir")]}
        )
        eventually(lambda: len(ask(segments.list_segment_members, segment_id=crowd["id"])["items"]) == 2)
        self.of(
            segments.list_segment_members, {"segment_id": crowd["id"]}, {ada, firm}, ({"kind": "company"}, {firm}),
            ({"lifecycle": "lead"}, {ada, firm}), ({"lifecycle": "customer"}, set()),
        )  # fmt: skip
        of_ada = {"contact_id": ada}
        eventually(lambda: len(ask(segments.list_segments_of_contact, **of_ada, built_in=False)["items"]) == 3)
        self.of(segments.list_segments_of_contact, of_ada, {*own, new}, ({"built_in": False}, own),
                ({"built_in": True}, {new}))  # fmt: skip
        self._open_and_archived(locations, "location", [{"name": f"{word} {n}"} for n in ("east", "west")])
        kinds = [{"label": f"{word} {n}", "type": n} for n in ("text", "date")]
        open_, _ = self._open_and_archived(custom_fields, "custom_field", kinds)
        self.of(custom_fields.list_custom_fields, {}, {open_}, ({"type": "text"}, {open_}), ({"type": "date"}, set()))

    def _open_and_archived(self, room: Any, thing: str, given: list[dict[str, Any]]) -> tuple[str, str]:
        create, change, list_ = (getattr(room, name.format(thing)) for name in ("create_{}", "change_{}", "list_{}s"))
        open_, closed = (self.ask(create, **one)["id"] for one in given)
        self.ask(change, **{f"{thing}_id": closed}, archived=True)
        self.afterwards.append(lambda: self.ask(change, **{f"{thing}_id": open_}, archived=True))
        found = [({"archived": True}, {closed}), ({"archived": False}, {open_})]
        if thing == "location":
            found += [({"q": f"{self.word} EAST"}, {open_}), ({"q": f"{self.word} west", "archived": True}, {closed})]
        self.of(list_, {}, {open_, closed}, *found)
        return open_, closed

    def jobs(self) -> None:
        ask, (ada, bo) = self.ask, (a_guest(self.ask) for _ in range(2))
        ask(tags.add_tag, contact_id=ada, tag=self.word)
        selection = {"ids": [ada, bo]}
        tagged = ask(bulk.start_bulk, action="add_tags", selection=selection, parameters={"tags": [self.word]})["id"]
        restored = ask(bulk.start_bulk, action="restore", selection=selection, actor="sales")["id"]
        csv, xlsx = (ask(exporting.start_export, format=of, selection=selection)["id"] for of in ("csv", "xlsx"))
        rows = {n: [[an_email()["value"], "Ada", f"{self.word} {n}"], ["nowhere", "Bo", ""]] for n in "ab"}
        sheets = {n: table(["Email", f"{self.word} {n}", "Company"], *rows[n]) for n in "ab"}
        read, other = (
            ask(importing.start_import, file_key=stored(self.house, sheets[n]), file_name=f"{self.word} {n}.csv",
                mapping={f"{self.word} {n}": "first_name"}, actor=who)["id"] for n, who in (("a", None), ("b", "sales"))
        )  # fmt: skip
        for job in (tagged, restored, read, other):
            ended(self.house, job)
        self.of(
            bulk.list_bulk, {}, {tagged, restored}, ({"action": "restore"}, {restored}), ({"state": "failed"}, set()),
            ({"state": "done"}, {tagged, restored}), ({"started_by": self.me}, {tagged}),
        )  # fmt: skip
        self.of(
            bulk.list_bulk_results, {"bulk_id": tagged}, {ada, bo}, ({"outcome": "changed"}, {bo}),
            ({"outcome": "unchanged"}, {ada}),
        )  # fmt: skip
        self.of(exporting.list_exports, {}, {csv, xlsx}, ({"format": "xlsx"}, {xlsx}))
        self.of(
            importing.list_imports,
            {},
            {read, other},
            ({"q": f"{self.word} A"}, {read}),
            ({"started_by": self.me}, {read}),
        )
        kept = {one["name"]: one["id"] for one in ask(import_mappings.list_import_mappings, q=self.word)["items"]}
        self.of(
            import_mappings.list_import_mappings, {}, set(kept.values()),
            ({"q": f"{self.word} A"}, {kept[f"{self.word} a.csv"]}), ({"q": self.word}, set(kept.values())),
        )  # fmt: skip
        undo = ask(import_results.undo_import, import_id=read)
        ended(self.house, undo["job_id"])
        self.of(
            import_results.list_import_rows, {"import_id": read}, {2, 3}, ({"outcome": "rejected"}, {3}),
            ({"outcome": "created"}, {2}), ({"undone": "taken_back"}, {2}), ({"undone": "left"}, set()),
        )  # fmt: skip
        self.of(
            import_results.list_import_companies, {"import_id": read}, {2}, ({"undone": "taken_back"}, {2}),
            ({"undone": "left"}, set()),
        )  # fmt: skip
