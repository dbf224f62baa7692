"""The tiny edition: its export, and the command on it as a process of its own."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stdnum import luhn

from observatory.workspace import Workspace

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "editions" / "tiny"

HEADINGS = ["id", "SIREN", "Taille", "Vos freins", "Achats totaux", "Achats auprès de start-up"]


def siren(number: int) -> str:
    """The number-th valid SIREN that no firm has."""
    stem = f"{90000000 + number:08d}"
    return stem + luhn.calc_check_digit(stem)


def answers(shift: int = 0, count: int = 12) -> list[list[str]]:
    """Rows of an export of the tiny edition; `shift` gives other amounts and obstacles."""
    obstacles = ["Trouver des start-up", "Règles, procédures", "Trouver des start-up;Règles, procédures", "Aucun"]
    return [
        [
            str(number),
            siren(number),
            ("Petite", "Grande")[number % 2],
            obstacles[(number + shift) % 4],
            str(1000 * number),
            str(100 * number + shift),
        ]
        for number in range(1, count + 1)
    ]


def fill(workspace: Path, rows: list[list[str]], name: str = "export.csv", headings: list[str] = HEADINGS) -> Path:
    """Write one export into the buyers' inbox of the tiny edition."""
    file = Workspace(workspace).inbox("2025", "buyer") / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([headings, *rows])
    return file


def arguments(workspace: Path, *words: str, schemas: Path = TINY) -> list[str]:
    places = ["--workspace", str(workspace), "--schemas", str(schemas)]
    return [sys.executable, "-m", "observatory.cli", *words, *places]


Command = Callable[..., subprocess.CompletedProcess[str]]
