"""The gateway with two more ways to the same answers: straight from the database, and over a stock nameko hop.

`gunicorn -c gateway/gunicorn.py benchmarks.beside:app`; the service behind the hop is `benchmarks.stock`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import g
from nameko.standalone.rpc import ServiceRpcProxy

from benchmarks.straight import Straight
from chassis.config import settings
from contracts.contacts import people
from gateway.asked import asked_by
from gateway.routes.table import Route, get, post
from gateway.saying import said

READ = get("/contacts/<contact_id>", people.get_contact)
WRITE = post("/contacts", people.create_contact, makes="/contacts/{id}")


class StockLines:
    """Proxies of stock nameko, kept open: one a request at a time."""

    def __init__(self) -> None:
        self._idle: list[Any] = []

    def call(self, method: str, **members: Any) -> Any:
        """Ask the stock service."""
        line = self._idle.pop() if self._idle else self._open()
        try:
            return getattr(line, method)(**members)
        finally:
            self._idle.append(line)

    def _open(self) -> Any:
        return ServiceRpcProxy("stock_contacts", {"AMQP_URI": settings().amqp_uri}, timeout=5).start()


def make_green() -> None:
    """Let psycopg2 wait in gevent's loop, as eventlet does by itself in the services."""
    import gevent.socket
    import psycopg2
    from psycopg2 import extensions

    def wait(connection: Any) -> None:
        while True:
            state = connection.poll()
            if state == extensions.POLL_OK:
                return
            if state == extensions.POLL_READ:
                gevent.socket.wait_read(connection.fileno())
            elif state == extensions.POLL_WRITE:
                gevent.socket.wait_write(connection.fileno())
            else:
                raise psycopg2.OperationalError(f"bad state {state}")

    extensions.set_wait_callback(wait)


def create_app() -> Any:
    """The gateway, with `/v1/straight/…`, `/v1/stock/…` and `/v1/hop/…` beside `/v1/contacts`."""
    from gateway import web

    make_green()
    app, straight, stock = web.create_app(), Straight(), StockLines()

    def add(route: Route, way: str, answer: Callable[[dict[str, Any]], Any]) -> None:
        def view(route: Route, path: dict[str, str]) -> Any:
            return said(route, answer(asked_by(route, path)), path)

        web._add(app, replace(route, path=f"/{way}{route.path}", view=view), app.extensions["limits"])

    add(READ, "straight", lambda asked: straight.read(asked["contact_id"]))
    add(WRITE, "straight", lambda asked: straight.write(g.actor, asked))
    add(READ, "stock", lambda asked: stock.call("get_contact", **asked))
    add(READ, "hop", lambda asked: stock.call("get_contact_our_way", **asked))
    add(WRITE, "stock", lambda asked: stock.call("create_contact", actor_id=g.actor.id, members=asked))
    return app


app = create_app()
