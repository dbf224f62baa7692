"""Where things are for one command: the workspace, the editions, the reports.

Belongs here: options, environment variables and defaults, decided once, at the edge.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from observatory.workspace import Workspace

WORKSPACE_VARIABLE = "OBSERVATORY_WORKSPACE"
SCHEMAS_VARIABLE = "OBSERVATORY_SCHEMAS"
REPORTS_VARIABLE = "OBSERVATORY_REPORTS"


@dataclass(frozen=True)
class Locations:
    """The three places a command works with."""

    workspace: Workspace
    schemas: Path
    reports: Path

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same places."""
        return {
            WORKSPACE_VARIABLE: str(self.workspace.root.resolve()),
            SCHEMAS_VARIABLE: str(self.schemas.resolve()),
            REPORTS_VARIABLE: str(self.reports.resolve()),
        }


def locations(
    workspace: Path | None = None, schemas: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Locations:
    """The places: an option wins over its variable, then comes the folder found here, then the package's own."""
    return Locations(
        workspace=Workspace(workspace or Path(environment.get(WORKSPACE_VARIABLE, "workspace"))),
        schemas=schemas or _folder(environment.get(SCHEMAS_VARIABLE), "survey_schemas"),
        reports=_folder(environment.get(REPORTS_VARIABLE), "reports"),
    )


def _folder(variable: str | None, name: str) -> Path:
    if variable:
        return Path(variable)
    if Path(name).is_dir():
        return Path(name)
    return Path(str(resources.files("observatory"))).parent / name
