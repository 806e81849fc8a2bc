"""Pages and the files that they need; everything comes from here, nothing from elsewhere."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, render_template, send_from_directory
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound as NoSuchPage, default_exceptions
from werkzeug.wrappers import Response as AnyResponse

from contracts import errors
from gateway import asyncapi, openapi
from gateway.errors import Malformed, slug_of
from gateway.routes.table import JSON

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
YAML = "application/yaml"
ONLY_OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(template: str, **values: Any) -> Response:
    """Render a page that may load only what we serve ourselves."""
    response = Response(render_template(template, **values), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = ONLY_OURS
    return response


@cache
def problems() -> dict[str, dict[str, Any]]:
    """What there is to tell of each problem, by the last part of its type: HTTP's own, then ours."""
    told = {
        refusal.name.lower().replace(" ", "-"): {"title": refusal.name, "status": status, "about": refusal.description}
        for status, refusal in ((status, kind()) for status, kind in default_exceptions.items())
    }
    for kind in (*vars(errors).values(), Malformed):
        if isinstance(kind, type) and issubclass(kind, errors.Problem) and kind is not errors.Problem:
            told[slug_of(kind)] = {"title": kind.title, "status": kind.status, "about": kind.__doc__}
    return told


def index() -> AnyResponse:
    return redirect("/docs")


def docs() -> Response:
    return page("api.html")


def docs_events() -> Response:
    return page("events.html", document=_events(), schemas=_events()["components"]["schemas"])


def problem(slug: str) -> Response:
    told = problems().get(slug)
    if told is None:
        raise NoSuchPage("There is no problem of that name.")
    return page("problem.html", slug=slug, **told)


def assets(name: str) -> Response:
    folder = "vendor" if (HERE / "vendor" / name).is_file() else "static"
    return send_from_directory(HERE / folder, name, max_age=3600)


@cache
def _events() -> dict[str, Any]:
    return asyncapi.document()


@cache
def _written() -> dict[str, tuple[str, str]]:
    """The documents as they are served, by path: media type and text."""
    api = openapi.document()
    return {
        "/openapi.json": (JSON, json.dumps(api, ensure_ascii=False)),
        "/openapi.yaml": (YAML, openapi.as_yaml(api)),
        "/asyncapi.yaml": (YAML, openapi.as_yaml(_events())),
        "/asyncapi.json": (JSON, json.dumps(_events(), ensure_ascii=False)),
    }


def with_code(text: str) -> Markup:
    """What stands in `backticks` set as code, the rest as text."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def install(app: Flask) -> None:
    app.add_template_filter(with_code)
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/docs", "docs", docs)
    app.add_url_rule("/docs/events", "docs_events", docs_events)
    app.add_url_rule("/problems/<slug>", "problem", problem)
    app.add_url_rule("/assets/<name>", "assets", assets)
    for path in ("/openapi.json", "/openapi.yaml", "/asyncapi.yaml", "/asyncapi.json"):
        app.add_url_rule(path, path, lambda path=path: _document(path))


def _document(path: str) -> Response:
    media, text = _written()[path]
    return Response(text, content_type=media)
