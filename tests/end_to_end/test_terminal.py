"""Whoever waits sees what is being done."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.end_to_end.tiny import ROOT, answers, arguments, fill


def test_the_running_step_is_shown_on_a_terminal(workspace: Path) -> None:
    fill(workspace, answers())
    ours, theirs = os.openpty()
    process = subprocess.Popen(arguments(workspace, "run", "2025"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b""
    with suppress(OSError):  # how a terminal says that nobody writes to it any more
        while read := os.read(ours, 65536):
            said += read
    os.close(ours)
    assert process.wait() == 0, said.decode()
    assert "… Baromètre : graphiques, pages, PDF : mise en pages" in said.decode()
    assert "leaked" not in said.decode(), "DuckDB's module could not be given back"
