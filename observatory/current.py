"""Which run of an edition is the one everybody sees.

Belongs here: the single act that makes a run current, and what follows from it. Does not
belong here: what a run makes.

`output/<edition>` is a link to the folder of one run. Replacing a link is one act of the
file system: whoever reads sees the last complete run or the new one, never a mixture.
The table of figures holds the rows of several runs for a moment; the link says which count.
"""

from __future__ import annotations

import os
import shutil

from observatory.database import connect
from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace

RUN_TABLES = ("published", "steps", "sources")
"""The tables of schema `figures`; every row carries `edition` and `run`."""


def current_run(workspace: Workspace, edition: str) -> str | None:
    """The run whose figures and outputs are current, or None when the edition was never completed."""
    link = workspace.output(edition)
    if not link.is_symlink() or not link.exists():
        return None
    return os.readlink(link).rstrip("/").rsplit("/", 1)[-1].removeprefix(f"{edition}-")


def make_current(workspace: Workspace, edition: str, run: str) -> None:
    """Make that run current. Raises ProblemsError when `output/<edition>` is not ours to replace."""
    link = workspace.output(edition)
    if link.exists() and not link.is_symlink():
        raise ProblemsError(
            [
                Problem(
                    file=f"output/{edition}",
                    found="un dossier qui n'a pas été fait par l'observatoire",
                    expected="le lien vers la dernière exécution",
                    action="déplacez ce dossier ailleurs, puis relancez",
                )
            ]
        )
    temporary = link.with_name(f".{edition}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(workspace.staging(edition, run).relative_to(link.parent))
    os.replace(temporary, link)


def forget_other_runs(workspace: Workspace, edition: str) -> None:
    """Remove what runs that are not current left behind, in the folder of runs and in the table of figures."""
    run = current_run(workspace, edition)
    keep = workspace.staging(edition, run) if run is not None else None
    runs = workspace.root / "output" / ".runs"
    for folder in runs.glob(f"{edition}-*") if runs.is_dir() else ():
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
    if not workspace.database.is_file():
        return
    with connect(workspace) as connection:
        known = {row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table in RUN_TABLES:
            if table in known:
                connection.execute(
                    f"DELETE FROM figures.{table} WHERE edition = ? AND run IS DISTINCT FROM ?", [edition, run]
                )
