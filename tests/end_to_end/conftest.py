"""The command as its users run it: a process of its own, on a workspace of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.end_to_end.tiny import ROOT, TINY, Command, arguments


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def command(workspace: Path) -> Command:
    """Run `observatory` on the test's workspace and the tiny edition; returns the finished process."""

    def run(
        *words: str, schemas: Path = TINY, at: Path = workspace, environment: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments(at, *words, schemas=schemas),
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run
