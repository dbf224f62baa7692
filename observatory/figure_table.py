"""The table of figures: its columns, and how the rows of a run are kept and read.

Belongs here: what aggregate writes and publish reads, and nothing else passes between
them. Does not belong here: computing a figure, or showing one.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pandas as pd

from observatory.current import current_run
from observatory.database import connect, quoted
from observatory.workspace import Workspace

FIGURE_COLUMNS = (
    "figure_id",
    "edition",
    "audience",
    "indicator",
    "breakdown",
    "category",
    "option",
    "label",
    "statistic",
    "value",
    "low",
    "high",
    "n",
    "n_eff",
    "unit",
    "reference_year",
    "perimeter",
    "vintage",
    "flag",
    "suppressed",
    "provenance",
)
"""In the order of `observatory figures --format csv`."""


def replace_run(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, edition: str, run: str) -> None:
    """Replace the rows of one run in `figures.<name>`, in the running transaction.

    Columns that a new version of the code has are added; the rows of other runs stay.
    """
    marked = frame.assign(edition=edition, run=run, position=range(len(frame)))
    connection.register("incoming", marked)
    connection.execute(f"CREATE TABLE IF NOT EXISTS figures.{name} AS SELECT * FROM incoming LIMIT 0")
    for column, kind, *_ in connection.execute("DESCRIBE incoming").fetchall():
        connection.execute(f"ALTER TABLE figures.{name} ADD COLUMN IF NOT EXISTS {quoted(column)} {kind}")
    connection.execute(f"DELETE FROM figures.{name} WHERE edition = ? AND run = ?", [edition, run])
    connection.execute(f"INSERT INTO figures.{name} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")


def figures_of_run(connection: duckdb.DuckDBPyConnection, edition: str, run: str) -> pd.DataFrame:
    """The figures of one run, current or not, in their order."""
    columns = ", ".join(map(quoted, FIGURE_COLUMNS))
    return connection.execute(
        f"SELECT {columns} FROM figures.published WHERE edition = ? AND run = ? ORDER BY position", [edition, run]
    ).df()


def latest_run(connection: duckdb.DuckDBPyConnection, edition: str) -> str | None:
    """The run that computed an edition's figures last, current or not."""
    if not exists(connection, "latest"):
        return None
    rows = connection.execute("SELECT run FROM figures.latest WHERE edition = ?", [edition]).fetchall()
    return str(rows[0][0]) if rows else None


def mark_latest(connection: duckdb.DuckDBPyConnection, edition: str, run: str) -> None:
    """Say which run computed an edition's figures last, in the running transaction."""
    connection.execute("CREATE TABLE IF NOT EXISTS figures.latest (edition VARCHAR PRIMARY KEY, run VARCHAR)")
    connection.execute("INSERT OR REPLACE INTO figures.latest VALUES (?, ?)", [edition, run])


def exists(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether `figures.<name>` was ever filled: an older version of the code had fewer tables."""
    query = "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'figures' AND table_name = ?"
    return connection.execute(query, [name]).fetchall() != []


def figures_of_current(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, edition: str | None
) -> pd.DataFrame:
    """The figures of an edition's current run; no rows when it was never completed, or the database was set aside."""
    run = current_run(workspace, edition) if edition is not None else None
    if edition is None or run is None or not exists(connection, "published"):
        return pd.DataFrame(columns=list(FIGURE_COLUMNS))
    return figures_of_run(connection, edition, run)


def part_of_run(connection: duckdb.DuckDBPyConnection, name: str, edition: str, run: str) -> pd.DataFrame:
    """The rows of `figures.steps` or `figures.sources` of one run, in their order."""
    return connection.execute(
        f"SELECT * EXCLUDE (run, position) FROM figures.{name} WHERE edition = ? AND run = ? ORDER BY position",
        [edition, run],
    ).df()


def weighted_in(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, edition: str | None
) -> frozenset[str] | None:
    """The audiences whose answers were weighted in an edition's current run; None where that is not told."""
    run = None if edition is None else current_run(workspace, edition)
    if edition is None or run is None or not exists(connection, "weighting"):
        return None
    told = part_of_run(connection, "weighting", edition, run)
    return frozenset(told["audience"][told["known"].astype(bool)]) if len(told) else None


def current_figures(workspace: Workspace, editions: Iterable[str]) -> pd.DataFrame:
    """The published figures of the current runs of these editions, one after the other."""
    with connect(workspace, read_only=True) as connection:
        frames = [figures_of_current(connection, workspace, name) for name in editions]
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
