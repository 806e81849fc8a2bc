"""A stage goes however many archived leads stand in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.errors import NotFound
from contracts.pipeline import stages
from services.pipeline.leads.removing_stages import CLEAR, clear_stage, resume_clearing
from services.pipeline.service import Pipeline
from tests.builders.works import a_clockwork
from tests.house.keeper import Servers

MANY = 1500
ARCHIVED = """
    INSERT INTO leads (contact_id, stage_id, rank, status, standing, as_of, touched_at, version)
    SELECT gen_random_uuid(), :stage, 0, 'new', 'archived', '{}', now(), 1 + n % 3
    FROM generate_series(1, :many) AS n"""
MOVED = """
    SELECT count(*) FROM leads
        JOIN stages ON stages.id = leads.stage_id
        JOIN moves ON moves.contact_id = leads.contact_id AND moves.version = leads.version
        JOIN events ON events.subject = leads.contact_id AND (events.data->>'version')::bigint = leads.version
    WHERE events.type = 'lead.moved' AND events.data->>'to_stage' = stages.name AND moves.to_stage = stages.name
        AND moves.from_stage = 'Waiting list' AND moves.reason LIKE '%taken off the board%'"""


@pytest.mark.requirement("P01")
def test_of_very_many_who_rest_some_at_a_time_are_moved_and_no_more_than_their_ids_come_by(servers: Servers) -> None:
    """Of a hundred thousand as well: the stage is off the board at once, and what a step holds does not grow."""
    sent: list[int] = []

    def weigh(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_: Any) -> None:
        sent.append(len(str(parameters)))

    with a_clockwork(servers, "pipeline", now=dt.datetime(2027, 1, 31, 12, tzinfo=dt.UTC)) as clockwork:

        def ask(rpc: Any, **request: Any) -> Any:
            [door] = getattr(Pipeline, rpc.name).nameko_entrypoints
            with clockwork.work() as work:
                return rpc.gives().dump(door.action(work, rpc.takes().load(request)))

        stage = ask(stages.add_stage, name="Waiting list")["id"]
        with clockwork.work() as work:
            work.session.execute(sa.text(ARCHIVED), {"stage": stage, "many": MANY})
        sa.event.listen(clockwork.runtime.engine, "before_cursor_execute", weigh)
        ask(stages.remove_stage, stage_id=stage)
        assert "Waiting list" not in [each["name"] for each in ask(stages.list_stages, limit=200)["items"]]
        with pytest.raises(NotFound):
            ask(stages.remove_stage, stage_id=stage)
        assert ask(stages.add_stage, name="Waiting list")["version"] == 1
        with clockwork.work() as work:  # whoever cancels it, or a database that is away for hours
            work.session.execute(sa.text("UPDATE jobs SET state = 'failed'"))
        for _ in range(2):
            with clockwork.work() as work:
                resume_clearing(work)
        steps = 0
        while clockwork.step({CLEAR: clear_stage}):
            steps += 1
        assert steps == 3, "a thousand, the rest, and nobody any more"
        with clockwork.reading() as work:
            assert work.session.scalar(sa.text(MOVED)) == MANY
            assert work.session.scalar(sa.text("SELECT count(*) FROM stages WHERE id = :id"), {"id": stage}) == 0
        assert 0 < sum(sent) < MANY * 60
