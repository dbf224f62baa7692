"""Diverging bars: the rows of one grid, from the lowest to the highest answer, centred on the middle one.

Belongs here: questions that share a scale. Answers outside the scale (« ne sait pas ») are written at the row's end.
"""

from __future__ import annotations

from collections.abc import Sequence

from observatory.publish.charts.model import Chart, Key, existing_rows, scope, signs, source
from observatory.publish.charts.theme import (
    DIVERGING,
    INK,
    LABEL_COLUMN,
    LIGHT_COLOURS,
    MUTED,
    WIDTH,
    Spec,
    row_axis,
    row_labels,
    rows_of,
    view,
    wrapped,
)
from observatory.publish.context import MARKS, Context
from observatory.publish.lookup import Figure, FigureError
from observatory.publish.tables import matrix_table

_ROW = 27
_LEAST_WRITTEN = 0.07
"""Segments under this share have no room for their number; the table behind the chart has it."""
_CHARACTER = 6.2
"""Width in px of a character of a number."""
_SIDE = 0.13
"""Room, as a share, for what is written at the end of rows."""


def likert(context: Context, *indicators: str) -> Chart:
    """One row an indicator, in the given order. All must offer the same options, 2 to 5 or 7 of them with a rank."""
    lines: list[tuple[str, tuple[Figure, ...]]] = []
    for indicator in indicators:
        found = existing_rows(context, f"{indicator}.share")
        question = context.question(indicator)
        lines.append((context.typeset(context.edition.label(question, context.language)), found))
    options = [figure.option for figure in lines[0][1]]
    for indicator, (_, found) in zip(indicators, lines, strict=True):
        if [figure.option for figure in found] != options:
            raise FigureError(
                f"« {indicator} » n'a pas les options de « {indicators[0]} »", "une même échelle", "séparez-les"
            )
    choices = {choice.code: choice for choice in context.edition.choices(context.question(indicators[0]))}
    scale = [code for code in options if choices[code].substantive]
    if len(scale) not in DIVERGING:
        raise FigureError(f"une échelle de {len(scale)} réponses", "2, 3, 4, 5 ou 7", "choisissez « ranked »")
    shown = [figure for _, found in lines for figure in found]
    top = lines[0][1]
    reading = ""
    high = [figure for figure in top if figure.option in scale[-(len(scale) // 2) :]]
    if all(figure.value is not None for figure in high):
        reading = context.say(
            "reading.likert",
            share=context.percent(sum(figure.known for figure in high)),
            labels=context.say("reading.or").join(
                context.say("routing.quoted", text=context.label(figure)) for figure in high
            ),
            label=lines[0][0],
        )
    labels = {figure.option: context.label(figure) for figure in top}
    colours = DIVERGING[len(scale)]
    return Chart(
        kind="likert",
        spec=_diverging(context, lines, scale),
        table=matrix_table(context, context.say("table.item"), lines),
        scope=scope(context, shown),
        reading=reading,
        source=source(context, shown),
        keys=tuple(Key("bar", shade, labels[code]) for code, shade in zip(scale, colours, strict=True)),
        notes=signs(context, shown),
    )


def _marked(label: str, found: Sequence[Figure]) -> str:
    """A row's label, with the mark of a small base: its segments have no room for it."""
    return f"{label}\u00a0{MARKS['u']}" if any(figure.low_reliability for figure in found) else label


def _diverging(context: Context, lines: Sequence[tuple[str, Sequence[Figure]]], scale: Sequence[str]) -> Spec:
    colours = DIVERGING[len(scale)]
    middle = len(scale) // 2
    segments: list[Spec] = []
    sides: list[Spec] = []
    labels = [wrapped(_marked(label, found)) for label, found in lines]
    middles, height = rows_of(labels, _ROW)
    for place, (_, found) in zip(middles, lines, strict=True):
        by_option = {figure.option: figure for figure in found}
        ordered = [by_option[code] for code in scale]
        outside = [figure for figure in found if figure.option not in scale]
        if any(figure.value is None for figure in ordered):
            hidden = next(figure for figure in ordered if figure.value is None)
            sides.append({"place": place, "text": context.written(hidden)})
            continue
        left = sum(figure.known for figure in ordered[:middle])
        if len(scale) % 2:
            left += ordered[middle].known / 2
        start = -left
        for figure, shade in zip(ordered, colours, strict=True):
            share = figure.known
            segments.append(
                {
                    "place": place,
                    "from": start,
                    "to": start + share,
                    "centre": start + share / 2,
                    "colour": shade,
                    "text": context.percent(share) if share >= _LEAST_WRITTEN else "",
                    "ink": INK if shade in LIGHT_COLOURS else "white",
                }
            )
            start += share
        if outside and all(figure.value is not None for figure in outside):
            sides.append({"place": place, "text": context.percent(sum(figure.known for figure in outside))})
    low = min([segment["from"] for segment in segments], default=-0.5)
    high = max([segment["to"] for segment in segments], default=0.5)
    pixels = (WIDTH - LABEL_COLUMN) / (high + _SIDE - low)
    for segment in segments:
        if (segment["to"] - segment["from"]) * pixels < _CHARACTER * len(segment["text"]) + 2:
            segment["text"] = ""
    x = {"type": "quantitative", "scale": {"domain": [low, high + _SIDE], "nice": False}, "axis": None}
    y = {"field": "place", **row_axis(height)}
    layers: list[Spec] = [
        {
            "data": {"values": segments},
            "mark": {"type": "bar", "orient": "horizontal", "height": 19, "stroke": "white", "strokeWidth": 1},
            "encoding": {
                "y": y,
                "x": {"field": "from", **x},
                "x2": {"field": "to"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"values": segments},
            "mark": {"type": "text", "baseline": "middle"},
            "encoding": {
                "y": y,
                "x": {"field": "centre", **x},
                "text": {"field": "text", "type": "nominal"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"values": sides},
            "mark": {"type": "text", "baseline": "middle", "align": "right", "color": MUTED},
            "encoding": {"y": y, "x": {"datum": high + _SIDE, **x}, "text": {"field": "text", "type": "nominal"}},
        },
    ]
    layers.append(row_labels(labels, middles, height))
    return view(layers, height, context.language, left=LABEL_COLUMN)
