"""The validate step: `raw.<audience>_<edition>` becomes `validated.<audience>_<edition>`.

Belongs here: moving tables between the database and the rules, and preparing the team's
spreadsheet. Does not belong here: the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from observatory.database import connect, quoted, replace_table, transaction
from observatory.editions.model import Audience, Edition
from observatory.problems import Problem
from observatory.progress import Progress
from observatory.review import prepare_sheet
from observatory.validate.corrections import Fault, read_with_faults
from observatory.validate.duplicates import OPEN, REMOVED
from observatory.validate.pipeline import Validated, validate
from observatory.validate.quarantine import quarantine
from observatory.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pandas as pd


def validate_answers(edition: Edition, audience: Audience, workspace: Workspace, progress: Progress) -> Validated:
    """Check one audience's raw answers and replace its validated tables, in one transaction.

    `validated.<audience>_<edition>`: one row a respondent kept. Beside it, one table for each other frame of Validated,
    `refused_<audience>_<edition>` and so on; `refused_…` holds the refused values themselves, `duplicates_…` SIRENs and
    names.
    What the team is to correct or decide becomes a spreadsheet, which waits for the run to become current.
    Raises ProblemsError when no answer can be used.
    """
    name = f"{audience}_{edition.name}"
    with connect(workspace, waiting=progress.notice) as connection:
        raw = raw_in_order(connection, name)
    corrections, faults = read_with_faults(workspace.corrections(edition.name))
    progress.warn(_told_with(edition, audience, faults))
    validated = validate(edition, audience, raw, corrections)
    with connect(workspace, waiting=progress.notice) as connection, transaction(connection):
        replace_table(connection, "validated", name, validated.table)
        for part in ("refused", "removed", "duplicates", "corrections", "steps"):
            replace_table(connection, "validated", f"{part}_{name}", getattr(validated, part))
    prepare_sheet(workspace, edition.name, audience, _sheet(edition, validated))
    progress.warn(validated.problems)
    progress.say(f"{len(validated.table)} répondants retenus, {len(validated.refused)} valeurs refusées")
    if len(validated.duplicates):
        counts = validated.duplicates["situation"].value_counts()
        removed, waiting = int(counts.get(REMOVED, 0)), int(counts.get(OPEN, 0))
        progress.say(f"Doublons, listés pour l'équipe : réponses retirées : {removed}, à décider : {waiting}")
    applied = int((validated.corrections["status"] == "applied").sum())
    if len(validated.corrections):
        progress.say(f"{applied} corrections appliquées sur {len(validated.corrections)}")
    return validated


def _told_with(edition: Edition, audience: Audience, faults: list[Fault]) -> list[Problem]:
    """Every audience reads all the files; what is about none of them is told with the first, once."""
    first = audience == edition.audiences[0]
    return [
        fault.problem
        for fault in faults
        if fault.audience == audience or (first and fault.audience not in edition.audiences)
    ]


def raw_in_order(connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    """The raw answers in the order of their files in the inbox, and of their rows in each: large tables have none."""
    files = connection.execute(f"SELECT file FROM raw.{quoted(f'files_{name}')}").fetchall()
    places = [file for (file,) in files]
    query = f'SELECT * FROM raw.{quoted(name)} ORDER BY list_position(?, file), "row"'
    return connection.execute(query, [places]).df()


def _sheet(edition: Edition, validated: Validated) -> bytes | None:
    """What the team is to correct or decide, and what became of its corrections; None when there is none of it."""
    if any(len(part) for part in (validated.refused, validated.removed, validated.duplicates, validated.corrections)):
        return quarantine(edition, [validated])
    return None
