"""What may be asked of the probe."""

from __future__ import annotations

from marshmallow import fields

from contracts.language import PUBLIC, SIGNED_IN, Event, Rpc, Schema, Text

NAME = "probe"


class MakeMark(Schema):
    """Write a mark in a transaction that takes `pause` seconds."""

    mark = Text(required=True, max=200)
    pause = fields.Float(load_default=0.0)


class Mark(Schema):
    mark = fields.String(required=True)
    number = fields.Integer(required=True)


class Echo(Schema):
    text = Text(required=True)


class StartWalk(Schema):
    """A job of so many steps that makes a mark at each; the process ends itself at step `grave`, `deaths` times."""

    mark = Text(required=True)
    steps = fields.Integer(required=True)
    grave = fields.Integer(load_default=-1)
    deaths = fields.Integer(load_default=10**6)


class Started(Schema):
    job_id = fields.String(required=True)


class MarkTold(Schema):
    mark = fields.String(required=True)
    pause = fields.Float(load_default=0.0)
    times = fields.Integer(load_default=0)


class MarkDeadly(Schema):
    """The process ends itself at it, `deaths` times."""

    mark = fields.String(required=True)
    deaths = fields.Integer(load_default=0)


make_mark = Rpc(NAME, "make_mark", needs=PUBLIC, takes=MakeMark, gives=Mark)
echo = Rpc(NAME, "echo", needs=PUBLIC, takes=Echo, gives=Echo, writes=False)

start_walk = Rpc(NAME, "start_walk", needs=SIGNED_IN, takes=StartWalk, gives=Started)

mark_made = Event(NAME, "mark.made", MarkTold)
mark_slow = Event(NAME, "mark.slow", MarkTold)
mark_stumbling = Event(NAME, "mark.stumbling", MarkTold)
mark_deadly = Event(NAME, "mark.deadly", MarkDeadly)
