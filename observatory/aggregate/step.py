"""The aggregate steps: validated answers become measures, then the figures of one run.

Belongs here: the order of the work and what is kept in the database. Does not belong
here: the statements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import pandas as pd

from observatory.aggregate.answers import known_weights
from observatory.aggregate.figures import figures
from observatory.aggregate.measures import measure_shares as shares_of
from observatory.aggregate.measures import measure_volumes as volumes_of
from observatory.aggregate.responses import responses
from observatory.aggregate.weighting import facts
from observatory.database import connect, quoted, transaction
from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Edition
from observatory.figure_table import figures_of_current, mark_latest, replace_run, weighted_in
from observatory.problems import Problem
from observatory.progress import Progress
from observatory.version import code_version
from observatory.workspace import Workspace


def measure_shares(edition: Edition, workspace: Workspace, progress: Progress) -> int:
    """Obstacles, brackets, satisfaction, intentions: every distribution. Returns the number of measures."""
    return _measure(edition, workspace, progress, shares_of)


def measure_volumes(edition: Edition, workspace: Workspace, progress: Progress) -> int:
    """Amounts, contracts and rates. Returns the number of measures."""
    return _measure(edition, workspace, progress, volumes_of)


def _measure(
    edition: Edition,
    workspace: Workspace,
    progress: Progress,
    measure: Callable[[duckdb.DuckDBPyConnection, Edition], int],
) -> int:
    with connect(workspace, waiting=progress.notice) as connection, transaction(connection):
        count = measure(connection, edition)
    progress.say(f"{count} mesures")
    return count


def publish_figures(
    edition: Edition, schemas: Path, workspace: Workspace, run: str, progress: Progress
) -> pd.DataFrame:
    """Add this run's masked figures to `figures.published`, with its steps, sources and weights, in one transaction.

    They count only once the run becomes current. Returns the figures, one row a figure.
    """
    previous_name = edition.config.previous
    previous = load_edition(schemas, previous_name) if previous_name in edition_names(schemas) else None
    with connect(workspace, waiting=progress.notice) as connection, transaction(connection):
        sources = _union(connection, edition, "raw", "files")
        steps = _union(connection, edition, "validated", "steps")
        weightings = {audience: known_weights(connection, edition, audience) for audience in edition.audiences}
        progress.warn([problem for found in weightings.values() for problem in found.warnings])
        before = figures_of_current(connection, workspace, previous_name)
        if previous is not None and before.empty:
            progress.warn([no_previous(edition, previous, workspace)])
        table = figures(
            connection,
            edition,
            previous,
            before,
            inputs=inputs_digest(sources, edition, workspace, before),
            code=code_version(),
            weighted_before=weighted_in(connection, workspace, previous_name),
        )
        kept = {
            "published": table,
            "sources": sources,
            "steps": steps,
            "weighting": facts(edition, weightings),
            "responses": responses(connection, edition),
        }
        for name, frame in kept.items():
            replace_run(connection, name, frame, edition.name, run)
        mark_latest(connection, edition.name, run)
    hidden = int(table["suppressed"].sum())
    progress.say(f"{len(table)} chiffres, dont {hidden} masqués")
    return table


def no_previous(edition: Edition, previous: Edition, workspace: Workspace) -> Problem:
    """The warning of an edition without the figures of the one before, with what would mend it."""
    together = f"lancez « observatory run {previous.name} {edition.name} »"
    if not all(_has_deposits(workspace.inbox(previous.name, audience)) for audience in previous.audiences):
        # A run of an edition without answers is refused: they come first.
        where = f"--workspace {workspace.root}"
        first = (
            f"fabriquez ses réponses (« observatory simulate {previous.name} {where} »)"
            if workspace.settings.simulated
            else f"déposez d'abord ses réponses dans inbox/{previous.name}/"
        )
        together = f"pour en calculer, {first}, puis {together} ; sinon, rien"
    return Problem(
        file=f"output/{previous.name}",
        found=f"pas de chiffres de l'édition {previous.name} : aucune évolution n'est calculée",
        expected="l'édition précédente, complète, dans le même espace de travail",
        action=together,
        severity="warning",
    )


def _has_deposits(inbox: Path) -> bool:
    return any(_data_files((inbox,)))


def inputs_digest(sources: pd.DataFrame, edition: Edition, workspace: Workspace, before: pd.DataFrame) -> str:
    """Eight digits that change with all that figures depend on: files, corrections, the edition, earlier figures."""
    digest = hashlib.sha256()
    for sha256 in sorted(set(sources.loc[sources["used"].astype(bool), "sha256"])):
        digest.update(str(sha256).encode())
    for file in _data_files((workspace.corrections(edition.name), edition.folder, edition.folder.parent / "lists")):
        digest.update(file.name.encode() + file.read_bytes())
    for text in before["provenance"].drop_duplicates() if len(before) else ():
        digest.update(str(text).encode())
    return digest.hexdigest()[:8]


def _data_files(folders: Iterable[Path]) -> Iterable[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))


def _union(connection: duckdb.DuckDBPyConnection, edition: Edition, schema: str, part: str) -> pd.DataFrame:
    frames = []
    for audience in edition.audiences:
        table = f"{schema}.{quoted(f'{part}_{audience}_{edition.name}')}"
        frames.append(connection.execute(f"SELECT * FROM {table}").df().assign(audience=audience))
    return pd.concat(frames, ignore_index=True)
