"""Ranked bars: the options of one question, most cited first, with the previous edition's dot.

Belongs here: order and selection of the options. Does not belong here: the drawing of bars (bars.py).
"""

from __future__ import annotations

from observatory.publish.charts.bars import Bar, horizontal_bars
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
from observatory.publish.charts.theme import GREY, INK
from observatory.publish.context import Context
from observatory.publish.lookup import Figure
from observatory.publish.tables import distribution_table


def ranked(context: Context, indicator: str, by: str = "", category: str = "", intervals: bool = True) -> Chart:
    """Shares of a question's options. « Autre », « aucun » and « ne sait pas » come last, in grey.

    Without `intervals` the chart tells who answered, and estimates nothing.
    """
    found = existing_rows(context, f"{indicator}.share", by=by, category=category)
    if not intervals:
        found = tuple(figure._replace(low=None, high=None) for figure in found)
    choices = {choice.code: choice for choice in context.edition.choices(context.question(indicator))}

    def aside(figure: Figure) -> bool:
        choice = choices.get(figure.option)
        return figure.option == "other" or (choice is not None and (choice.exclusive or not choice.substantive))

    shown = sorted(found, key=lambda figure: (aside(figure), figure.value is None, -(figure.value or 0)))
    earlier = comparable_rows(context, shown)
    bars = []
    for figure in shown:
        dot = earlier.get(figure.option)
        bars.append(
            Bar(
                label=context.label(figure),
                value=figure.value,
                text=context.marked(figure),
                colour=GREY if aside(figure) else colour(indicator),
                dot=None if dot is None else dot.value,
                interval=figure.bounds,
            )
        )
    keys = [Key("bar", colour(indicator), context.say("chart.edition", edition=context.edition.name))]
    if earlier:
        keys.append(Key("dot", INK, context.say("chart.edition", edition=context.figures.previous)))
    keys += interval_key(context, shown)
    return Chart(
        kind="ranked",
        spec=horizontal_bars(bars, context.language),
        table=distribution_table(
            context, shown, context.say("table.option"), [context.label(figure) for figure in shown]
        ),
        scope=scope(context, shown, list(earlier.values())),
        reading=share_reading(context, shown[0]),
        source=source(context, shown),
        keys=tuple(keys),
        notes=signs(context, shown, changed_question(context, shown)),
    )
