"""The doors of what is known of the team."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears_many, ticks
from contracts.contacts import team
from services.pipeline.team import reactions


class KnownTeam(Room):
    remember_team = hears_many([team.team_member_added, team.team_member_changed], reactions.remember_team)
    ask_for_strange_team = ticks(60, reactions.ask_when_strange)
    learn_team = does(reactions.LEARN, reactions.learn_team, asks=reactions.ask_for_team)
