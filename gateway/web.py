"""The Flask application: the tables of routes, and what stands around every one of them."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis import storage, tracing
from chassis.actor import Signer
from chassis.calls import Calls
from chassis.config import settings
from chassis.telemetry import set_up_logging
from gateway import access_log, errors, health, permissions, traced
from gateway.console import pages
from gateway.identity import Reception
from gateway.keys import Keys
from gateway.limits import Limits
from gateway.notices import Notices
from gateway.routes import all_routes
from gateway.routes.table import PREFIX, Route
from gateway.settings import gateway_settings
from gateway.view import answer

EXPOSED = ["ETag", "Link", "Location", "Retry-After", "X-Request-Id"]
NOTHING_MAY_RUN = "default-src 'none'; frame-ancestors 'none'"


def create_app() -> Flask:
    """Build the gateway; one a worker, after the fork, because it opens connections of its own."""
    permissions.check(all_routes())
    ours, house = gateway_settings(), settings()
    storage.warm_up()
    tracing.set_up("gateway")
    set_up_logging("gateway", house.log_level)
    app = Flask("gateway", static_folder=None, template_folder=str(pages.TEMPLATES))
    app.url_map.merge_slashes = False
    app.config.update(MAX_CONTENT_LENGTH=ours.largest_body, LARGEST_FILE=ours.largest_file)
    app.extensions["calls"] = Calls(house.amqp_uri, asker="gateway")
    app.extensions["reception"] = Reception(house.secret, house.secrets_accepted)
    ask_as = app.extensions["calls"], Signer(house.secret, "gateway").token
    app.extensions["notices"] = Notices(house.amqp_uri, *ask_as)
    app.extensions["keys"] = Keys(*ask_as, app.extensions["reception"].token_of_key)
    app.extensions["limits"] = limits = Limits(app, enabled=ours.rate_limits)
    for part in (access_log, traced, errors, health, pages):
        part.install(app)
    for route in all_routes():
        _add(app, route, limits)
    app.after_request(_guard)
    if ours.cors_origins:
        CORS(app, resources={f"{PREFIX}/*": {"origins": list(ours.cors_origins)}}, expose_headers=EXPOSED, max_age=600)
    if ours.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=ours.trusted_proxies, x_proto=ours.trusted_proxies)  # type: ignore[method-assign]
    return app


def _add(app: Flask, route: Route, limits: Limits) -> None:
    def view(**path: str) -> Any:
        return answer(route, path)

    view.__name__ = route.endpoint
    app.add_url_rule(route.rule, route.endpoint, limits.before(route, view), methods=[route.method])


def _guard(response: Response) -> Response:
    """What a browser must not do with an answer; pages bring a policy of their own."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("Content-Security-Policy", NOTHING_MAY_RUN)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
