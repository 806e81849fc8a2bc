"""One-time codes as time passes, and as many try them at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.codes import code_of
from chassis.config import settings
from chassis.ids import new_id
from contracts.contacts import members
from contracts.errors import NotFound, NotSignedIn
from services.contacts.card.actions.archiving import archive_contacts, restore_contacts
from services.contacts.card.actions.changing import Change, change_contacts
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.members.actions import forget_the_past
from services.contacts.members.model import MemberCode, MemberSession
from services.contacts.members.reactions import send_code
from services.contacts.members.rules import CODE_LIVES, CODES, TRIES, WINDOW
from services.contacts.service import Contacts
from tests.builders.works import a_clockwork

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SECRET = "s" * 40
MOMENT = dt.timedelta(seconds=1)


@pytest.fixture(scope="module")
def a_database(servers):
    told = {"RAPPORT_SECRET": SECRET, "RAPPORT_AMQP_URI": servers.amqp_uri}
    with a_clockwork(servers, now=NOW) as clockwork, pytest.MonkeyPatch.context() as environment:
        for name, value in told.items():
            environment.setenv(name, value)
        settings.cache_clear()
        yield clockwork
    settings.cache_clear()


@pytest.fixture
def clockwork(a_database):
    a_database.now = NOW
    a_database.told()
    return a_database


@pytest.fixture
def enter(clockwork):
    """`enter(address)`: the id of a customer; `distinct_from` are others of this address."""

    def add(address: str, *distinct_from: str, lifecycle: str = "customer") -> str:
        with clockwork.work() as work:
            given = {"first_name": new_id(), "emails": [{"value": address}]}
            card = read_card(given, region="GB", today=NOW.date())
            [entered] = add_contacts(work, [Draft(card, distinct_from=frozenset(distinct_from))])
            mine = Contact.id == entered.contact_id
            work.session.execute(sa.update(Contact).where(mine).values(lifecycle=lifecycle))
        return entered.contact_id

    return add


@pytest.fixture
def address():
    return f"{new_id()}@example.com"


@pytest.fixture
def code(clockwork):
    """`code(address)`: asked for, and made as notifications makes it; None where no more are sent."""

    def ask(address: str, **device: str) -> str | None:
        clockwork.ask(Contacts, members.ask_for_member_code, email=address, **device)
        asked = clockwork.told(members.member_code_asked)
        return code_of(asked[0].data.code_id, SECRET) if asked else None

    return ask


@pytest.fixture
def come(clockwork):
    """`come(address, code)`: whose session it is, or None for who is refused."""

    def sign_in(address: str, code: str, **device: str) -> str | None:
        try:
            session = clockwork.ask(Contacts, members.sign_in_as_member, email=address, code=code, **device)
            return session["member"]["id"]
        except NotSignedIn:
            return None

    return sign_in


def others_than(code: str, number: int) -> list[str]:
    return [f"{(int(code) + n) % 10**6:06d}" for n in range(1, number + 1)]


@pytest.mark.requirement("G03")
def test_one_code_is_one_session_however_many_use_it_at_once(enter, address, code, come):
    contact_id, shown = enter(address), code(address)
    with ThreadPoolExecutor(TRIES) as crowd:
        came = list(crowd.map(lambda _: come(address, shown), range(TRIES)))
    assert sorted(came, key=str) == [contact_id, *[None] * (TRIES - 1)]


@pytest.mark.requirement("G03")
def test_of_many_guesses_at_once_five_are_looked_at(clockwork, enter, address, code, come):
    enter(address)
    shown = code(address)
    with ThreadPoolExecutor(TRIES) as crowd:
        assert set(crowd.map(lambda guess: come(address, guess), others_than(shown, 4 * TRIES))) == {None}
    with clockwork.reading() as work:
        assert work.session.scalar(sa.select(MemberCode.tries).where(MemberCode.counted_by == address)) == TRIES
    assert come(address, shown) is None
    assert come(address, code(address)), "another code has tries of its own"


@pytest.mark.requirement("G03")
def test_the_fifth_try_is_looked_at(enter, address, code, come):
    contact_id, shown = enter(address), code(address)
    assert [come(address, guess) for guess in others_than(shown, TRIES - 1)] == [None] * (TRIES - 1)
    assert come(address, shown) == contact_id


@pytest.mark.requirement("G03")
@pytest.mark.parametrize(("after", "good"), [(CODE_LIVES - MOMENT, True), (CODE_LIVES, False)], ids=str)
def test_a_code_is_good_for_ten_minutes(clockwork, enter, address, code, come, after, good):
    enter(address)
    shown = code(address)
    clockwork.now += after
    assert bool(come(address, shown)) is good


@pytest.mark.requirement("G03")
def test_the_last_code_is_the_one_that_is_good(enter, address, code, come):
    enter(address)
    first, last = code(address), code(address)
    assert (come(address, first), bool(come(address, last))) == (None, True)


@pytest.mark.requirement("G03")
def test_no_more_than_five_codes_an_hour_go_to_one_address(clockwork, enter, address, code, come):
    enter(address)
    codes = [code(address) for _ in range(CODES + 1)]
    assert [one is None for one in codes] == [False] * CODES + [True]
    assert come(address, codes[CODES - 1]), "the last one that was sent stays good"
    clockwork.now += WINDOW
    assert code(address)
    clockwork.now += WINDOW - MOMENT
    assert all(code(address) for _ in range(CODES - 1))
    clockwork.now += MOMENT
    assert code(address) is None, "an hour begins at any moment"
    clockwork.now += WINDOW - MOMENT
    assert code(address)


@pytest.mark.requirement("G03")
def test_strangers_use_up_only_their_own_codes_and_tries(clockwork, enter, address, code, come):
    contact_id, other = enter(address), f"{new_id()}@example.com"
    enter(other)
    known, of_other = (
        {"device_token": clockwork.ask(Contacts, members.sign_in_as_member, email=one, code=code(one))["device_token"]}
        for one in (address, other)
    )
    clockwork.now += WINDOW
    mine = code(address, **known)
    assert come(address, mine) is None, "who has no such token has not asked for it"
    for stranger in (f" {address}", *[address] * (CODES - 1)):
        theirs = code(stranger)
        assert {come(address, guess) for guess in others_than(theirs, TRIES)} == {None}
    forged = {"device_token": "0" * 64}
    assert [code(address), code(address, **of_other), code(address, **forged)] == [None] * 3, "no more for strangers"
    assert come(address, mine, **known) == contact_id
    clockwork.told()
    clockwork.ask(Contacts, members.ask_for_member_code, email=address.upper(), **known)
    [asked] = clockwork.told(members.member_code_asked)
    with clockwork.work() as work:
        send_code(work, asked)
    [sent] = clockwork.told(members.member_code_send_asked)
    assert (sent.subject, sent.data.email) == (contact_id, address)
    last = code_of(sent.data.code_id, SECRET)
    assert [come(address, guess, **known) for guess in others_than(last, TRIES - 1)] == [None] * (TRIES - 1)
    assert come(address, last, **known) == contact_id
    assert [code(address, **known) is None for _ in range(CODES - 1)] == [False] * (CODES - 2) + [True] * 1


@pytest.mark.requirement("G03")
def test_of_two_with_one_address_a_customer_comes_first_then_whose_own_it_is(clockwork, enter, address, code, come):
    mother = enter(address, lifecycle="lead")
    child = enter(address, mother)
    assert come(address, code(address)) == child
    with clockwork.work() as work:
        work.session.execute(sa.update(Contact).where(Contact.id == mother).values(lifecycle="customer"))
    assert come(address, code(address)) == mother


@pytest.mark.requirement("G03", "C39")
def test_who_is_archived_is_signed_out_at_once_and_stays_out(clockwork, enter, address, code, come):
    contact_id = enter(address)
    shown, session = code(address), clockwork.ask(
        Contacts, members.sign_in_as_member, email=address, code=code(address)
    )  # fmt: skip
    assert come(address, shown) is None
    before = code(address)
    clockwork.told()
    _stand(clockwork, contact_id, lambda work, held: archive_contacts(work, held, reason="moved"))
    [ended] = clockwork.told(members.member_session_ended)
    assert (ended.subject, dict(ended.data)) == (
        contact_id, {"session_id": session["session_id"], "reason": "archived"},
    )  # fmt: skip
    assert come(address, before) is None
    clockwork.ask(Contacts, members.ask_for_member_code, email=address)
    [asked] = clockwork.told(members.member_code_asked)
    with clockwork.work() as work:
        send_code(work, asked)
    assert clockwork.told(members.member_code_send_asked) == []
    _stand(clockwork, contact_id, restore_contacts)
    with pytest.raises(NotSignedIn):
        clockwork.ask(Contacts, members.refresh_member_session, refresh_token=session["refresh_token"])
    assert come(address, code(address)) == contact_id


@pytest.mark.requirement("G03")
@pytest.mark.parametrize("opened_by", ["known", "unknown"])
def test_a_session_ends_with_the_address_that_it_was_opened_by(clockwork, enter, address, code, opened_by):
    contact_id, others = enter(address), f"{new_id()}@example.com"
    session = clockwork.ask(Contacts, members.sign_in_as_member, email=address, code=code(address))
    clockwork.told()
    if opened_by == "unknown":  # it is from before that was kept
        with clockwork.work() as work:
            mine = MemberSession.id == session["session_id"]
            work.session.execute(sa.update(MemberSession).where(mine).values(opened_by=None))
    else:
        _reach(clockwork, contact_id, others, address.upper())
        assert clockwork.told(members.member_session_ended) == []
    _reach(clockwork, contact_id, others)
    [ended] = clockwork.told(members.member_session_ended)
    assert (ended.subject, ended.data.session_id, ended.data.reason) == (
        contact_id, session["session_id"], "address_removed",
    )  # fmt: skip
    with pytest.raises(NotSignedIn):
        clockwork.ask(Contacts, members.refresh_member_session, refresh_token=session["refresh_token"])


@pytest.mark.requirement("G03")
def test_the_team_ends_all_sessions_of_one_contact(clockwork, enter, address, code):
    contact_id, other = enter(address), f"{new_id()}@example.com"
    enter(other)
    sessions = [
        clockwork.ask(Contacts, members.sign_in_as_member, email=one, code=code(one))
        for one in (address, address, other)
    ]
    clockwork.told()
    for _ in range(2):
        assert clockwork.ask(Contacts, members.sign_out_contact, contact_id=contact_id) == {}
    ended = {
        (one.subject, one.data.session_id, one.data.reason) for one in clockwork.told(members.member_session_ended)
    }
    assert ended == {(contact_id, one["session_id"], "signed_out_by_team") for one in sessions[:2]}
    for gone in sessions[:2]:
        with pytest.raises(NotSignedIn):
            clockwork.ask(Contacts, members.refresh_member_session, refresh_token=gone["refresh_token"])
    assert clockwork.ask(Contacts, members.refresh_member_session, refresh_token=sessions[2]["refresh_token"])
    with pytest.raises(NotFound):
        clockwork.ask(Contacts, members.sign_out_contact, contact_id=new_id())


@pytest.mark.requirement("G03", "C39")
@pytest.mark.parametrize("happens", ["archived", "without the address"])
def test_who_loses_the_right_while_they_sign_in_has_no_session(clockwork, enter, address, code, come, happens):
    contact_id, shown = enter(address), code(address)
    with ThreadPoolExecutor(1) as visitor:
        with clockwork.work() as work:
            held = hold_contacts(work, [contact_id])
            coming = visitor.submit(come, address, shown)
            _wait_for_a_lock(clockwork)
            if happens == "archived":
                archive_contacts(work, list(held.values()), reason="moved")
            else:
                change_contacts(work, [_reached_by(contact_id, f"{new_id()}@example.com")])
        assert coming.result() is None
    with clockwork.reading() as work:
        assert work.session.scalars(sa.select(MemberSession).where(MemberSession.contact_id == contact_id)).all() == []


@pytest.mark.requirement("G03")
def test_what_no_longer_matters_is_forgotten(clockwork, enter, address, code, come):
    contact_id = enter(address)
    assert come(address, code(address))
    mine = (MemberCode.counted_by == address, MemberSession.contact_id == contact_id)
    for after, left in ((dt.timedelta(), [1, 1]), (WINDOW + CODE_LIVES, [0, 1]), (dt.timedelta(days=60), [0, 0])):
        clockwork.now = NOW + after + MOMENT
        with clockwork.work() as work:
            forget_the_past(work)
        with clockwork.reading() as work:
            found = [work.session.scalar(sa.select(sa.func.count()).where(which)) for which in mine]
        assert found == left


def _stand(clockwork, contact_id, change):
    with clockwork.work() as work:
        change(work, list(hold_contacts(work, [contact_id]).values()))


def _reach(clockwork, contact_id, *addresses):
    with clockwork.work() as work:
        change_contacts(work, [_reached_by(contact_id, *addresses)])


def _reached_by(contact_id, *addresses):
    return Change(contact_id, {"emails": [{"value": each} for each in addresses]})


def _wait_for_a_lock(clockwork):
    """Until the visitor waits for the contact's row."""
    waits = sa.text(
        "SELECT pg_sleep(0.01), count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with clockwork.reading() as work:
        for _ in range(1000):
            if work.session.execute(waits).one()[1]:
                return
    raise AssertionError("nobody waits")
