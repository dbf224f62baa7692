"""Simulated answers and real ones never meet in one workspace.

Belongs here: the refusal of a mixture, for the run and for the check. Does not belong
here: how a file says that its answers are simulated (tools/).
"""

from __future__ import annotations

from observatory.editions.model import Audience, Edition
from observatory.ingest.inbox import Ingested
from observatory.problems import Problem, ProblemsError
from observatory.workspace import Workspace


def refuse_mixture(ingested: Ingested, workspace: Workspace, edition: Edition, audience: Audience) -> None:
    """Raise ProblemsError, one problem a file, where the workspace is simulated and answers are not, or the reverse."""
    if workspace.settings.simulated:
        files = ingested.marked_simulated(False)
        found, action = "de vraies réponses dans un espace simulé", "mettez-les dans un autre espace de travail"
    else:
        files = ingested.marked_simulated(True)
        found, action = "des réponses simulées parmi de vraies", "retirez ces fichiers du dépôt"
    if not files:
        return
    raise ProblemsError(
        [
            Problem(
                file=f"inbox/{edition.name}/{audience}/{name}",
                found=found,
                expected="un espace de travail tout simulé ou tout réel",
                action=action,
            )
            for name in files
        ]
    )
