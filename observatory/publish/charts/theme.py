"""How charts look: size, type, colours.

Belongs here: the Vega-Lite configuration and the palette. Does not belong here: any one kind of chart.
The palette stays apart under the common colour deficiencies (blue and burnt orange, light and dark).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Spec = dict[str, Any]

WIDTH = 612
"""Width in CSS px of every chart: the report's text column."""

FONT = "IBM Plex Sans"
FONT_SIZE = 11.5
INK = "#1c2430"
MUTED = "#5b6675"
RULE = "#c9d0d8"
GREY = "#9aa4b0"
AUDIENCE_COLOURS: Mapping[str, str] = {"startup": "#22598f", "buyer": "#b2571b"}
LINES = ("#22598f", "#b2571b", "#4b5563", "#3b8f86", "#8a4f7d")
DIVERGING: Mapping[int, tuple[str, ...]] = {
    2: ("#c9772f", "#22598f"),
    3: ("#c9772f", "#d5d9de", "#22598f"),
    4: ("#b2571b", "#e8b483", "#8db8da", "#22598f"),
    5: ("#b2571b", "#e8b483", "#d9dde2", "#8db8da", "#22598f"),
    7: ("#8c3f0d", "#c9772f", "#e8b483", "#d9dde2", "#8db8da", "#4583b8", "#174a7c"),
}
LIGHT_COLOURS = frozenset({"#e8b483", "#d5d9de", "#d9dde2", "#8db8da"})

_CONFIG: Spec = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "text": {"fontSize": FONT_SIZE, "color": INK, "font": FONT},
    "axis": {
        "labelFontSize": FONT_SIZE,
        "labelColor": INK,
        "labelLimit": 0,
        "labelLineHeight": 14,
        "titleColor": MUTED,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
        "domainColor": RULE,
        "gridColor": "#e7eaee",
        "tickColor": RULE,
    },
}
_LOCALES: Mapping[str, Spec] = {
    "fr": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"], "percent": "\u202f%"},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""], "percent": "%"},
}


DOT: Spec = {"filled": True, "fill": "white", "stroke": INK, "strokeWidth": 1.4, "size": 32, "opacity": 1}
"""The previous edition's mark."""

WHISKER = 1.1
"""Width in px of the stroke of an interval."""

WHISKER_CAP = 5.5
"""Length in px of the stroke across each end of an interval."""

APART = 3.2
"""Half the distance in px between an interval and the previous edition's mark, which is no part of it."""

LABEL_COLUMN = 236
"""Width in px of the labels at the left of horizontal bars; the same in every chart, so that bars start on one line."""

LABEL_WIDTH = 38
"""Characters of a label's line that LABEL_COLUMN holds."""

LINE = 14
"""Height in px of a line of text."""


def view(
    layers: Sequence[Spec],
    height: float,
    language: str,
    left: float = 0,
    top: float = 0,
    bottom: float = 0,
    **more: Any,
) -> Spec:
    """A whole Vega-Lite specification: WIDTH px wide, `height` px of plot, room around it for labels.

    Nothing is measured: the same specification has the same layout wherever it is drawn.
    """
    locale = _LOCALES.get(language, _LOCALES["en"])
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH - left,
        "height": height,
        "autosize": "none",
        "padding": {"left": left, "right": 0, "top": top, "bottom": bottom},
        "config": {**_CONFIG, "locale": {"number": locale}},
        "layer": list(layers),
        **more,
    }


def wrapped(label: str, width: int = LABEL_WIDTH) -> list[str]:
    """A label on several lines, broken at ordinary spaces only."""
    lines = [""]
    for word in label.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def text_width(text: str) -> float:
    """Room in px that a value written after a bar or a point needs, its distance included."""
    return 12 + 6.6 * len(text)


def rows_of(labels: Sequence[Sequence[str]], least: int) -> tuple[list[float], float]:
    """The middle of each row in px from the top, rows being as tall as their labels; and the height of all."""
    middles: list[float] = []
    top = 0.0
    for lines in labels:
        tall = max(least, LINE * len(lines) + 5)
        middles.append(top + tall / 2)
        top += tall
    return middles, top


def whiskers(along: Literal["x", "y"], position: Spec, scale: Spec, over_bars: bool = True) -> list[Spec]:
    """The intervals of the rows that have one: a thin stroke with an end at each bound, over what is drawn before.

    `position` is the channel across, `scale` that along, without its field. Rows give `low`, `value` and `high`, and
    the colours of both halves: `inner` under the value, where a bar is below it, and `outer` above.
    """
    across = "y" if along == "x" else "x"
    halves = (("low", "value", "inner"), ("high", "value", "outer")) if over_bars else (("low", "high", "outer"),)
    layers: list[Spec] = []
    for bound, other, shade in halves:
        colour = {"field": shade, "type": "nominal", "scale": None}
        shown: Spec = {"transform": [{"filter": f"isValid(datum.high) && datum.{bound} !== datum.{other}"}]}
        layers.append(
            shown
            | {
                "mark": {"type": "rule", "strokeWidth": WHISKER},
                "encoding": {
                    across: position,
                    along: {"field": bound, **scale},
                    f"{along}2": {"field": other},
                    "color": colour,
                },
            }
        )
        layers += [
            shown
            | {
                "mark": {
                    "type": "tick",
                    "orient": "vertical" if along == "x" else "horizontal",
                    "size": WHISKER_CAP,
                    "thickness": WHISKER,
                    "opacity": 1,
                },
                "encoding": {across: position, along: {"field": end, **scale}, "color": colour},
            }
            for end in ((bound,) if over_bars else (bound, other))
        ]
    return layers


def interval_of(bounds: tuple[float, float] | None, bar: str) -> Spec:
    """What a row's data say of its interval, drawn over a bar of that colour: seen on it, printed in grey too."""
    low, high = bounds or (None, None)
    return {"low": low, "high": high, "inner": INK if bar == GREY else "white", "outer": INK}


def row_axis(height: float) -> Spec:
    """The vertical position of rows, in px."""
    return {"type": "quantitative", "scale": {"domain": [height, 0], "nice": False, "zero": False}, "axis": None}


def row_labels(labels: Sequence[Sequence[str]], middles: Sequence[float], height: float) -> Spec:
    """The labels at the left of rows."""
    values = [
        {"middle": first_line(middle, lines), "label": lines} for lines, middle in zip(labels, middles, strict=True)
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "text", "align": "right", "baseline": "middle", "lineHeight": LINE},
        "encoding": {
            "x": {"value": -9},
            "y": {"field": "middle", **row_axis(height)},
            "text": {"field": "label", "type": "nominal"},
        },
    }


def first_line(middle: float, lines: Sequence[str]) -> float:
    """Where in px the first of several lines goes so that all are centred: Vega places a text by its first line."""
    return middle - LINE * (len(lines) - 1) / 2
