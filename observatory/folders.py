"""Which folders one command works with.

Belongs here: options, environment variables and defaults, decided once, at the edge. The
standard library only: `observatory doctor` asks when packages are missing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

WORKSPACE_VARIABLE = "OBSERVATORY_WORKSPACE"
SCHEMAS_VARIABLE = "OBSERVATORY_SCHEMAS"
REPORTS_VARIABLE = "OBSERVATORY_REPORTS"


@dataclass(frozen=True)
class Folders:
    """The workspace, the editions, the reports."""

    workspace: Path
    schemas: Path
    reports: Path

    def environment(self) -> dict[str, str]:
        """The variables that give another process the same folders."""
        return {
            WORKSPACE_VARIABLE: str(self.workspace.resolve()),
            SCHEMAS_VARIABLE: str(self.schemas.resolve()),
            REPORTS_VARIABLE: str(self.reports.resolve()),
        }


def folders(
    workspace: Path | None = None, schemas: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Folders:
    """The folders: an option wins over its variable, then comes the folder found here, then the package's own."""
    return Folders(
        workspace=workspace or Path(environment.get(WORKSPACE_VARIABLE, "workspace")),
        schemas=schemas or _folder(environment.get(SCHEMAS_VARIABLE), "survey_schemas"),
        reports=_folder(environment.get(REPORTS_VARIABLE), "reports"),
    )


def _folder(variable: str | None, name: str) -> Path:
    if variable:
        return Path(variable)
    if Path(name).is_dir():
        return Path(name)
    return Path(str(resources.files("observatory"))).parent / name
