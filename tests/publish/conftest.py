"""The published edition, on synthetic figures: written once, rendered once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Edition
from observatory.publish.inputs import ReportInputs, Source
from observatory.publish.report import Report, build_report
from tests.publish.synthetic_figures import synthetic_figures

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def editions() -> list[Edition]:
    """Every edition of the checkout, oldest first."""
    schemas = ROOT / "survey_schemas"
    return [load_edition(schemas, name) for name in edition_names(schemas)]


@pytest.fixture(scope="session")
def inputs(editions: list[Edition], tmp_path_factory: pytest.TempPathFactory) -> ReportInputs:
    """The inputs of the last edition's report, on simulated data."""
    steps = [
        (audience, step, label, count)
        for audience, count in (("startup", 335), ("buyer", 181))
        for step, label, count in (("received", "Réponses reçues", count + 31), ("used", "Réponses exploitées", count))
    ]
    return ReportInputs(
        edition=editions[-1],
        figures=synthetic_figures(editions),
        steps=pd.DataFrame(steps, columns=["audience", "step", "label", "count"]),
        sources=(Source("startups.csv", "startup", 366, "a3f5" * 16), Source("buyers.xlsx", "buyer", 212, "b77c" * 16)),
        simulated=True,
        publisher=editions[-1].config.publisher,
        code_version="test",
        chart_cache=tmp_path_factory.mktemp("charts"),
        templates=ROOT / "reports",
        previous=editions[-2],
    )


@pytest.fixture(scope="session")
def report(inputs: ReportInputs, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The whole report, rendered."""
    return build_report(inputs, tmp_path_factory.mktemp("report"))


@pytest.fixture
def one_chapter(inputs: ReportInputs, tmp_path: Path) -> OneChapter:
    """A report of one chapter, written in the test."""
    return OneChapter(inputs, tmp_path)


class OneChapter:
    """Makes inputs whose edition carries its own `report/` of one chapter."""

    def __init__(self, inputs: ReportInputs, folder: Path) -> None:
        self._inputs, self._folder = inputs, folder

    def __call__(self, text: str, figures: pd.DataFrame | None = None, annexes: str = "[]") -> ReportInputs:
        """Inputs of a report whose only chapter is this text."""
        own = self._folder / "report"
        chapters = own / self._inputs.edition.language / "chapters"
        chapters.mkdir(parents=True, exist_ok=True)
        (chapters / "only.md").write_text(text, encoding="utf-8")
        plan = (
            f"chapters: [{{chapter: only}}]\nannexes: {annexes}\nstyles: [fonts.css, page.css, text.css, figures.css]\n"
        )
        (own / "report.yaml").write_text(plan, encoding="utf-8")
        edition = self._inputs.edition.model_copy(update={"folder": self._folder})
        return replace(self._inputs, edition=edition, figures=self._inputs.figures if figures is None else figures)
