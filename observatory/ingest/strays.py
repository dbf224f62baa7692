"""Files of an edition's inbox that no audience owns: beside the audiences' folders, or in one misnamed.

Belongs here: finding and naming them. Does not belong here: the files of an audience
(inbox.py).
"""

from __future__ import annotations

from observatory.editions.model import AUDIENCES, Audience, Edition
from observatory.ingest.deposits import deposits
from observatory.phrases import listed
from observatory.problems import Problem
from observatory.workspace import Workspace


def stray_files(edition: Edition, workspace: Workspace) -> list[str]:
    """Their paths from `inbox/<edition>/`, sorted, then, from the workspace, those in no edition's folder."""
    folder = workspace.inbox(edition.name, AUDIENCES[0]).parent
    names = []
    for name, _ in deposits(folder):
        audience, inside, _ = name.partition("/")
        if not inside or audience not in edition.audiences:
            names.append(name)
    for name, _ in deposits(folder.parent):
        first, inside, _ = name.partition("/")
        if not inside or first in AUDIENCES:
            names.append(f"{folder.parent.name}/{name}")
    return names


def stray_warnings(edition: Edition, audience: Audience, workspace: Workspace) -> list[Problem]:
    """One warning that names them, given with the edition's first audience only, not to be said twice."""
    if audience != next(one for one in AUDIENCES if one in edition.audiences):
        return []
    names = stray_files(edition, workspace)
    if not names:
        return []
    folders = expected_folders(edition)
    return [
        Problem(
            file=f"inbox/{edition.name}",
            found=f"hors du dossier d'un public, donc non lu : {listed(names)}",
            expected=f"les exports dans {folders}",
            action=f"si ce sont des réponses, déplacez ces fichiers dans {folders}, puis relancez",
            severity="warning",
        )
    ]


def expected_folders(edition: Edition) -> str:
    return " ou ".join(f"inbox/{edition.name}/{one}/" for one in AUDIENCES if one in edition.audiences)
