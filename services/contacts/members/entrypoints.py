"""The doors of members."""

from __future__ import annotations

from chassis.entrypoints import Room, does, hears, hears_many, serves, ticks
from contracts.contacts import members, revocations, team
from contracts.contacts.people import contact_lifecycle_changed
from contracts.contacts.settings import settings_changed
from services.contacts.members import actions, queries, reactions


class Members(Room):
    ask_for_member_code = serves(members.ask_for_member_code, actions.ask_for_code)
    sign_in_as_member = serves(members.sign_in_as_member, actions.sign_in)
    refresh_member_session = serves(members.refresh_member_session, actions.refresh_session)
    sign_out_member = serves(members.sign_out_member, actions.sign_out)
    sign_out_contact = serves(members.sign_out_contact, actions.sign_out_contact)
    get_me = serves(team.get_me, queries.get_me)
    list_revocations = serves(revocations.list_revocations, queries.list_revocations)
    send_member_code = hears([members.member_code_asked], reactions.send_code)
    end_with_custom = hears_many([contact_lifecycle_changed], reactions.end_with_custom)
    close_to_leads = hears([settings_changed], reactions.close_to_leads)
    end_sessions_of_leads = does(reactions.CLOSE, reactions.end_next_sessions)
    forget_members_past = ticks(3600, actions.forget_the_past)
