"""Whatever happens to a run, figures and outputs are those of the last complete one."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import time
from pathlib import Path

from observatory.current import current_run
from observatory.database import connect
from observatory.workspace import Workspace
from tests.end_to_end.tiny import ROOT, Command, answers, arguments, fill

MOMENTS = 20
SEED = 20251122


def seen(workspace: Path, command: Command) -> tuple[str, str]:
    """What everybody sees: the digest of the PDF and the figures as printed."""
    pdf = workspace / "output" / "2025" / "barometre-2025.pdf"
    printed = command("figures", "2025", "--format", "csv")
    assert printed.returncode == 0, printed.stderr
    return hashlib.sha256(pdf.read_bytes()).hexdigest(), printed.stdout


def test_killed_at_twenty_moments_the_last_complete_run_stays(workspace: Path, command: Command) -> None:
    waves = [answers(shift) for shift in (0, 1)]
    complete: list[tuple[str, str]] = []
    durations = []
    for wave in waves:
        fill(workspace, wave)
        started = time.monotonic()
        assert command("run", "2025").returncode == 0
        durations.append(time.monotonic() - started)
        complete.append(seen(workspace, command))
    assert complete[0] != complete[1]

    moments = random.Random(SEED)
    interrupted = 0
    for attempt in range(MOMENTS):
        # The deposit holds the other wave: a mixture of the two would show.
        fill(workspace, waves[attempt % 2])
        before = current_run(Workspace(workspace), "2025")
        process = subprocess.Popen(
            arguments(workspace, "run", "2025"), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        started = time.monotonic()
        try:
            process.wait(timeout=moments.uniform(0.05, 1.0) * min(durations))
            durations.append(time.monotonic() - started)  # a machine less busy by now must not let every run end
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        interrupted += current_run(Workspace(workspace), "2025") == before
        assert seen(workspace, command) in complete
    assert interrupted >= MOMENTS // 2, "most runs must have been killed before their end, or nothing was tested"

    fill(workspace, waves[0])
    assert command("run", "2025").returncode == 0
    assert seen(workspace, command) == complete[0]
    assert len(list((workspace / "output" / ".runs").iterdir())) == 1, "the leavings of killed runs are cleared away"


def test_two_runs_on_the_same_inputs_give_the_same_bytes(workspace: Path, command: Command, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    results = []
    for place in (workspace, workspace, elsewhere):
        fill(place, answers())
        assert command("run", "2025", at=place).returncode == 0
        folder = place / "output" / "2025"
        results.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert len(results[0]) >= 3
    assert results[0] == results[1] == results[2]


def test_a_second_run_waits_and_says_so(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    place = Workspace(workspace)
    with place.lock(lambda _: None):
        refused = command("run", "2025", "--no-wait")
        second = subprocess.Popen(
            arguments(workspace, "run", "2025"), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(3)
        assert second.poll() is None
    assert refused.returncode != 0
    assert "une autre exécution" in refused.stderr
    _, said = second.communicate(timeout=120)
    assert second.returncode == 0
    assert "j'attends" in said


def test_the_same_file_twice_changes_nothing(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    figures = command("figures", "2025", "--format", "csv").stdout
    fill(workspace, answers(), name="export (1).csv")
    assert command("run", "2025").returncode == 0
    assert command("figures", "2025", "--format", "csv").stdout == figures


def test_a_file_withdrawn_takes_its_answers_with_it(workspace: Path, command: Command) -> None:
    fill(workspace, answers(count=12))
    more = [[str(100 + int(row[0])), *row[1:]] for row in answers(count=15)[12:]]
    extra = fill(workspace, more, name="partenaire.csv")
    assert command("run", "2025").returncode == 0
    assert "buyer.respondents,,,,Répondants,count,15.0" in command("figures", "2025", "--format", "csv").stdout
    extra.unlink()
    assert command("run", "2025").returncode == 0
    assert "buyer.respondents,,,,Répondants,count,12.0" in command("figures", "2025", "--format", "csv").stdout


def test_with_the_database_set_aside_everything_is_made_again_from_the_inbox(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    before = seen(workspace, command)
    (workspace / "observatory.duckdb").rename(workspace / "de-cote.duckdb")
    told = command("figures", "2025")
    assert told.returncode != 0
    assert "observatory run 2025" in told.stderr
    assert "Traceback" not in told.stderr
    assert command("run", "2025").returncode == 0
    assert seen(workspace, command) == before


def test_a_held_database_is_said_while_waiting(workspace: Path, command: Command) -> None:
    fill(workspace, answers())
    assert command("run", "2025").returncode == 0
    with connect(Workspace(workspace)):
        waiting = subprocess.Popen(arguments(workspace, "run", "2025"), cwd=ROOT, stderr=subprocess.PIPE, text=True)
        assert waiting.stderr is not None
        said = ""
        while "j'attends" not in said and (line := waiting.stderr.readline()):
            said += line
        assert "j'attends" in said
        assert waiting.poll() is None
    waiting.communicate(timeout=120)
    assert waiting.returncode == 0
