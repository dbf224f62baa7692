"""Bars by category: one figure in each category of a breakdown, beside the whole.

Belongs here: one option (or one rate, or one count) across the categories of one question.
"""

from __future__ import annotations

from observatory.publish.charts.bars import Bar, horizontal_bars
from observatory.publish.charts.model import (
    Chart,
    Key,
    colour,
    interval_key,
    scope,
    signs,
    source,
    with_interval,
)
from observatory.publish.charts.theme import GREY
from observatory.publish.context import Context
from observatory.publish.lookup import Figure, categories, figure
from observatory.publish.tables import list_table


def strata(context: Context, name: str, by: str, option: str = "", whole: bool = True) -> Chart:
    """`name` in every category of `by`, in questionnaire order; the whole first, in grey, unless told otherwise."""
    lines: list[tuple[str, Figure]] = []
    if whole:
        lines.append((context.say("chart.all"), figure(context.figures, name, option=option)))
    audience = name.split(".", 1)[0]
    for category in categories(context.figures, name, by):
        label = context.choice_label(audience, by, category)
        lines.append((label, figure(context.figures, name, option=option, by=by, category=category)))
    bars = [
        Bar(
            label=label,
            value=row.value,
            text=context.marked(row),
            colour=colour(name) if row.breakdown else GREY,
            interval=row.bounds,
        )
        for label, row in lines
    ]
    shown = [row for _, row in lines]
    readable = [line for line in lines if line[1].breakdown and line[1].value is not None]
    known = next((line for line in readable if not line[1].low_reliability), next(iter(readable), None))
    reading = ""
    if known is not None:
        key = "reading.counted" if known[1].statistic == "count" else "reading.category"
        reading = with_interval(context, context.say(key, category=known[0], value=context.written(known[1])), known[1])
    keys = (Key("bar", GREY, context.say("chart.all")), Key("bar", colour(name), context.say("chart.by_category")))
    return Chart(
        kind="strata",
        spec=horizontal_bars(bars, context.language),
        table=list_table(context, context.say("table.category"), lines, context.say("table.value")),
        scope=scope(context, shown),
        reading=reading,
        source=source(context, shown),
        keys=(*(keys if whole else ()), *interval_key(context, shown)),
        notes=signs(context, shown),
    )
