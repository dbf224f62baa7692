"""Simulated answers and real ones never meet in one workspace.

Belongs here: the refusal of a mixture, for the run and for the check. Does not belong
here: how a file says that its answers are simulated (tools/).
"""

from __future__ import annotations

import pandas as pd

from observatory.editions.model import Audience, Edition
from observatory.ingest.inbox import Ingested
from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace


def refuse_mixture(ingested: Ingested, workspace: Workspace, edition: Edition, audience: Audience) -> None:
    """Raise ProblemsError, one problem a file, where the workspace is simulated and answers are not, or the reverse."""
    marked: pd.Series[bool] = (ingested.table["simulated"] == "true").fillna(False)
    if workspace.settings.simulated:
        files = ingested.table.loc[~marked, "file"]
        found, action = "de vraies réponses dans un espace simulé", "mettez-les dans un autre espace de travail"
    else:
        files = ingested.table.loc[marked, "file"]
        found, action = "des réponses simulées parmi de vraies", "retirez ces fichiers du dépôt"
    if files.empty:
        return
    raise ProblemsError(
        [
            Problem(
                file=f"inbox/{edition.name}/{audience}/{name}",
                found=found,
                expected="un espace de travail tout simulé ou tout réel",
                action=action,
            )
            for name in sorted(set(files))
        ]
    )
