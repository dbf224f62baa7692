"""Whoever waits sees what is being done."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from observatory.workspace import Workspace
from tests.end_to_end.tiny import ROOT, Command, answers, arguments, fill


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


STOPPED = "Édition 2025 : arrêtée à votre demande. Rien n'a changé : chiffres et fichiers précédents restent en place."


@pytest.mark.parametrize("seen", ["Édition 2025", "✓ Lecture", "✓ Vérification", "✓ Table des chiffres"])
def test_ctrl_c_says_what_it_leaves_behind(workspace: Path, seen: str) -> None:
    fill(workspace, answers())
    process = subprocess.Popen(
        arguments(workspace, "run", "2025"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line.rstrip("\n"))
        if seen in line:
            process.send_signal(signal.SIGINT)
            break
    else:
        raise AssertionError(said)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=3)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # as a person does where the first was lost on a library being loaded
    said += process.stderr.read().splitlines()
    assert process.wait(timeout=60) == 130, said
    assert said[-1] == STOPPED
    assert [line for line in said if not line.startswith(("Édition 2025", "  ✓ ", "  ✗ "))] == []
    assert not Workspace(workspace).output("2025").exists()


def test_indicators_stay_whole_on_a_narrow_terminal(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    printed = command("figures", "2025", environment={"COLUMNS": "60"}).stdout
    *lines, last = printed.splitlines()
    assert any(line.startswith("buyer.obstacles ") and " part " in line for line in lines)
    assert not {"share", "total_share", "median", "mean"} & set(printed.split())
    assert "--indicator" in last and str(Workspace(workspace).output("2025") / "chiffres-2025.csv") in last
