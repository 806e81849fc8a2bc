"""The doors of segments."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears_many, serves, ticks
from contracts.catalogue import all_events
from contracts.contacts import locations, segments, settings
from services.contacts.segments.actions import defining, following, keeping, passing, stepping
from services.contacts.segments.queries import reading
from services.contacts.segments.rules.causes import may_matter

DAY_SECONDS = 60
BUILT_IN_SECONDS = 300
FOLLOWED_AT_ONCE = 256
"""To plan the statement that looks at all segments takes as long as to look at many contacts."""


class Segments(Room):
    create_segment = serves(segments.create_segment, defining.create_segment)
    get_segment = serves(segments.get_segment, reading.get_segment)
    list_segments = serves(segments.list_segments, reading.list_segments)
    change_segment = serves(segments.change_segment, defining.change_segment)
    delete_segment = serves(segments.delete_segment, defining.delete_segment)
    preview_segment = serves(segments.preview_segment, reading.preview_segment)
    list_segment_members = serves(segments.list_segment_members, reading.list_segment_members)
    list_segments_of_contact = serves(segments.list_segments_of_contact, reading.list_segments_of_contact)
    reevaluate_segment = serves(segments.reevaluate_segment, defining.reevaluate_segment)

    follow = hears_many(may_matter(all_events()), following.follow, gather=0.05, most=FOLLOWED_AT_ONCE)
    follow_settings = hears_many(
        [settings.settings_changed, locations.location_created, locations.location_changed], keeping.follow_settings
    )
    keep_built_ins = ticks(BUILT_IN_SECONDS, keeping.keep_built_ins)
    notice_days = ticks(DAY_SECONDS, passing.notice_days)
    evaluate_segment = does(stepping.JOB, stepping.evaluate_segment)
    pass_days = does(passing.JOB, passing.pass_days)
