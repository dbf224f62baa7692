"""Distribution over ordered brackets: columns in the questionnaire's order, with the previous edition's dot.

Belongs here: a question whose options have an order (brackets, frequency, yes to no). Does not belong here: ranking.
"""

from __future__ import annotations

from observatory.publish.charts.model import (
    Chart,
    Key,
    changed_question,
    colour,
    comparable_rows,
    existing_rows,
    interval_key,
    scope,
    share_reading,
    signs,
    source,
)
from observatory.publish.charts.theme import (
    APART,
    DOT,
    GREY,
    INK,
    LINE,
    MUTED,
    RULE,
    WIDTH,
    Spec,
    interval_of,
    view,
    whiskers,
    wrapped,
)
from observatory.publish.context import Context
from observatory.publish.tables import distribution_table

_HEIGHT = 98


def brackets(context: Context, indicator: str, by: str = "", category: str = "") -> Chart:
    """Shares of a question's options, as columns in their order; options without rank in grey."""
    shown = existing_rows(context, f"{indicator}.share", by=by, category=category)
    choices = {choice.code: choice for choice in context.edition.choices(context.question(indicator))}
    earlier = comparable_rows(context, shown)
    room = int(WIDTH / len(shown) / 6.4)
    values = []
    for figure in shown:
        dot = earlier.get(figure.option)
        choice = choices.get(figure.option)
        ranked_option = figure.option != "other" and (choice is None or choice.substantive)
        values.append(
            {
                "label": wrapped(context.label(figure), room),
                "value": figure.value,
                "text": context.marked(figure),
                "colour": colour(indicator) if ranked_option else GREY,
                "dot": None if dot is None else dot.value,
                **interval_of(figure.bounds, colour(indicator) if ranked_option else GREY),
                "end": max(
                    figure.value or 0,
                    (dot.value or 0) if dot is not None else 0,
                    figure.bounds[1] if figure.bounds else 0,
                ),
                "ink": MUTED if figure.value is None else INK,
            }
        )
    keys = [Key("bar", colour(indicator), context.say("chart.edition", edition=context.edition.name))]
    if earlier:
        keys.append(Key("dot", INK, context.say("chart.edition", edition=context.figures.previous)))
    keys += interval_key(context, shown)
    most = max(shown, key=lambda figure: figure.value or 0)
    return Chart(
        kind="brackets",
        spec=_columns(values, context.language),
        table=distribution_table(
            context, shown, context.say("table.option"), [context.label(figure) for figure in shown]
        ),
        scope=scope(context, shown, list(earlier.values())),
        reading=share_reading(context, most),
        source=source(context, shown),
        keys=tuple(keys),
        notes=signs(context, shown, changed_question(context, shown)),
    )


def _columns(values: list[Spec], language: str) -> Spec:
    most = max([*(value["end"] for value in values), 0.01])
    y = {"type": "quantitative", "scale": {"domain": [0, most * 1.2], "nice": False}, "axis": None}
    x = {
        "field": "place",
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(values) - 0.5], "nice": False, "zero": False},
        "axis": None,
    }
    for place, value in enumerate(values):
        apart = 1.6 * APART * len(values) / WIDTH if value["high"] is not None and value["dot"] is not None else 0
        value |= {"place": place, "zero": 0, "left": place - apart, "right": place + apart}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.value !== null"}],
            "mark": {"type": "bar", "orient": "vertical", "width": min(64, int(WIDTH / len(values) * 0.55))},
            "encoding": {
                "x": x,
                "y": {"field": "zero", **y},
                "y2": {"field": "value"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        },
        {"mark": {"type": "rule", "color": RULE}, "encoding": {"y": {"datum": 0, **y}}},
        *(whiskers("y", {**x, "field": "left"}, y) if any(value["high"] for value in values) else ()),
        {
            "transform": [{"filter": "datum.dot !== null"}],
            "mark": {"type": "point", **DOT},
            "encoding": {"x": {**x, "field": "right"}, "y": {"field": "dot", **y}},
        },
        {
            "mark": {"type": "text", "baseline": "bottom", "dy": -6, "fontWeight": 500},
            "encoding": {
                "x": x,
                "y": {"field": "end", **y},
                "text": {"field": "text", "type": "nominal"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        {
            "mark": {"type": "text", "baseline": "top", "dy": 6, "lineHeight": LINE},
            "encoding": {"x": x, "y": {"value": _HEIGHT}, "text": {"field": "label", "type": "nominal"}},
        },
    ]
    lines = max(len(value["label"]) for value in values)
    return view(layers, _HEIGHT, language, bottom=LINE * lines + 6, data={"values": values})
