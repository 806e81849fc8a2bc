"""What was told of settings, locations, tags and other managed things goes into their histories."""

from alembic import op

revision = "0032"
down_revision = "0031"

_THING = "split_part(type, '.', 1)"


def upgrade() -> None:
    op.execute(f"""
        INSERT INTO timeline_entries (contact_id, event_id, happened_at, type, source, sequence, data, actor)
        SELECT CASE {_THING} WHEN 'settings' THEN '00000000-0000-0000-0000-000000000000'
                             ELSE CAST(data ->> ({_THING} || '_id') AS uuid) END,
               id, time, type, 'contacts', position, data, actor
        FROM events
        WHERE subject IS NULL AND {_THING} = ANY (
            ARRAY['settings', 'location', 'custom_field', 'tag', 'group', 'segment', 'team_member', 'session']
        )
        ON CONFLICT DO NOTHING
    """)
