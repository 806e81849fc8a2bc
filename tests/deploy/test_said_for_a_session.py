"""A pooler by transaction gives a session to somebody else, and with it what was said for the session."""

from __future__ import annotations

import re

import pytest

from local import CHECKOUT
from tests.deploy.rendering import sources

pytestmark = pytest.mark.requirement("O02")

FOR_A_SESSION = re.compile(
    r"""
      [;"']\s* SET \s+ (?!LOCAL\b) (?: [\w.{}"]+ \s* (?:=|TO\b) | (?:ROLE|SESSION|TIME\s+ZONE|NAMES)\b )
    | \bset_config \s* \( (?! (?: [^()] | \([^()]*\) )* ,\s* (?:is_local\s*=\s*)? true \s*,?\s* \) )
    | \bpg_(?:try_)?advisory_lock(?:_shared)?\b
    | \bLISTEN \s+ [\w{"]
    | \bPREPARE \s+ [\w{}"]+ \s* (?: \([^()]*\) \s* )? AS\b
    | \bCREATE \s+ (?: (?:GLOBAL|LOCAL) \s+ )? TEMP(?:ORARY)?\b
    | \bWITH \s+ HOLD\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""A setting is SET at the start of a statement; the SET of an UPDATE is not."""

TO_THE_DATABASE_ITSELF = {
    ("chassis/bell.py", "LISTEN {"): "events and jobs hear the bell",
    ("chassis/relay.py", "pg_try_advisory_lock"): "events: of all relays one leads",
    ("chassis/migrate.py", "pg_advisory_lock"): "a Job: of two migrations one waits",
}
"""What is said for a session, and by which process, none of which goes through the pooler."""


def test_nothing_is_said_for_a_session_but_by_who_goes_to_the_database_itself():
    code = [(str(path.relative_to(CHECKOUT)), text) for path, text in sources("chassis", "services")]
    said = {(path, found.group()) for path, text in code for found in FOR_A_SESSION.finditer(text)}
    assert said == set(TO_THE_DATABASE_ITSELF)


@pytest.mark.parametrize(
    "code",
    [
        """execute("SET work_mem='1GB'")""",
        """execute("SET pg_trgm.similarity_threshold = 0.4")""",
        """execute(f"SET {name} TO {value}")""",
        """execute("BEGIN; SET SESSION work_mem = '1GB'")""",
        """execute("set time zone 'UTC'")""",
        """execute("PREPARE x AS SELECT 1")""",
        """execute("PREPARE x (int) AS SELECT $1")""",
        """execute("create temp table found (id int)")""",
        """execute("CREATE TEMPORARY TABLE found (id int)")""",
        """execute("SELECT set_config('work_mem', '1GB', false)")""",
        """func.set_config(\n    "work_mem",\n    size(of=1),\n    False,\n)""",
        """execute("SELECT pg_advisory_lock(1)")""",
        """execute("LISTEN jobs")""",
        """execute("DECLARE found CURSOR WITH HOLD FOR SELECT 1")""",
    ],
)
def test_what_is_said_for_a_session_is_told(code: str):
    assert FOR_A_SESSION.search(code)


@pytest.mark.parametrize(
    "code",
    [
        """execute("SET LOCAL work_mem = '1GB'")""",
        '''execute("""UPDATE orders\n    SET state = 'paid'""")''',
        """func.set_config(\n    "work_mem",\n    size(of=1),\n    True,\n)""",
        """execute("SELECT pg_advisory_xact_lock(1)")""",
        '''"""Set aside what is to be paid."""''',
    ],
)
def test_what_is_said_for_a_transaction_is_not(code: str):
    assert not FOR_A_SESSION.search(code)
