"""The publish steps: the figures of a run become files, then the files become current.

Belongs here: gathering what a report needs, and where files go. Does not belong here:
what a page looks like.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from observatory.current import building, current_run, forget_other_runs, make_current
from observatory.database import connect
from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Edition
from observatory.figure_table import figures_of_current, figures_of_run, latest_run, part_of_run, weighted_in
from observatory.problems import Problem, ProblemsError
from observatory.progress import Progress, seconds
from observatory.publish.helpers import Helpers
from observatory.publish.inputs import ReportInputs, Source
from observatory.publish.report import Report, build_report
from observatory.review import renew_review
from observatory.version import code_version
from observatory.workspace import Workspace


def gather(edition: Edition, schemas: Path, reports: Path, workspace: Workspace) -> ReportInputs:
    """All that the report of an edition needs, from its latest figures and the current ones of earlier editions.

    Raises ProblemsError when the edition has no figures yet.
    """
    earlier = [name for name in edition_names(schemas) if name < edition.name and current_run(workspace, name)]
    run = _latest(edition, workspace)
    with connect(workspace, read_only=True) as connection:
        frames = [figures_of_run(connection, edition.name, run)]
        frames += [figures_of_current(connection, workspace, name) for name in earlier]
        steps = part_of_run(connection, "steps", edition.name, run)
        sources = part_of_run(connection, "sources", edition.name, run)
        weighting = part_of_run(connection, "weighting", edition.name, run)
        responses = part_of_run(connection, "responses", edition.name, run)
        weighted_before = weighted_in(connection, workspace, edition.config.previous)
    settings = workspace.settings
    previous = edition.config.previous
    return ReportInputs(
        edition=edition,
        figures=pd.concat([frame for frame in frames if len(frame)], ignore_index=True),
        steps=steps,
        responses=responses,
        weighting=weighting,
        weighted_before=weighted_before,
        sources=tuple(
            Source(name=row["file"], audience=row["audience"], rows=int(row["rows"]), sha256=row["sha256"])
            for row in sources[sources["used"].astype(bool)].to_dict("records")
        ),
        simulated=settings.simulated,
        publisher=settings.publisher or edition.config.publisher,
        code_version=code_version(),
        chart_cache=workspace.cache / "charts",
        templates=reports,
        previous=load_edition(schemas, previous) if previous in edition_names(schemas) else None,
    )


def build_outputs(
    edition: Edition, schemas: Path, reports: Path, workspace: Workspace, progress: Progress, by: Helpers | None = None
) -> Report:
    """Build the files of the edition's latest figures beside the current ones, which stay what everybody sees."""
    inputs = gather(edition, schemas, reports, workspace)
    own = inputs.figures[inputs.figures["edition"] == edition.name]
    with building(workspace, edition.name, _latest(edition, workspace)) as folder:
        table = folder / f"chiffres-{edition.name}.csv"
        report = build_report(inputs, folder, progress.doing, by, lambda: own.to_csv(table, index=False))
    progress.say(f"{report.pages} pages, {report.figures} figures")
    progress.say(f"graphiques en {seconds(report.seconds['charts'])}")
    progress.say(f"mise en pages en {seconds(report.seconds['pdf'])}")
    return report


def publish_outputs(edition: Edition, workspace: Workspace, progress: Progress | None = None) -> Path:
    """Make the files just built, and the figures they were made from, the current ones; returns their folder.

    Raises ProblemsError when they were not built.
    """
    make_current(workspace, edition.name, _latest(edition, workspace))
    filled = _renew_review(edition, workspace)
    if progress is not None:
        progress.warn(filled)
    forget_other_runs(workspace, edition.name)
    return workspace.output(edition.name)


def _renew_review(edition: Edition, workspace: Workspace) -> list[Problem]:
    """The spreadsheets of this run replace those of the last; gives a warning for each that the team has begun."""
    deposits = f"corrections/{edition.name}"
    return [
        Problem(
            file=f"review/{edition.name}/{sheet.name}",
            found="un tableur d'une exécution précédente, modifié et pas déposé ; il est gardé sous ce nom",
            expected=f"chaque tableur rempli dans {deposits}",
            action=f"déposez-le dans {deposits}, puis relancez ; s'il ne sert plus, supprimez-le",
            severity="warning",
        )
        for sheet in renew_review(workspace, edition.name)
    ]


def _latest(edition: Edition, workspace: Workspace) -> str:
    with connect(workspace, read_only=True) as connection:
        run = latest_run(connection, edition.name)
    if run is None:
        raise ProblemsError([_no_figures(edition)])
    return run


def _no_figures(edition: Edition) -> Problem:
    return Problem(
        found=f"aucun chiffre pour l'édition {edition.name}",
        expected="des chiffres calculés",
        action=f"lancez « observatory run {edition.name} »",
    )
