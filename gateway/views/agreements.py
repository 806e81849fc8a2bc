"""Agreements as a person reads them: the page to sign on, and the signed PDF."""

from __future__ import annotations

from flask import Response, request

from chassis import storage
from gateway.asked import asked_by
from gateway.asking import ask_for
from gateway.console.pages import page
from gateway.routes.table import Route
from gateway.saying import file_response, said


def read(route: Route, path: dict[str, str]) -> Response:
    """Answer JSON, or to a browser the page to read and sign."""
    given = ask_for(route, asked_by(route, path))
    best = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    if best == "text/html":
        response = page("sign.html", agreement=given, token=path["token"])
    else:
        response = said(route, given, path)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


def pdf(route: Route, path: dict[str, str]) -> Response:
    """Stream the PDF from storage; the service says where it lies."""
    given = ask_for(route, asked_by(route, path))
    return file_response(storage.open(given["file_key"]), media="application/pdf", name=given["file_name"])
