"""The processes of one report.

Belongs here: which helpers a report has. Does not belong here: how they live (apart.py), what they do (drawing.py,
pdf.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from observatory.publish.apart import Helper
from observatory.publish.drawing import drawing_helper
from observatory.publish.pdf import layout_helper


@dataclass(frozen=True)
class Helpers:
    """One that draws the charts, and one that lays out the pages."""

    charts: Helper
    layout: Helper


@contextmanager
def helpers() -> Iterator[Helpers]:
    """Helpers for one report, best started long before it: they get ready meanwhile."""
    with layout_helper() as layout, drawing_helper() as charts:
        yield Helpers(charts, layout)
