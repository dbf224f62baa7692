"""Face to face: one population's bars to the left, the other's to the right.

Belongs here: the two ways to pair them: option by option where both were offered the same, or rank by rank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from observatory.publish.charts.model import (
    Chart,
    Key,
    colour,
    existing_rows,
    interval_key,
    population,
    scope,
    signs,
    source,
)
from observatory.publish.charts.theme import (
    INK,
    LINE,
    LINES,
    MUTED,
    WIDTH,
    Spec,
    first_line,
    interval_of,
    row_axis,
    text_width,
    view,
    whiskers,
    wrapped,
)
from observatory.publish.context import Context
from observatory.publish.lookup import Figure, FigureError, nothing_published, ranking
from observatory.publish.tables import Table, base, interval_heading, with_intervals

_BAR = 13
_BETWEEN = 8
_BETWEEN_LABELLED = 20
"""Room in px above a label that stands over its bars: more than below it, so that it belongs to them at a glance."""
_LABEL_WIDTH = 46
_SHARED_WIDTH = 30
"""Characters of a line of the labels that both sides share, in the column between them."""
_OPENING = 5
"""Room in px left free between the middle and the bars where the column between the two sides is empty."""


@dataclass(frozen=True)
class Side:
    """One bar of one row: its label, its value, its text."""

    label: str
    value: float | None
    text: str
    interval: tuple[float, float] | None


def paired(context: Context, left: str, right: str) -> Chart:
    """Two distributions over the same options, option by option, in their order; « ne sait pas » is left out."""
    one, other = existing_rows(context, f"{left}.share"), existing_rows(context, f"{right}.share")
    opposite = {figure.option: figure for figure in other}
    ranked = {choice.code for choice in context.edition.choices(context.question(left)) if choice.substantive}
    pairs = [
        (figure, opposite[figure.option]) for figure in one if figure.option in opposite and figure.option in ranked
    ]
    if not pairs:
        raise FigureError(f"« {left} » et « {right} »", "au moins une option commune", "pairez-les par rang")
    same = all(a.label == b.label for a, b in pairs)
    lines = [
        (
            Side(context.label(a), a.value, context.marked(a), a.bounds),
            Side("" if same else context.label(b), b.value, context.marked(b), b.bounds),
        )
        for a, b in pairs
    ]
    left_out = [figure for figure in (*one, *other) if figure.option not in {a.option for a, _ in pairs}]
    names = list(dict.fromkeys(context.say("routing.quoted", text=context.label(figure)) for figure in left_out))
    remarks = (context.say("notes.left_out", labels=", ".join(names)),) if names else ()
    return replace(_chart(context, left, right, pairs, lines), remarks=remarks)


def paired_ranks(context: Context, left: str, right: str, top: int = 5) -> Chart:
    """Two distributions with different options: the most cited of each, rank by rank."""
    one, other = ranking(context.figures, f"{left}.share")[:top], ranking(context.figures, f"{right}.share")[:top]
    pairs = list(zip(one, other, strict=False))
    if not pairs:
        raise nothing_published(f"{left}.share, {right}.share")
    lines = [
        (
            Side(context.label(a), a.value, context.marked(a), a.bounds),
            Side(context.label(b), b.value, context.marked(b), b.bounds),
        )
        for a, b in pairs
    ]
    return _chart(context, left, right, pairs, lines)


def _chart(
    context: Context,
    left: str,
    right: str,
    pairs: Sequence[tuple[Figure, Figure]],
    lines: Sequence[tuple[Side, Side]],
) -> Chart:
    shown = [a for a, _ in pairs] + [b for _, b in pairs]
    names = (population(context, pairs[0][0]), population(context, pairs[0][1]))
    shades = (colour(left), colour(right))
    if names[0] == names[1]:
        names = (_name(context, left), _name(context, right))
        shades = (shades[0], LINES[2])
    own_labels = any(side.label for _, side in lines)
    header: tuple[str, ...]
    count = context.say("table.base")
    between = (interval_heading(context),) if with_intervals(shown) else ()
    if own_labels:
        share = context.say("table.share")
        header = (names[0], share, *between, count, names[1], share, *between, count)
    else:
        header = (context.say("table.option"), names[0], *between, count, names[1], *between, count)
    cells = tuple(
        (
            x.label,
            *_cells(context, a, bool(between)),
            *((y.label,) if own_labels else ()),
            *_cells(context, b, bool(between)),
        )
        for (a, b), (x, y) in zip(pairs, lines, strict=True)
    )
    first = pairs[0]
    reading = ""
    if first[0].value is not None and first[1].value is not None:
        reading = context.say(
            "reading.paired_ranks" if own_labels else "reading.paired",
            left=context.percent(first[0].known),
            right=context.percent(first[1].known),
            left_label=context.label(first[0]),
            right_label=context.label(first[1]),
        )
    return Chart(
        kind="paired own-labels" if own_labels else "paired",
        spec=_butterfly(lines, *shades, context.language),
        table=Table(tuple(map(context.typeset, header)), cells),
        scope=" – ".join((scope(context, [a for a, _ in pairs]), scope(context, [b for _, b in pairs]))),
        reading=reading,
        source=source(context, shown),
        keys=(Key("bar", shades[0], names[0]), Key("bar", shades[1], names[1]), *interval_key(context, shown)),
        notes=signs(context, shown),
    )


def _cells(context: Context, figure: Figure, with_interval: bool) -> tuple[str, ...]:
    interval = (context.interval(figure),) if with_interval else ()
    return context.marked(figure, 1), *interval, base(context, figure)


def _name(context: Context, indicator: str) -> str:
    return context.typeset(context.edition.text(context.edition.indicator(indicator).label))


def _end(side: Side) -> float:
    """Where a bar with its interval ends."""
    return max(side.value or 0, side.interval[1] if side.interval else 0)


def _butterfly(lines: Sequence[tuple[Side, Side]], left: str, right: str, language: str) -> Spec:
    shared = not any(other.label for _, other in lines)
    wraps = [[wrapped(side.label, _SHARED_WIDTH if shared else _LABEL_WIDTH) for side in line] for line in lines]
    column = max(text_width(words) for own, _ in wraps for words in own) / 2 if shared else _OPENING
    most = max([_end(side) for line in lines for side in line] + [0.01])
    text = max((side.text for line in lines for side in line), key=len)
    pixel = most / (WIDTH / 2 - column - text_width(text))
    gap, limit = column * pixel, WIDTH / 2 * pixel
    bars: list[Spec] = []
    labels: list[Spec] = []
    top = 0.0
    for (one, other), (own, opposite) in zip(lines, wraps, strict=True):
        tall = LINE * max(len(own), len(opposite))
        middle = top + (max(_BAR, tall) / 2 if shared else tall + 1 + _BAR / 2)
        for side, direction, shade, words in ((one, -1, left, own), (other, 1, right, opposite)):
            bars.append(
                {
                    "row": middle,
                    "from": direction * gap,
                    "to": direction * (gap + (side.value or 0)),
                    "value": direction * (gap + (side.value or 0)),
                    **interval_of(
                        side.interval and (direction * (gap + side.interval[0]), direction * (gap + side.interval[1])),
                        shade,
                    ),
                    "end": direction * (gap + _end(side)),
                    "colour": shade,
                    "text": side.text,
                    "side": direction,
                    "ink": MUTED if side.value is None else INK,
                }
            )
            if side.label:
                first = first_line(middle, words) if shared else top + tall - LINE * (len(words) - 0.5)
                place = {"at": 0, "side": 0} if shared else {"at": direction * gap, "side": direction}
                labels.append({"row": first, "text": words, **place})
        top += max(_BAR, tall) + _BETWEEN if shared else tall + 1 + _BAR + _BETWEEN_LABELLED
    x = {"type": "quantitative", "scale": {"domain": [-limit, limit], "nice": False}, "axis": None}
    y = {"field": "row", **row_axis(top)}
    layers: list[Spec] = [
        {
            "data": {"values": bars},
            "mark": {"type": "bar", "orient": "horizontal", "height": _BAR},
            "encoding": {
                "y": y,
                "x": {"field": "from", **x},
                "x2": {"field": "to"},
                "color": {"field": "colour", "type": "nominal", "scale": None},
            },
        }
    ]
    if any(side.interval for line in lines for side in line):
        layers += [{"data": {"values": bars}, **layer} for layer in whiskers("x", y, x)]
    for direction, align in ((-1, "right"), (1, "left")):
        layers.append(
            {
                "data": {"values": [bar for bar in bars if bar["side"] == direction]},
                "mark": {"type": "text", "baseline": "middle", "align": align, "dx": 6 * direction, "fontWeight": 500},
                "encoding": {
                    "y": y,
                    "x": {"field": "end", **x},
                    "text": {"field": "text", "type": "nominal"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            }
        )
    for direction, align in ((-1, "right"), (0, "center"), (1, "left")):
        chosen = [label for label in labels if label["side"] == direction]
        if chosen:
            layers.append(
                {
                    "data": {"values": chosen},
                    "mark": {"type": "text", "baseline": "middle", "align": align, "lineHeight": LINE},
                    "encoding": {"y": y, "x": {"field": "at", **x}, "text": {"field": "text", "type": "nominal"}},
                }
            )
    return view(layers, top, language)
