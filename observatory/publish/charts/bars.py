"""Horizontal bars with an optional dot and interval, shared by several kinds.

Belongs here: the specification. Does not belong here: which figures are shown, or in what order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from observatory.publish.charts.theme import (
    APART,
    DOT,
    INK,
    LABEL_COLUMN,
    MUTED,
    RULE,
    WIDTH,
    Spec,
    interval_of,
    row_axis,
    row_labels,
    rows_of,
    text_width,
    view,
    whiskers,
    wrapped,
)

_ROW = 19
_BAR = 13
_CLOSE = 15
"""From one bar to the next of the same label, in px."""
_BETWEEN = 12
"""Between two groups of bars, in px."""


@dataclass(frozen=True)
class Bar:
    """One row: `text` is the value as written; no value draws the text alone."""

    label: str
    value: float | None
    text: str
    colour: str
    dot: float | None = None
    interval: tuple[float, float] | None = None


def horizontal_bars(bars: Sequence[Bar], language: str) -> Spec:
    """Bars in the given order, values written at their end. Bars without a label stand close under the one before."""
    groups = _groups(bars)
    labels = [wrapped(bars[group[0]].label) for group in groups]
    grouped = len(groups) < len(bars)
    least = max(_CLOSE * (len(group) - 1) for group in groups) + (_BAR + _BETWEEN if grouped else _ROW)
    centres, height = rows_of(labels, least)
    middles = [
        centre + _CLOSE * (place - (len(group) - 1) / 2)
        for centre, group in zip(centres, groups, strict=True)
        for place in range(len(group))
    ]
    ends = [max(bar.value or 0, bar.dot or 0, bar.interval[1] if bar.interval else 0) for bar in bars]
    values = [
        {
            "middle": middle,
            "zero": 0,
            "value": bar.value,
            "text": bar.text,
            "colour": bar.colour,
            "dot": bar.dot,
            **interval_of(bar.interval, bar.colour),
            "above": middle - (APART if bar.interval and bar.dot is not None else 0),
            "below": middle + (APART if bar.interval and bar.dot is not None else 0),
            "end": end,
            "ink": MUTED if bar.value is None else INK,
        }
        for middle, bar, end in zip(middles, bars, ends, strict=True)
    ]
    room = WIDTH - LABEL_COLUMN
    domain = [0, max([*ends, 0.01]) * room / (room - text_width(max((bar.text for bar in bars), key=len)))]
    x = {"type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": None}
    y = {"field": "middle", **row_axis(height)}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.value !== null"}],
            "mark": {"type": "bar", "orient": "horizontal", "height": _BAR},
            "encoding": {
                "x": {"field": "zero", **x},
                "x2": {"field": "value"},
                "y": y,
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
        {
            "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 9, "fontWeight": 500},
            "encoding": {
                "x": {"field": "end", **x},
                "y": y,
                "text": {"field": "text", "type": "nominal"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        {"mark": {"type": "rule", "color": RULE}, "encoding": {"x": {"datum": 0, **x}}},
        row_labels(labels, centres, height),
    ]
    if any(bar.interval for bar in bars):
        layers += whiskers("x", {**y, "field": "above"}, x)
    if any(bar.dot is not None for bar in bars):
        layers.append(
            {
                "transform": [{"filter": "datum.dot !== null"}],
                "mark": {"type": "point", **DOT},
                "encoding": {"x": {"field": "dot", **x}, "y": {**y, "field": "below"}},
            }
        )
    return view(layers, height, language, left=LABEL_COLUMN, data={"values": values})


def _groups(bars: Sequence[Bar]) -> list[list[int]]:
    """The places of the bars that share a label: the first has it, the others have none."""
    groups: list[list[int]] = []
    for place, bar in enumerate(bars):
        if bar.label or not groups:
            groups.append([])
        groups[-1].append(place)
    return groups
