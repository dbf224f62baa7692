"""The least time a report can take: its parts alone, for the benchmark.

Belongs here: timing what nothing can avoid. Does not belong here: making a report (report.py).
"""

from __future__ import annotations

import time
from pathlib import Path

from observatory.publish.drawing import draw
from observatory.publish.inputs import ReportInputs
from observatory.publish.pdf import render_pdf
from observatory.publish.report import write


def charts_cold(inputs: ReportInputs) -> tuple[float, int]:
    """Seconds to draw every chart of the report without a kept drawing, and how many there are."""
    specs = write(inputs).specs
    start = time.perf_counter()
    draw(specs)
    return time.perf_counter() - start, len(specs)


def pdf_alone(html_path: Path, pdf_path: Path) -> float:
    """Seconds that WeasyPrint takes for a report's HTML, with the settings of the report, its import left out."""
    import weasyprint  # noqa: F401 - imports have a floor of their own

    start = time.perf_counter()
    render_pdf(html_path, pdf_path)
    return time.perf_counter() - start
