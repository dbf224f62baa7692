"""The floors of a report are timed on its own charts and its own HTML."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from observatory.publish.floors import charts_cold, pdf_alone
from observatory.publish.inputs import ReportInputs
from observatory.publish.report import build_report


def test_floors_draw_every_chart_cold_and_render_the_same_pdf(
    one_chapter: Callable[..., ReportInputs], tmp_path: Path
) -> None:
    chart = '{% call chart("ranked", "startup.obstacles") %}\nTitre : Freins\n{% endcall %}\n\n'
    inputs = one_chapter(f"# Titre\n\n{chart}{chart}")
    report = build_report(inputs, tmp_path)
    seconds, count = charts_cold(inputs)
    assert seconds > 0 and count == report.figures == 2
    assert pdf_alone(report.html, tmp_path / "alone.pdf") > 0
    assert (tmp_path / "alone.pdf").read_bytes() == report.pdf.read_bytes()
