"""Lines over years or editions, shared by several kinds.

Belongs here: the specification: segments, points, break marks, labels at the end. Does not belong here: which figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from observatory.publish.charts.theme import GREY, LINE, MUTED, WIDTH, Spec, first_line, view, whiskers, wrapped

_HEIGHT = 150
_AXIS = 24
_TOP = 20
_SIDE = 0.09
_VALUE_SIDE = 0.14
_NAME_SIDE = 0.56
_NAME_WIDTH = 27
_VALUE_ROOM = 30
"""Room in px across that a value takes beside its point."""
_CHARACTER = 6
"""Width in px of a character of a value, about."""
_NAME_ROOM = 4
"""Room in px between two names at the end of lines."""


@dataclass(frozen=True)
class Point:
    """One value of a line at a year; `text` is what is written beside it, or nothing.

    `aside` moves it by that part of a year, so that two lines that end and begin in one year don't touch; `interval`
    has the bounds drawn around it.
    """

    year: int
    value: float
    text: str = ""
    aside: float = 0
    interval: tuple[float, float] | None = None

    @property
    def top(self) -> float:
        """The highest value drawn for this point."""
        return max(self.value, self.interval[1]) if self.interval else self.value

    @property
    def bottom(self) -> float:
        """The lowest value drawn for this point."""
        return min(self.value, self.interval[0]) if self.interval else self.value


@dataclass(frozen=True)
class Line:
    """A run of points joined by one stroke; `name`, if any, is written after the last, with its value."""

    points: tuple[Point, ...]
    colour: str
    name: str = ""
    dashed: bool = False


def year_lines(
    lines: Sequence[Line],
    language: str,
    breaks: Sequence[tuple[float, str]] = (),
    height: int = _HEIGHT,
) -> Spec:
    """Lines over whole years. `breaks` are vertical marks: where (in years), and the word beside.

    `height` is the least: the plot grows until the names at the end of its lines have room one under the other.
    """
    height = max(height, sum(LINE * len(_name(line)) + _NAME_ROOM for line in lines if line.name))
    points = [point for line in lines for point in line.points]
    years = sorted({point.year for point in points})
    low, high = min([0.0, *(point.bottom for point in points)]), max([*(point.top for point in points), 1e-9])
    room = (high - low or 1) * 0.04
    span = max(years[-1] - years[0], 1)
    named = any(line.name for line in lines)
    domain = [years[0] - span * (_VALUE_SIDE if named else _SIDE), years[-1] + span * (_NAME_SIDE if named else _SIDE)]
    x_scale = {"domain": domain, "nice": False, "zero": False}
    x = {
        "type": "quantitative",
        "scale": x_scale,
        "axis": {"values": years, "format": "d", "title": None, "grid": False, "ticks": True, "labelPadding": 4},
    }
    y = {
        "type": "quantitative",
        "scale": {"domain": [low, high + room], "nice": False, "zero": False},
        "axis": None,
    }
    drawn = [
        {
            "year": point.year + point.aside,
            "whole": point.year,
            "value": point.value,
            "text": point.text,
            "run": str(run),
            "colour": line.colour,
            "low": point.interval and point.interval[0],
            "high": point.interval and point.interval[1],
            "top": point.top,
            "bottom": point.bottom,
            # The grey of earlier editions is too light for a text or a stroke this thin.
            "outer": MUTED if line.colour == GREY else line.colour,
        }
        for run, line in enumerate(lines)
        for point in line.points
    ]
    aside = {
        (str(run), point.year)
        for run, line in enumerate(lines)
        if line.name
        for point in (line.points[0], line.points[-1])
    }
    dashed = {str(run) for run, line in enumerate(lines) if line.dashed}
    colour = {"field": "colour", "type": "nominal", "scale": None}
    layers: list[Spec] = []
    for where, word in breaks:
        layers += _break_mark(where, word, x, y, high + room)
    for dash in (False, True):
        strokes = [row for row in drawn if (row["run"] in dashed) is dash]
        if strokes:
            layers.append(
                {
                    "data": {"values": strokes},
                    "mark": {"type": "line", "strokeWidth": 2, "strokeDash": [5, 4] if dash else [1, 0]},
                    "encoding": {
                        "x": {"field": "year", **x},
                        "y": {"field": "value", **y},
                        "detail": {"field": "run", "type": "nominal"},
                        "color": colour,
                    },
                }
            )
    if any(point.interval for point in points):
        strokes = whiskers("y", {"field": "year", **x}, y, over_bars=False)
        layers += [{"data": {"values": drawn}, **layer} for layer in strokes]
    layers.append(
        {
            "data": {"values": drawn},
            "mark": {"type": "point", "filled": True, "size": 46, "opacity": 1},
            "encoding": {"x": {"field": "year", **x}, "y": {"field": "value", **y}, "color": colour},
        }
    )
    pixels = height / (high + room - low)
    written = [row for row in drawn if row["text"] and (row["run"], row["whole"]) not in aside]
    across = WIDTH / (domain[1] - domain[0])
    by_place: dict[str, list[Spec]] = {}
    taken: list[_Box] = []
    for row in written:
        boxes = {place: _box(row, place, pixels, across) for place in _free_places(row, drawn, pixels, across)}
        place = next((place for place, box in boxes.items() if not any(map(box.touches, taken))), next(iter(boxes)))
        taken.append(boxes[place])
        by_place.setdefault(place, []).append(row)
    for place, rows in by_place.items():
        edge, mark = _PLACES[place]
        layers.append(
            {
                "data": {"values": rows},
                "mark": {"type": "text", "fontWeight": 500, **mark},
                "encoding": {
                    "x": {"field": "year", **x},
                    "y": {"field": edge, **y},
                    "text": {"field": "text", "type": "nominal"},
                    "color": {**colour, "field": "outer"},
                },
            }
        )
    if named:
        layers += _side_labels(lines, x, y, high + room, pixels)
    return view(layers, height, language, top=_TOP, bottom=_AXIS)


_PLACES: dict[str, tuple[str, Spec]] = {
    "above": ("top", {"baseline": "bottom", "dy": -7}),
    "below": ("bottom", {"baseline": "top", "dy": 8}),
    "over": ("value", {"baseline": "bottom", "align": "left", "dx": 6, "dy": -3}),
    "under": ("value", {"baseline": "top", "align": "left", "dx": 6, "dy": 4}),
}
"""Where a value is written: at which field of its row, and how."""


def _free_places(row: Spec, drawn: Sequence[Spec], pixels: float, across: float) -> Iterator[str]:
    """Above the point, or below it, where no other line passes near; then right of it, on the side that its own line
    leaves free. `pixels` and `across` are px of one unit of value and of one year."""
    near = [
        other
        for other in drawn
        if other["run"] != row["run"] and abs(other["year"] - row["year"]) * across < _VALUE_ROOM
    ]
    room = 1.6 * LINE
    if all((other["bottom"] - row["top"]) * pixels >= room for other in near if other["value"] > row["value"]):
        yield "above"
    if all((row["bottom"] - other["top"]) * pixels >= room for other in near if other["value"] <= row["value"]):
        yield "below"
    next_ = [other for other in drawn if other["run"] == row["run"] and other["year"] > row["year"]]
    yield "under" if next_ and next_[0]["value"] > row["value"] else "over"


class _Box(NamedTuple):
    """Where a text lies, in px; upwards from 0."""

    left: float
    right: float
    bottom: float
    top: float

    def touches(self, other: _Box) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.bottom < other.top and other.bottom < self.top


def _box(row: Spec, place: str, pixels: float, across: float) -> _Box:
    """The room that a row's text takes in that place."""
    edge, mark = _PLACES[place]
    width = _CHARACTER * len(row["text"])
    left = row["year"] * across + mark.get("dx", -width / 2)
    level = row[edge] * pixels - mark["dy"]
    bottom = level if mark["baseline"] == "bottom" else level - LINE
    return _Box(left, left + width, bottom, bottom + LINE)


def _break_mark(where: float, word: str, x: Spec, y: Spec, top: float) -> list[Spec]:
    mark = {"data": {"values": [{"year": where, "word": word, "value": top}]}}
    text = {"type": "text", "align": "left", "baseline": "top", "dx": 4, "color": MUTED, "fontStyle": "italic"}
    rule = {"type": "rule", "color": MUTED, "strokeDash": [2, 3]}
    return [
        {**mark, "mark": rule, "encoding": {"x": {"field": "year", **x}}},
        {
            **mark,
            "mark": text,
            "encoding": {
                "x": {"field": "year", **x},
                "y": {"field": "value", **y},
                "text": {"field": "word", "type": "nominal"},
            },
        },
    ]


def _side_labels(lines: Sequence[Line], x: Spec, y: Spec, top: float, pixels: float) -> list[Spec]:
    """Values before the first points, values and names after the last, moved apart just enough not to touch.

    `top` is the value at the top of the plot, `pixels` the height of one unit of value.
    """
    named = [line for line in lines if line.name]
    sides = (
        (
            "right",
            -12,
            [(line.points[0], [line.points[0].text], line.colour) for line in named if len(line.points) > 1],
        ),
        (
            "left",
            12,
            [(line.points[-1], _name(line), line.colour) for line in named],
        ),
    )
    layers: list[Spec] = []
    for align, shift, labels in sides:
        ordered = sorted(labels, key=lambda label: -label[0].value)
        if not ordered:
            continue
        middles = spread(
            [((top - point.value) * pixels, LINE * len(text) + _NAME_ROOM) for point, text, _ in ordered],
            -_TOP,
            top * pixels,
        )
        edge = (min if align == "right" else max)(point.aside for point, _, _ in ordered)
        rows = [
            {
                "year": point.year + edge,
                "value": top - first_line(middle, text) / pixels,
                "name": text,
                "colour": shade,
            }
            for (point, text, shade), middle in zip(ordered, middles, strict=True)
        ]
        layers.append(
            {
                "data": {"values": rows},
                "mark": {
                    "type": "text",
                    "align": align,
                    "baseline": "middle",
                    "dx": shift,
                    "lineHeight": LINE,
                    "fontWeight": 500,
                },
                "encoding": {
                    "x": {"field": "year", **x},
                    "y": {"field": "value", **y},
                    "text": {"field": "name", "type": "nominal"},
                    "color": {"field": "colour", "type": "nominal", "scale": None},
                },
            }
        )
    return layers


def _name(line: Line) -> list[str]:
    """What is written at a line's end: its last value and its name."""
    return wrapped(f"{line.points[-1].text} {line.name}", _NAME_WIDTH)


def spread(wanted: Sequence[tuple[float, float]], top: float, bottom: float) -> list[float]:
    """Middles of labels that don't overlap, each as near as can be to where it is wanted.

    `wanted` gives middle and height of each, from top to bottom, in px. Labels that would touch are stacked as one
    block around their common middle, kept between `top` and `bottom`.
    """
    blocks: list[tuple[float, list[tuple[float, float]]]] = []
    for label in wanted:
        members = [label]
        start = _start(members, top, bottom)
        while blocks and blocks[-1][0] + sum(height for _, height in blocks[-1][1]) > start:
            members = blocks.pop()[1] + members
            start = _start(members, top, bottom)
        blocks.append((start, members))
    middles: list[float] = []
    for start, members in blocks:
        for _, height in members:
            middles.append(start + height / 2)
            start += height
    return middles


def _start(members: Sequence[tuple[float, float]], top: float, bottom: float) -> float:
    """Where a stack begins so that its labels are, on the whole, nearest to where they are wanted."""
    offset, total = 0.0, 0.0
    for middle, height in members:
        total += middle - offset - height / 2
        offset += height
    return max(top, min(total / len(members), bottom - offset))
