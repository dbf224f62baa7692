"""The one DuckDB file of a workspace: how to open it and how to run the SQL files.

Belongs here: connections and statements. Does not belong here: what the statements say;
each lives in a `.sql` file beside the module that runs it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import duckdb

from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

SCHEMAS = ("raw", "validated", "aggregates", "figures")


@contextmanager
def connect(
    workspace: Workspace,
    *,
    read_only: bool = False,
    waiting: Callable[[str], None] | None = None,
    timeout: float = 600.0,
    row_group: int | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that lives for one step. While another process holds the file it waits, and says so once.

    With `row_group`, tables are written by that many rows at a time, and what is no table of the workspace's schemas
    can be kept in the database `memory`, which is never written anywhere.
    Raises ProblemsError when the file stays held for `timeout` seconds, or can't be read as a database.
    """
    connection = _open(workspace, read_only, waiting, timeout, row_group)
    try:
        yield connection
    finally:
        connection.close()


_HELD = "Could not set lock"
"""What DuckDB says of a file that another process holds; the path, which may hold any word, follows."""


def _open(
    workspace: Workspace,
    read_only: bool,
    waiting: Callable[[str], None] | None,
    timeout: float,
    row_group: int | None,
) -> duckdb.DuckDBPyConnection:
    started, told = time.monotonic(), False
    while True:
        try:
            if row_group is None:
                connection = duckdb.connect(str(workspace.database), read_only=read_only, config=_CONFIG)
            else:
                connection = _attached(workspace, row_group)
            break
        except (duckdb.IOException, duckdb.ResourceInUseException) as error:
            if isinstance(error, duckdb.IOException) and _HELD not in str(error):
                raise ProblemsError([_unreadable(workspace)]) from None
            if waiting is not None and not told:
                waiting("La base de l'espace de travail est occupée ; j'attends qu'elle se libère…")
                told = True
            if time.monotonic() - started > timeout:
                raise ProblemsError([_held(workspace)]) from None
            time.sleep(0.1)
        except duckdb.Error:
            raise ProblemsError([_unreadable(workspace)]) from None
    # On a large table DuckDB draws a bar of its own over what the command shows.
    connection.execute("SET enable_progress_bar = false")
    if not read_only:
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    return connection


_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def _attached(workspace: Workspace, row_group: int) -> duckdb.DuckDBPyConnection:
    """Only a database that is attached takes that option."""
    connection = duckdb.connect(config=_CONFIG)
    file = str(workspace.database).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{file}' AS workspace (ROW_GROUP_SIZE {row_group})")
        connection.execute("USE workspace")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def statement(package: str, name: str, /, **identifiers: str) -> str:
    """The text of `<name>.sql` beside that package's modules, `{identifier}` filled with SQL that the caller quoted."""
    text = _text(package, name)
    for key, value in identifiers.items():
        text = text.replace("{" + key + "}", value)
    return text


@cache
def _text(package: str, name: str) -> str:
    return resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")


def quoted(name: str) -> str:
    """A column or table name of any kind as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def replace_table(connection: duckdb.DuckDBPyConnection, schema: str, name: str, frame: pd.DataFrame) -> None:
    """Replace one table by that frame, in the running transaction."""
    connection.register("incoming", frame)
    connection.execute(f"CREATE OR REPLACE TABLE {schema}.{quoted(name)} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def _held(workspace: Workspace) -> Problem:
    return Problem(
        file=workspace.database.name,
        found="une base que tient un autre programme",
        expected="une base libre",
        action="fermez l'autre programme (ou l'autre exécution), puis relancez",
    )


def _unreadable(workspace: Workspace) -> Problem:
    return Problem(
        file=workspace.database.name,
        found="une base illisible ou incomplète",
        expected="la base DuckDB de l'espace de travail",
        action="mettez ce fichier de côté et relancez : la base se refait entièrement depuis les dépôts",
    )
