"""What a service does not know, or is asked too late, is dealt with without holding up what it does know."""

import time

from chassis.actor import sign
from chassis.calls import Context
from contracts.errors import Broken, Problem
from contracts.language import SIGNED_IN, Rpc
from contracts.log import read_events
from contracts.pipeline import stages

UNKNOWN = Rpc("pipeline", "of_a_later_version", needs=SIGNED_IN, writes=False)
KNOWN = read_events["pipeline"]


def test_many_unknown_questions_among_known_ones_leave_the_service_awake(house):
    context = Context(token=house.token())
    for _ in range(10):
        answers = house.calls.ask_all([(KNOWN, {}), (UNKNOWN, {})] * 20, context)
        assert all(isinstance(answer, Broken) for answer in answers[1::2])
        assert not any(isinstance(answer, Problem) for answer in answers[0::2])


def test_many_questions_past_their_time_leave_the_service_awake(house):
    late = Context(token=sign(house.secret, id=house.owner["id"], role="owner"), deadline=0.002)
    for _ in range(10):
        house.calls.ask_all([(KNOWN, {})] * 40, late)
    time_is_up = time.monotonic() + 10
    while time.monotonic() < time_is_up:
        try:
            assert house.ask(stages.list_stages)["items"]
            return
        except Problem:  # the gate of this client opens again after a second
            time.sleep(0.1)
    raise AssertionError("pipeline does not answer any more")
