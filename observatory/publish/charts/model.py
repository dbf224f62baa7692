"""What a chart is, once made.

Belongs here: the one object every kind returns, and the parts of it that all kinds make alike. Does not belong
here: the drawing of any kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from observatory.publish.charts.theme import AUDIENCE_COLOURS, INK, Spec
from observatory.publish.context import Context
from observatory.publish.lookup import Figure, FigureError, rows
from observatory.publish.numbers import integer
from observatory.publish.tables import Table


@dataclass(frozen=True)
class Key:
    """One entry of a chart's legend."""

    shape: Literal["bar", "dot", "line", "dash", "interval"]
    colour: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A specification, the table of the very rows it draws, and what must be said under it.

    scope    « Champ » with its bases; reading is the default « Lecture »; source names where the figures come from
    notes    keys, in the report's dictionary, of what explains the signs that the drawing holds
    remarks  what else is said, as it is read
    """

    kind: str
    spec: Spec
    table: Table
    scope: str
    reading: str
    source: str
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = field(default=())
    remarks: tuple[str, ...] = ()


def colour(indicator: str) -> str:
    """The colour of the audience that an indicator describes."""
    return AUDIENCE_COLOURS[indicator.split(".", 1)[0]]


def existing_rows(context: Context, name: str, *, by: str = "", category: str = "") -> tuple[Figure, ...]:
    """The rows of one name. Raises FigureError if the name or the domain has none."""
    found = rows(context.figures, name, by=by, category=category)
    if not found:
        raise FigureError(f"{name} sans ligne pour {by}={category}", "un domaine calculé", "vérifiez la ventilation")
    return found


def population(context: Context, figure: Figure) -> str:
    """Who is described, in words: the indicator's own perimeter, else the audience's name."""
    indicator = next((item for item in context.edition.indicators if item.id == figure.indicator), None)
    if indicator is not None and indicator.perimeter is not None:
        text = context.edition.text(indicator.perimeter, context.language)
        return context.typeset(text[:1].upper() + text[1:])
    return context.say(f"audience.{figure.indicator.split('.', 1)[0]}")


def bases(context: Context, shown: Sequence[Figure]) -> str:
    """« n = 312 », or « n de 110 à 142 » where the rows have several bases; « base non publiée » where none has one."""
    known = sorted({figure.n for figure in shown if figure.n is not None})
    if not known:
        return context.say("scope.no_base")
    if len(known) == 1:
        return context.say("scope.one_base", n=integer(known[0], context.language))
    return context.say(
        "scope.bases", least=integer(known[0], context.language), most=integer(known[-1], context.language)
    )


def scope(context: Context, shown: Sequence[Figure], earlier: Sequence[Figure] = ()) -> str:
    """« Start-up répondantes ; n = 312 (édition précédente : n = 301) »."""
    populations = list(dict.fromkeys(population(context, figure) for figure in shown))
    text = f"{' ; '.join(populations)} ; {bases(context, shown)}"
    if any(figure.n is not None for figure in earlier):
        text += f" ({context.say('scope.earlier', edition=earlier[0].edition, bases=bases(context, earlier))})"
    if any(figure.indicator.split(".", 1)[0] in context.weighted for figure in shown):
        text += f" ; {context.say('scope.weighted')}"
    return context.typeset(text)


def source(context: Context, shown: Sequence[Figure]) -> str:
    """The surveys the rows come from."""
    audiences = list(dict.fromkeys(figure.indicator.split(".", 1)[0] for figure in shown))
    surveys = context.say("source.and").join(context.say(f"source.{audience}") for audience in audiences)
    return context.say(
        "source.survey", publisher=context.inputs.publisher.name, surveys=surveys, edition=context.edition.name
    )


def share_reading(context: Context, figure: Figure) -> str:
    """The default « Lecture » of a share; empty if it is withheld."""
    if figure.value is None:
        return ""
    key = "reading.weighted" if figure.indicator.split(".", 1)[0] in context.weighted else "reading.share"
    text = context.say(key, share=context.percent(figure.value), label=context.label(figure))
    return with_interval(context, text, figure)


def with_interval(context: Context, reading: str, figure: Figure) -> str:
    """A « Lecture » that ends with the interval of the figure it reads, if that has one."""
    if figure.bounds is None:
        return reading
    return context.say(
        "reading.with_interval",
        reading=reading.removesuffix("."),
        level=context.level,
        interval=context.interval(figure),
    )


def interval_key(context: Context, shown: Sequence[Figure]) -> tuple[Key, ...]:
    """The legend's entry for the intervals drawn, if any is."""
    if all(figure.bounds is None for figure in shown):
        return ()
    return (Key("interval", INK, context.say("chart.interval", level=context.level)),)


def signs(context: Context, shown: Sequence[Figure], broken: bool = False) -> tuple[str, ...]:
    """The flags that the reader must be told of: those of the figures shown, and only those."""
    withheld = {figure.reason for figure in shown if figure.value is None}
    flags = {letter for figure in shown if figure.value is not None for letter in figure.flag}
    present = {
        "flags.b": broken or "break" in withheld,
        "flags.c": "confidentiality" in withheld,
        "flags.u_withheld": "quality" in withheld,
        "flags.u": "u" in flags,
        "flags.p": "p" in flags,
        "flags.e": "e" in flags,
    }
    return tuple(key for key, found in present.items() if found)


def changed_question(context: Context, shown: Sequence[Figure]) -> bool:
    """Whether the rows' indicator can't be compared with the previous edition."""
    first = shown[0]
    key = (first.edition, first.indicator, "change", first.breakdown, first.category)
    return any("b" in figure.flag for figure in context.figures.rows.get(key, ()))


def comparable_rows(context: Context, shown: Sequence[Figure]) -> dict[str, Figure]:
    """The previous edition's rows that may be drawn beside these, by option: those with a published change."""
    first, previous = shown[0], context.figures.previous
    if previous is None:
        return {}
    changes = context.figures.rows.get((first.edition, first.indicator, "change", first.breakdown, first.category), ())
    allowed = {figure.option for figure in changes if figure.value is not None}
    key = (previous, first.indicator, first.statistic, first.breakdown, first.category)
    return {
        figure.option: figure
        for figure in context.figures.rows.get(key, ())
        if figure.option in allowed and figure.value is not None
    }
