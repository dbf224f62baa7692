"""The main job as the README promises it: simulated waves in, a barometer marked as simulated out."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from observatory.editions.load import edition_names, load_edition
from observatory.figure_table import FIGURE_COLUMNS
from tests.end_to_end.tiny import ROOT

SCHEMAS = ROOT / "survey_schemas"
EDITIONS = edition_names(SCHEMAS)[-2:]


def observatory(workspace: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "observatory.cli", *words, "--workspace", str(workspace)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated") / "workspace"
    observatory(folder, "simulate", *EDITIONS)
    said = observatory(folder, "run", *EDITIONS)
    assert "Ensuite" in said
    return folder


@pytest.mark.xdist_group("barometer")
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_report_is_long_enough_and_every_page_says_that_it_is_simulated(workspace: Path, edition: str) -> None:
    reader = pypdf.PdfReader(workspace / "output" / edition / f"barometre-{edition}.pdf")
    assert len(reader.pages) >= 25
    for number, page in enumerate(reader.pages, start=1):
        assert "simulées" in page.extract_text(), f"page {number}"
    assert reader.outline, "no bookmarks"


@pytest.mark.xdist_group("barometer")
def test_the_printed_figures_are_those_of_the_published_file_with_their_labels(workspace: Path) -> None:
    last = EDITIONS[-1]
    printed = observatory(workspace, "figures", last, "--format", "csv")
    assert printed == (workspace / "output" / last / f"chiffres-{last}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert tuple(rows[0]) == FIGURE_COLUMNS
    edition = load_edition(SCHEMAS, last)
    labels = {
        choice.code: edition.text(choice.label)
        for choice in edition.choices(edition.questionnaires["startup"].question("obstacles"))
    }
    shown = {
        row["option"]: row["label"]
        for row in rows
        if (row["indicator"], row["statistic"], row["breakdown"]) == ("startup.obstacles", "share", "")
    }
    assert shown == labels
    minimum = edition.config.thresholds.minimum_base
    for row in rows:
        if row["suppressed"] == "True":
            assert not any(row[name] for name in ("value", "low", "high", "n", "n_eff"))
        elif row["n"]:
            assert int(row["n"]) >= minimum


@pytest.mark.xdist_group("barometer")
def test_335_startups_and_181_buyers_answer_in_a_simulated_edition(workspace: Path) -> None:
    printed = observatory(workspace, "figures", EDITIONS[-1], "--format", "csv")
    counts = {
        row["indicator"]: float(row["value"])
        for row in csv.DictReader(io.StringIO(printed))
        if row["indicator"].endswith(".respondents") and not row["breakdown"]
    }
    assert counts == {"startup.respondents": 335, "buyer.respondents": 181}


def test_prose_asks_only_for_indicators_that_some_edition_has() -> None:
    """`asked("…")` is false for an indicator that an edition lacks: a typo in it would hide a section for ever."""
    known = {item.id for name in edition_names(SCHEMAS) for item in load_edition(SCHEMAS, name).indicators}
    named = {
        name
        for file in (ROOT / "reports").rglob("*.md")
        for name in re.findall(r'asked\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= known
