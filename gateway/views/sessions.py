"""Signing in: contacts judges the password or the code, the gateway signs the token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response
from marshmallow import fields

from contracts.access import MEMBER
from contracts.contacts import members, team
from contracts.language import Moment, Rpc, Schema
from gateway.asked import asked_by
from gateway.asking import ask
from gateway.identity import ACCESS_LIVES, reception
from gateway.routes.table import Route
from gateway.saying import json_response


class _Tokens(Schema):
    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})
    refresh_token = fields.String(required=True)
    refresh_expires_at = Moment(required=True)


class Access(_Tokens):
    """Send `access_token` as `Authorization: Bearer …`; `refresh_token` gets the next one, once.

    Who signs out or is deactivated is refused within a second, whatever the token says; another role counts as soon.
    """

    team_member = fields.Nested(team.TeamMember, required=True)


class MemberAccess(_Tokens):
    """As the team's. Who signs out, is archived or is no customer any more is refused within a second."""

    member = fields.Nested(members.Member, required=True)


class BegunMemberAccess(MemberAccess):
    """With the `device_token` that is sent when a code is asked for on this device again, and when it is tried."""

    device_token = fields.String(required=True)


SIGN_IN = replace(team.sign_in, gives=Access)
REFRESH = replace(team.refresh_session, gives=Access)
SIGN_IN_AS_MEMBER = replace(members.sign_in_as_member, gives=BegunMemberAccess)
REFRESH_MEMBER = replace(members.refresh_member_session, gives=MemberAccess)


def sign_in(route: Route, path: dict[str, str]) -> Response:
    return _of_team(team.sign_in, asked_by(route, path))


def refresh(route: Route, path: dict[str, str]) -> Response:
    return _of_team(team.refresh_session, asked_by(route, path))


def sign_in_as_member(route: Route, path: dict[str, str]) -> Response:
    return _of_member(members.sign_in_as_member, asked_by(route, path))


def refresh_member(route: Route, path: dict[str, str]) -> Response:
    return _of_member(members.refresh_member_session, asked_by(route, path))


def _of_team(rpc: Rpc, asked: dict[str, Any]) -> Response:
    session = ask(rpc, asked)
    who = session["team_member"]
    return _access(session, who, who["role"], team_member=who)


def _of_member(rpc: Rpc, asked: dict[str, Any]) -> Response:
    session = ask(rpc, asked)
    shown = {name: session[name] for name in ("member", "device_token") if name in session}
    return _access(session, session["member"], MEMBER, **shown)


def _access(session: dict[str, Any], who: dict[str, Any], role: str, **shown: Any) -> Response:
    token = reception().access_token(
        id=who["id"], role=role, name=who["name"], version=who["version"], session=session["session_id"]
    )
    lives = {name: session[name] for name in ("refresh_token", "refresh_expires_at")}
    answer = {"access_token": token, "token_type": "Bearer", "expires_in": ACCESS_LIVES, **lives, **shown}
    response = json_response(answer, 201)
    response.headers["Cache-Control"] = "no-store"
    return response
