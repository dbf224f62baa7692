"""The processes of one report.

Belongs here: which helpers a report has. Does not belong here: how they live (apart.py), what they do (drawing.py,
pdf.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from observatory.publish.apart import Helper
from observatory.publish.drawing import drawing_helper
from observatory.publish.pdf import layout_helper


@dataclass(frozen=True)
class Helpers:
    """Two that draw, and one that lays out the pages."""

    charts: tuple[Helper, ...]
    layout: Helper


@contextmanager
def helpers() -> Iterator[Helpers]:
    """Helpers for one report, best started long before it: they get ready meanwhile."""
    with ExitStack() as stack:
        layout = stack.enter_context(layout_helper())
        yield Helpers(tuple(stack.enter_context(drawing_helper()) for _ in range(2)), layout)
