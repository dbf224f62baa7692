"""The folders of one command as the objects that the library works with.

Belongs here: the workspace made from its folder. Which folders: folders.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from observatory.folders import Folders, folders
from observatory.workspace import Workspace


@dataclass(frozen=True)
class Locations:
    """The three places a command works with."""

    workspace: Workspace
    schemas: Path
    reports: Path

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same places."""
        return Folders(self.workspace.root, self.schemas, self.reports).environment()


def locations(workspace: Path | None = None, schemas: Path | None = None) -> Locations:
    """The places by option, environment variable or default."""
    found = folders(workspace, schemas)
    return Locations(Workspace(found.workspace), found.schemas, found.reports)
