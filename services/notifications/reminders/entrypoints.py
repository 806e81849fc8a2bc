"""The doors of the letters to the team."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears
from contracts.pipeline import follow_ups, rules
from services.notifications.reminders import reactions


class Reminders(Room):
    remind_of_follow_up = hears([follow_ups.follow_up_due], reactions.remind_of_follow_up)
    point_out_lead = hears([rules.lead_flagged], reactions.point_out_lead)
    write_to_team_member = does(reactions.WRITE, reactions.write, asks=reactions.ask_who)
