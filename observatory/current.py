"""Which run of an edition is the one everybody sees.

Belongs here: where outputs are built, the single act that makes a build current, and what
follows from it. Does not belong here: what a build holds.

`output/<edition>` is a link to the folder of one build. Replacing a link is one act of the
file system: whoever reads sees the last complete run or the new one, never a mixture.
The table of figures holds the rows of several runs for a moment; the link says which count.
A build's folder gets its name once it is whole, and is never written again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace

RUN_TABLES = ("published", "steps", "sources", "weighting", "responses")
"""The tables of schema `figures`; every row carries `edition` and `run`."""


def current_run(workspace: Workspace, edition: str) -> str | None:
    """The run whose figures and outputs are current, or None when the edition was never completed."""
    link = workspace.output(edition)
    if not link.is_symlink() or not link.exists():
        return None
    return os.readlink(link).rstrip("/").rsplit("/", 1)[-1].removeprefix(f"{edition}-").partition("~")[0]


@contextmanager
def building(workspace: Workspace, edition: str, run: str) -> Iterator[Path]:
    """A folder to build a run's outputs in. Whole, it takes its name; of a failure nothing is left."""
    unfinished = workspace.runs / f".{edition}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        unfinished.rename(workspace.runs / f"{edition}-{run}~{_last_build(workspace, edition, run) + 1}")
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _last_build(workspace: Workspace, edition: str, run: str) -> int:
    return max((int(folder.name.rpartition("~")[2]) for folder in workspace.runs.glob(f"{edition}-{run}~*")), default=0)


def make_current(workspace: Workspace, edition: str, run: str) -> None:
    """Make the last build of that run current.

    Raises ProblemsError when there is none, or when `output/<edition>` is not ours to replace.
    """
    build = _last_build(workspace, edition, run)
    link = workspace.output(edition)
    if build == 0:
        raise ProblemsError([_nothing_built(edition)])
    if link.exists() and not link.is_symlink():
        raise ProblemsError([_not_ours(edition)])
    temporary = link.with_name(f".{edition}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to((workspace.runs / f"{edition}-{run}~{build}").relative_to(link.parent))
    os.replace(temporary, link)


def forget_other_runs(workspace: Workspace, edition: str) -> None:
    """Remove what builds and runs that are not current left behind, in the folder of runs and in the figures."""
    # The command asks which run is current before it loads its libraries, DuckDB last (run.py).
    from observatory.database import connect

    run = current_run(workspace, edition)
    keep = workspace.output(edition).resolve()
    for folder in workspace.runs.glob(f"{edition}-*") if workspace.runs.is_dir() else ():
        if folder.resolve() != keep:
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


def _nothing_built(edition: str) -> Problem:
    return Problem(
        file=f"output/{edition}",
        found="pas de baromètre des derniers chiffres",
        expected="un baromètre composé",
        action=f"lancez « observatory run {edition} »",
    )


def _not_ours(edition: str) -> Problem:
    return Problem(
        file=f"output/{edition}",
        found="un dossier qui n'a pas été fait par l'observatoire",
        expected="le lien vers la dernière exécution",
        action="déplacez ce dossier ailleurs, puis relancez",
    )
