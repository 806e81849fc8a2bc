"""The doors of the team."""

from __future__ import annotations

from chassis.entrypoints import Room, serves, ticks
from contracts.contacts import api_keys, team
from services.contacts.team import queries
from services.contacts.team.actions import accounts, keys, signing


class Team(Room):
    ensure_owner = serves(team.ensure_owner, accounts.ensure_owner)
    add_team_member = serves(team.add_team_member, accounts.add_team_member)
    change_team_member = serves(team.change_team_member, accounts.change_team_member)
    get_team_member = serves(team.get_team_member, queries.get_team_member)
    list_team = serves(team.list_team, queries.list_team)
    make_api_key = serves(api_keys.make_api_key, keys.make_api_key)
    change_api_key = serves(api_keys.change_api_key, keys.change_api_key)
    revoke_api_key = serves(api_keys.revoke_api_key, keys.revoke_api_key)
    use_api_key = serves(api_keys.use_api_key, keys.use_api_key)
    get_api_key = serves(api_keys.get_api_key, queries.get_api_key)
    list_api_keys = serves(api_keys.list_api_keys, queries.list_api_keys)
    sign_in = serves(team.sign_in, signing.sign_in)
    refresh_session = serves(team.refresh_session, signing.refresh_session)
    sign_out = serves(team.sign_out, signing.sign_out)
    forget_the_past = ticks(3600, signing.forget_the_past)
