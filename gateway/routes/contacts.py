"""Contacts on the web: people and companies, their notes and tags, imports, the team."""

from contracts.contacts import api_keys, external_ids, facts, histories, members, notes, people, tags, team, timeline
from gateway.routes.table import delete, get, patch, post
from gateway.views import sessions

ROUTES = [
    post("/sessions", sessions.SIGN_IN, status=201, view=sessions.sign_in),
    post("/sessions/refresh", sessions.REFRESH, status=201, view=sessions.refresh),
    post("/sessions/sign-out", team.sign_out, status=204),
    post("/member-codes", members.ask_for_member_code, status=202),
    post("/member-sessions", sessions.SIGN_IN_AS_MEMBER, status=201, view=sessions.sign_in_as_member),
    post("/member-sessions/refresh", sessions.REFRESH_MEMBER, status=201, view=sessions.refresh_member),
    post("/member-sessions/sign-out", members.sign_out_member, status=204),
    get("/me", team.get_me),
    get("/team-members", team.list_team),
    post("/team-members", team.add_team_member, makes="/team-members/{id}"),
    get("/team-members/<team_member_id>", team.get_team_member),
    patch("/team-members/<team_member_id>", team.change_team_member),
    get("/team-members/<team_member_id>/history", histories.list_team_member_history),
    get("/api-keys", api_keys.list_api_keys),
    post("/api-keys", api_keys.make_api_key, makes="/api-keys/{id}"),
    get("/api-keys/<api_key_id>", api_keys.get_api_key),
    patch("/api-keys/<api_key_id>", api_keys.change_api_key),
    delete("/api-keys/<api_key_id>", api_keys.revoke_api_key, status=200),
    get("/api-keys/<api_key_id>/history", histories.list_api_key_history),
    post("/contacts", people.create_contact, makes="/contacts/{id}"),
    get("/contacts/<contact_id>", people.get_contact),
    patch("/contacts/<contact_id>", people.change_contact),
    get("/contacts/<contact_id>/notes", notes.list_notes),
    post("/contacts/<contact_id>/notes", notes.add_note, makes="/notes/{id}"),
    get("/notes/<note_id>", notes.get_note),
    patch("/notes/<note_id>", notes.edit_note),
    delete("/notes/<note_id>", notes.remove_note),
    get("/notes/<note_id>/versions", notes.list_note_versions),
    post("/contacts/<contact_id>/tags", tags.add_tag),
    delete("/contacts/<contact_id>/tags/<path:tag>", tags.remove_tag, status=200),
    get("/contacts/<contact_id>/facts", facts.get_facts),
    get("/contacts/<contact_id>/timeline", timeline.get_timeline),
    get("/external-ids", external_ids.list_external_ids),
    post("/contacts/<contact_id>/external-ids", external_ids.add_external_id, status=201),
    get("/contacts/<contact_id>/external-ids/<system>/<path:value>", external_ids.get_external_id),
    delete("/contacts/<contact_id>/external-ids/<system>/<path:value>", external_ids.remove_external_id, status=200),
]
