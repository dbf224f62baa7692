"""The ingest step: what lies in the inbox becomes `raw.<audience>_<edition>`.

Belongs here: reading the inbox into the database. Does not belong here: how a file is
read or how columns are matched.
"""

from __future__ import annotations

import pandas as pd

from observatory.database import connect, replace_table, transaction
from observatory.editions.model import Audience, Edition
from observatory.ingest.inbox import Ingested, read_inbox
from observatory.problems import Problem, ProblemsError
from observatory.progress import Progress
from observatory.workspace import Workspace


def ingest(edition: Edition, audience: Audience, workspace: Workspace, progress: Progress) -> Ingested:
    """Read one audience's inbox and replace its raw tables, in one transaction.

    `raw.<audience>_<edition>`: one row a respondent's row, all text; `raw.files_<audience>_<edition>`: one row a file.
    Raises ProblemsError when a file is refused or simulated answers meet real ones; the tables then stay as they were.
    """
    ingested = read_inbox(edition, audience, workspace)
    _refuse_mixture(ingested, workspace, edition, audience)
    with connect(workspace, waiting=progress.say) as connection, transaction(connection):
        replace_table(connection, "raw", f"{audience}_{edition.name}", ingested.table)
        replace_table(connection, "raw", f"files_{audience}_{edition.name}", ingested.files)
    progress.say(f"{len(ingested.table)} réponses dans {len(ingested.files)} fichier(s)")
    progress.warn(ingested.problems)
    return ingested


def _refuse_mixture(ingested: Ingested, workspace: Workspace, edition: Edition, audience: Audience) -> None:
    marked: pd.Series[bool] = ingested.table["simulated"] == "true"
    real = sorted(set(ingested.table.loc[~marked.fillna(False), "file"]))
    if workspace.settings.simulated and real:
        found, action = "de vraies réponses dans un espace simulé", "mettez-les dans un autre espace de travail"
    elif not workspace.settings.simulated and marked.any():
        real = sorted(set(ingested.table.loc[marked.fillna(False), "file"]))
        found, action = "des réponses simulées parmi de vraies", "retirez ces fichiers du dépôt"
    else:
        return
    raise ProblemsError(
        [
            Problem(
                file=f"inbox/{edition.name}/{audience}/{name}",
                found=found,
                expected="un espace de travail tout simulé ou tout réel",
                action=action,
            )
            for name in real
        ]
    )
