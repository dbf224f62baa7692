"""The validate step: `raw.<audience>_<edition>` becomes `validated.<audience>_<edition>`.

Belongs here: moving tables between the database and the rules. Does not belong here: the
rules.
"""

from __future__ import annotations

from observatory.database import connect, quoted, replace_table, transaction
from observatory.editions.model import Audience, Edition
from observatory.progress import Progress
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import Validated, validate
from observatory.validate.quarantine import write_quarantine
from observatory.workspace import REVIEW_PREFIX, Workspace


def validate_answers(edition: Edition, audience: Audience, workspace: Workspace, progress: Progress) -> Validated:
    """Check one audience's raw answers and replace its validated tables, in one transaction.

    `validated.<audience>_<edition>`: one row a respondent kept. Beside it, for the team: `refused_…` (one row a
    refused value), `removed_…` (one row a respondent left out), `decisions_…`, `corrections_…`, `steps_…`.
    Raises ProblemsError when no answer can be used.
    """
    name = f"{audience}_{edition.name}"
    with connect(workspace, waiting=progress.say) as connection:
        raw = connection.execute(f"SELECT * FROM raw.{quoted(name)}").df()
    corrections, problems = read_corrections(workspace.corrections(edition.name))
    progress.warn(problems)
    validated = validate(edition, audience, raw, corrections)
    with connect(workspace, waiting=progress.say) as connection, transaction(connection):
        replace_table(connection, "validated", name, validated.table)
        for part in ("refused", "removed", "decisions", "corrections", "steps"):
            replace_table(connection, "validated", f"{part}_{name}", getattr(validated, part))
    _prepare_review(edition, audience, validated, workspace)
    progress.warn(validated.problems)
    progress.say(f"{len(validated.table)} répondants retenus, {len(validated.refused)} valeurs refusées")
    applied = int((validated.corrections["status"] == "applied").sum())
    if len(validated.corrections):
        progress.say(f"{applied} corrections appliquées sur {len(validated.corrections)}")
    return validated


def _prepare_review(edition: Edition, audience: Audience, validated: Validated, workspace: Workspace) -> None:
    """What the team is to correct or decide; it reaches the review folder when the run becomes current."""
    pending = workspace.pending_review(edition.name)
    pending.mkdir(parents=True, exist_ok=True)
    file = pending / f"{REVIEW_PREFIX}{audience}.xlsx"
    if any(len(part) for part in (validated.refused, validated.removed, validated.decisions, validated.corrections)):
        write_quarantine(edition, [validated], file)
    else:
        file.unlink(missing_ok=True)
