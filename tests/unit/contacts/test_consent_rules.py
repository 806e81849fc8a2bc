"""What may be sent and why; whose word counts when two are one."""

import datetime as dt

import pytest
from hypothesis import example, given, strategies as st

from contracts.contacts.words import CHANNELS, PURPOSES
from services.contacts.consent.rules import Statement, decide, strictest

MAY, JUNE = dt.datetime(2026, 5, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


@pytest.mark.requirement("C09")
@pytest.mark.parametrize(
    ("purpose", "standing", "said", "allowed", "because"),
    [
        ("marketing", "active", None, False, "never agreed"),
        ("marketing", "active", Statement(True, MAY, "paper form"), True,
         "agreed to messages for marketing by email on 2026-05-01 (paper form)"),
        ("marketing", "active", Statement(False, MAY), False, "refused messages for marketing by email"),
        ("reminders", "active", None, True, "needs no consent"),
        ("reminders", "active", Statement(False, MAY), False, "refused reminders by email"),
        ("transactional", "active", None, True, "needs no consent"),
        ("transactional", "archived", None, False, "archived"),
        ("marketing", "archived", Statement(True, MAY), False, "archived"),
    ],
)  # fmt: skip
def test_every_verdict_says_why(purpose, standing, said, allowed, because):
    decision = decide(purpose, "email", standing, said)
    assert decision.allowed is allowed
    assert because in decision.because
    assert decision.since == (said.said_at if said and standing == "active" else None)


TOPICS = st.tuples(st.sampled_from(CHANNELS), st.sampled_from(PURPOSES))
FORM = CHANNELS[0], PURPOSES[0]
SAID = st.dictionaries(
    TOPICS,
    st.builds(Statement, st.booleans(), st.sampled_from([MAY, JUNE]), source=st.sampled_from(["signup", "merge"])),
)


@pytest.mark.requirement("C09")
@given(kept=SAID, gone=SAID)
@example(kept={FORM: Statement(True, MAY, None)}, gone={FORM: Statement(True, MAY, "")})
def test_in_a_merge_the_strictest_wins_whichever_is_kept(kept, gone):
    one = strictest(kept, gone)
    assert set(one) == set(kept) | set(gone)
    assert one == strictest(gone, kept)
    for topic, statement in one.items():
        sides = [side[topic] for side in (kept, gone) if topic in side]
        assert statement in sides
        assert statement.granted is all(side.granted for side in sides)
    assert strictest(one, kept) == one
