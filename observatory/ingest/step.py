"""The ingest step: what lies in the inbox becomes `raw.<audience>_<edition>`.

Belongs here: reading the inbox into the database. Does not belong here: how a file is
read or how columns are matched.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from observatory.database import connect, quoted, replace_table, transaction
from observatory.editions.model import Audience, Edition
from observatory.ingest.files import refuse
from observatory.ingest.inbox import Ingested, read_inbox
from observatory.ingest.mixture import refuse_mixture
from observatory.progress import Progress
from observatory.workspace import Workspace

_MEMORY = "2500MB"
"""What DuckDB may hold of the answers being read: a million of them, and some."""

_ROW_GROUP = 32_768
"""Rows compressed and written while the next are read. Fewer rows than DuckDB's 122,880 would be kept until the end."""


def ingest(edition: Edition, audience: Audience, workspace: Workspace, progress: Progress) -> Ingested:
    """Read one audience's inbox and replace its raw tables, in one transaction.

    `raw.<audience>_<edition>`: one row a respondent's row, all text; `raw.files_<audience>_<edition>`: one row a file;
    `raw.replaced_<audience>_<edition>`: one row a row left out for a later one of the same respondent.
    Raises ProblemsError when a file is refused or simulated answers meet real ones; the tables then stay as they were.
    """
    with connect(workspace, waiting=progress.notice, row_group=_ROW_GROUP) as connection:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        # Addresses and names are among the cells just read: they must not reach the disk, not even for a while.
        connection.execute("SET temp_directory = ''")
        # Answers repeat: trying every other compression takes longer than writing them.
        connection.execute("SET force_compression = 'dict_fsst'")
        place = f"inbox/{edition.name}/{audience}"
        with _room_for(place):
            ingested = read_inbox(edition, audience, workspace, connection)
        refuse_mixture(ingested, workspace, edition, audience)
        with _room_for(place), transaction(connection):
            # Two threads write what each has read: who reads the table asks for its order (validate/step.py).
            connection.execute(f"SET preserve_insertion_order = {'false' if ingested.rows > _ROW_GROUP else 'true'}")
            table = f"raw.{quoted(f'{audience}_{edition.name}')}"
            connection.execute(f"CREATE OR REPLACE TABLE {table} AS {ingested.select}")
            replace_table(connection, "raw", f"files_{audience}_{edition.name}", ingested.files)
            replace_table(connection, "raw", f"replaced_{audience}_{edition.name}", ingested.replaced)
    progress.say(f"{ingested.rows} réponses dans {len(ingested.files)} fichier(s)")
    if gone := len(ingested.replaced):
        lines = "ligne remplacée" if gone == 1 else "lignes remplacées"
        progress.say(f"{gone} {lines} par une plus récente")
    progress.warn(ingested.problems)
    return ingested


@contextmanager
def _room_for(place: str) -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException:
        refuse(
            place,
            "plus de réponses que la mémoire de cette machine n'en tient",
            "des dépôts qu'elle peut tenir",
            "lancez sur une machine qui a plus de mémoire",
        )


def read_before(connection: duckdb.DuckDBPyConnection, edition: Edition, audience: Audience) -> frozenset[str]:
    """The SHA-256 of the files that the last run read into the raw table; none where there was no run."""
    name = f"files_{audience}_{edition.name}"
    query = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = ?"
    if not connection.execute(query, [name]).fetchall():
        return frozenset()
    return frozenset(
        str(digest) for (digest,) in connection.execute(f"SELECT sha256 FROM raw.{quoted(name)}").fetchall()
    )
