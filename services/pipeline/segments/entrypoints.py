"""The doors of what is known of segments."""

from __future__ import annotations

from chassis.entrypoints import MANY, Room, does, hears_many, ticks
from contracts.contacts import segments
from services.pipeline.segments import reactions


class KnownSegments(Room):
    follow_segments = hears_many(
        [segments.segment_entered, segments.segment_left], reactions.follow_segments, gather=0.2, most=MANY
    )
    ask_for_strange_segments = ticks(60, reactions.ask_when_strange)
    learn_segments = does(reactions.LEARN, reactions.learn_members, asks=reactions.ask_for_members)
    forget_who_left_segments = ticks(3600, reactions.forget_who_left)
