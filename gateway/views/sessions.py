"""Signing in: contacts judges the password, the gateway signs the token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response
from marshmallow import fields

from contracts.contacts import team
from contracts.language import Moment, Schema
from gateway.asked import asked_by
from gateway.asking import ask
from gateway.identity import ACCESS_LIVES, reception
from gateway.routes.table import Route
from gateway.saying import json_response


class Access(Schema):
    """Send `access_token` as `Authorization: Bearer …`; `refresh_token` gets the next one, once.

    Who signs out or is deactivated is refused within a second, whatever the token says; another role counts as soon.
    """

    access_token = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "seconds"})
    refresh_token = fields.String(required=True)
    refresh_expires_at = Moment(required=True)
    team_member = fields.Nested(team.TeamMember, required=True)


SIGN_IN = replace(team.sign_in, gives=Access)
REFRESH = replace(team.refresh_session, gives=Access)


def sign_in(route: Route, path: dict[str, str]) -> Response:
    return _access(ask(team.sign_in, asked_by(route, path)))


def refresh(route: Route, path: dict[str, str]) -> Response:
    return _access(ask(team.refresh_session, asked_by(route, path)))


def _access(session: dict[str, Any]) -> Response:
    member = session["team_member"]
    token = reception().access_token(
        id=member["id"],
        role=member["role"],
        name=member["name"],
        version=member["version"],
        session=session["session_id"],
    )
    response = json_response(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": ACCESS_LIVES,
            "refresh_token": session["refresh_token"],
            "refresh_expires_at": session["refresh_expires_at"],
            "team_member": member,
        },
        201,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
