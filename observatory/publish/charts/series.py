"""Over time: shares from edition to edition, amounts and rates over reference years, targets, context series.

Belongs here: which points are joined. A line is never drawn across a break: two editions whose questions differ, two
panels of respondents, two perimeters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from observatory.editions.model import ContextSeries, Target
from observatory.publish import numbers
from observatory.publish.charts.bars import Bar, horizontal_bars
from observatory.publish.charts.lines import Line, Point, year_lines
from observatory.publish.charts.model import (
    Chart,
    Key,
    bases,
    colour,
    interval_key,
    population,
    signs,
    source,
    with_interval,
)
from observatory.publish.charts.theme import AUDIENCE_COLOURS, GREY, INK, LINES
from observatory.publish.context import Context
from observatory.publish.lookup import Figure, FigureError, figure, nothing_published, target_gap, target_state
from observatory.publish.tables import Table, base, interval_heading, stacked, with_intervals

_ASIDE = 0.17
"""Part of a year by which segments of two editions are kept apart in the year they share."""

_SIDE_BY_SIDE = 0.02
"""Part of the years shown by which the intervals of two options of one edition are kept apart."""

_Item = TypeVar("_Item", Target, ContextSeries)


def _editions_of(context: Context, indicator: str, statistic: str) -> list[str]:
    return sorted({key[0] for key in context.figures.rows if key[1:3] == (indicator, statistic) and not key[3]})


def _broken(context: Context, edition: str, indicator: str, option: str) -> bool:
    rows = context.figures.rows.get((edition, indicator, "change", "", ""), ())
    return any("b" in row.flag for row in rows if row.option == option)


def editions(context: Context, indicator: str, *options: str) -> Chart:
    """Shares of the given options, edition by edition; as bars where a single edition has them."""
    names = _editions_of(context, indicator, "share")
    lines: list[Line] = []
    shown: list[Figure] = []
    cells: list[tuple[str, ...]] = []
    breaks: dict[float, str] = {}
    shades = (colour(indicator), *(shade for shade in LINES if shade not in AUDIENCE_COLOURS.values()))
    for place, (option, shade) in enumerate(zip(options, shades, strict=False)):
        label = context.label(figure(context.figures, f"{indicator}.share", option=option))
        run: list[Point] = []
        runs: list[list[Point]] = [run]
        row: list[str] = [label]
        for name in names:
            key = (name, indicator, "share", "", "")
            found = next((item for item in context.figures.rows.get(key, ()) if item.option == option), None)
            row.append(context.say("sign.none") if found is None else stacked(context, found, 1))
            if found is None or found.value is None:
                run = []
                runs.append(run)
                continue
            if _broken(context, name, indicator, option):
                run = []
                runs.append(run)
                breaks[int(name) - 0.5] = context.say("chart.break")
            aside = _SIDE_BY_SIDE * (place - (len(options) - 1) / 2) * (len(names) - 1)
            run.append(Point(int(name), found.value, context.marked(found), aside, found.bounds))
            shown.append(found)
        kept = [points for points in runs if points]
        lines += [Line(tuple(points), shade, label if points is kept[-1] else "") for points in kept]
        cells.append(tuple(row))
    if not shown:
        raise nothing_published(f"{indicator}.share")
    read = next((row for row in shown if row.edition == context.edition.name), shown[-1])
    spec = year_lines(lines, context.language, sorted(breaks.items()))
    if len({row.edition for row in shown}) == 1:
        bars = [
            Bar(context.label(row), row.value, context.marked(row), colour(indicator), interval=row.bounds)
            for row in shown
        ]
        spec = horizontal_bars(bars, context.language)
    return Chart(
        kind="editions",
        spec=spec,
        table=Table(
            (context.say("table.option"), *(context.say("chart.edition", edition=name) for name in names)), tuple(cells)
        ),
        scope=context.typeset(f"{population(context, shown[-1])} ; {_bases_by_edition(context, shown)}"),
        reading=with_interval(
            context,
            context.say(
                "reading.edition", edition=read.edition, share=context.written(read), label=context.label(read)
            ),
            read,
        ),
        source=context.say(
            "source.editions",
            publisher=context.inputs.publisher.name,
            surveys=context.say(f"source.{indicator.split('.', 1)[0]}"),
            editions=", ".join(names),
        ),
        keys=interval_key(context, shown),
        notes=signs(context, shown, bool(breaks)),
    )


def _bases_by_edition(context: Context, shown: list[Figure]) -> str:
    names = sorted({row.edition for row in shown})
    return ", ".join(
        context.say("scope.earlier", edition=name, bases=bases(context, [row for row in shown if row.edition == name]))
        for name in names
    )


def panels(context: Context, *names: str) -> Chart:
    """Amounts or rates over reference years: each edition's respondents make their own segment, never joined."""
    lines: list[Line] = []
    shown: list[Figure] = []
    cells: list[tuple[str, ...]] = []
    keys: list[Key] = []
    for position, name in enumerate(names):
        indicator, _, statistic = name.rpartition(".")
        current = figure(context.figures, name)
        shade = colour(indicator) if len(names) == 1 else LINES[position % len(LINES)]
        known_editions = _editions_of(context, indicator, statistic)
        unit = None if current.unit != "EUR" or current.value is None else numbers.scale(current.value)
        for edition in known_editions:
            found = sorted(
                context.figures.rows.get((edition, indicator, statistic, "", ""), ()),
                key=lambda row: row.reference_year or 0,
            )
            points = []
            for row in found:
                year = str(row.reference_year)
                cells.append(
                    (
                        f"{population(context, row)}, {year}" if len(names) > 1 else year,
                        context.say("chart.edition", edition=edition),
                        context.marked(row, unit=unit),
                        context.interval(row, unit),
                        base(context, row),
                    )
                )
                shown.append(row)
                if row.value is not None and row.reference_year is not None:
                    aside = _ASIDE if row is found[0] else -_ASIDE
                    text = context.marked(row, unit=unit)
                    points.append(Point(row.reference_year, row.value, text, aside, row.bounds))
            if points:
                own = edition == context.edition.name
                lines.append(Line(tuple(points), shade if own else GREY))
        keys.append(Key("line", shade, context.say("chart.edition", edition=context.edition.name)))
    if not lines:
        raise nothing_published(", ".join(names))
    keys = [*dict.fromkeys(keys)]
    if len({row.edition for row in shown}) > 1:
        keys.append(Key("line", GREY, context.say("chart.earlier_editions")))
    keys += interval_key(context, shown)
    last = next((row for row in reversed(shown) if row.value is not None), shown[-1])
    between = with_intervals(shown)
    if not between:
        cells = [(*cell[:3], *cell[4:]) for cell in cells]
    by_panel: dict[tuple[str, str], list[Figure]] = {}
    for row in shown:
        by_panel.setdefault((row.edition, row.indicator), []).append(row)
    return Chart(
        kind="panels",
        spec=year_lines(lines, context.language),
        table=Table(
            (
                context.say("table.reference_year"),
                context.say("table.edition"),
                context.say(f"table.{last.statistic}"),
                *((interval_heading(context),) if between else ()),
                context.say("table.base"),
            ),
            tuple(cells),
        ),
        scope=context.typeset(f"{population(context, last)} ; {_bases_by_edition(context, shown)}"),
        reading=with_interval(
            context,
            context.say("reading.panel", year=last.reference_year, value=context.written(last), edition=last.edition),
            last,
        ),
        source=source(context, [last]),
        keys=tuple(keys),
        notes=(
            *signs(context, shown),
            *(("notes.panels",) if len({row.edition for row in shown}) > 1 else ()),
            *other_respondents(list(by_panel.values())),
        ),
    )


def years(context: Context, *names: str) -> Chart:
    """Several figures over the edition's two reference years, as pairs of bars, each named in full."""
    bars: list[Bar] = []
    shown: list[Figure] = []
    cells: list[tuple[str, ...]] = []
    shade = colour(names[0])
    pairs = [[figure(context.figures, name, year=year) for year in ("first", "last")] for name in names]
    for pair in pairs:
        label = _full_name(context, pair[-1])
        unit = None if pair[-1].unit != "EUR" or pair[-1].value is None else numbers.scale(pair[-1].value)
        texts = [context.marked(row, unit=unit) for row in pair]
        bars += [
            Bar(
                label if row is pair[0] else "",
                row.value,
                text,
                GREY if row is pair[0] else shade,
                interval=row.bounds,
            )
            for row, text in zip(pair, texts, strict=True)
        ]
        shown += pair
        cells.append(
            (label, *(cell for row in pair for cell in (stacked(context, row, unit=unit), base(context, row))))
        )
    first, last = context.edition.reference_years
    known = next((row for row in reversed(shown) if row.value is not None), shown[-1])
    return Chart(
        kind="years",
        spec=horizontal_bars(bars, context.language),
        table=Table(
            (context.say("table.figure"), str(first), context.say("table.base"), str(last), context.say("table.base")),
            tuple(cells),
        ),
        scope=context.typeset(
            f"{' ; '.join(dict.fromkeys(population(context, row) for row in shown))} ; {bases(context, shown)}"
        ),
        reading=""
        if known.value is None
        else with_interval(
            context,
            context.say(
                "reading.year",
                year=known.reference_year,
                value=context.written(known),
                label=_full_name(context, known),
            ),
            known,
        ),
        source=source(context, shown),
        keys=(Key("bar", GREY, str(first)), Key("bar", shade, str(last)), *interval_key(context, shown)),
        notes=(*signs(context, shown), *other_respondents(pairs)),
    )


def other_respondents(pairs: Sequence[Sequence[Figure]]) -> tuple[str, ...]:
    """The key of the note to give where the two years of a figure rest on different bases."""
    return ("notes.years",) if any(len({row.n for row in pair}) > 1 for pair in pairs) else ()


def _full_name(context: Context, row: Figure) -> str:
    """The statistic's name in full with its indicator: « ratio des totaux », « médiane des taux individuels »."""
    indicator = context.edition.indicator(row.indicator)
    kind = "rate" if indicator.kind == "rate" else "amount"
    return context.say(f"statistic.{kind}.{row.statistic}", label=context.label(row))


def target(context: Context, id: str) -> Chart:
    """The path from a target's base to its goal, and the values published since. Its own denominator only."""
    goal = _named(context, id, context.edition.config.targets, "cible")
    path = Line(
        (
            Point(goal.base_year, goal.base_value, _target_value(context, goal, goal.base_value)),
            Point(goal.target_year, goal.target_value, _target_value(context, goal, goal.target_value)),
        ),
        INK,
        dashed=True,
    )
    observed = tuple(Point(year, value, _target_value(context, goal, value)) for year, value in goal.observed)
    label = context.typeset(context.edition.text(goal.label, context.language))
    none = context.say("sign.none")
    cells = [
        (str(goal.base_year), context.say("target.base"), path.points[0].text, none, none, none),
        *(
            (
                str(point.year),
                context.say("target.observed"),
                point.text,
                none,
                none,
                _required(context, goal, point.year),
            )
            for point in observed
        ),
        (str(goal.target_year), context.say("target.goal"), path.points[1].text, none, none, path.points[1].text),
    ]
    keys = [Key("dash", INK, context.say("target.path"))]
    lines = [path]
    if observed:
        lines.append(Line(observed, LINES[0]))
        keys.append(Key("line", LINES[0], context.say("target.observed")))
    gap = target_gap(context.figures, id)
    estimate = None if gap is None else _estimate(context, goal, gap)
    remarks: tuple[str, ...] = ()
    if gap is not None and estimate is not None and gap.reference_year is not None:
        year = gap.reference_year
        text = context.marked(estimate, decimals=1)
        lines.append(Line((Point(year, estimate.known, text, interval=estimate.bounds),), AUDIENCE_COLOURS["buyer"]))
        keys += [
            Key("line", AUDIENCE_COLOURS["buyer"], context.say("target.estimate")),
            *interval_key(context, [estimate]),
        ]
        row = (text, context.interval(estimate), base(context, estimate), _required(context, goal, year))
        cells.insert(-1, (str(year), context.say("target.estimate"), *row))
        state = context.say(f"target.{target_state(gap)}")
        remarks = (context.say("target.remark", state=state, year=year, level=context.level),)
    scope = label if goal.perimeter is None else context.typeset(context.edition.text(goal.perimeter, context.language))
    sources = context.typeset(f"{goal.source}.")
    return Chart(
        kind="target",
        spec=year_lines(lines, context.language, height=88),
        table=Table(
            (
                context.say("table.year"),
                context.say("table.nature"),
                context.say("table.value"),
                interval_heading(context),
                context.say("table.base"),
                context.say("table.required"),
            ),
            tuple(cells),
        ),
        scope=scope if estimate is None else f"{scope} ; n = {base(context, estimate)}",
        reading=context.say(
            "reading.target",
            base=path.points[0].text,
            base_year=goal.base_year,
            target=path.points[1].text,
            target_year=goal.target_year,
        ),
        source=sources if estimate is None else f"{sources} {source(context, [estimate])}",
        keys=tuple(keys),
        notes=() if estimate is None else signs(context, [estimate]),
        remarks=remarks,
    )


def _estimate(context: Context, goal: Target, gap: Figure) -> Figure | None:
    """The published figure that stands beside a target in the year of the gap."""
    indicator = goal.indicator or ""
    found = context.figures.rows.get((context.edition.name, indicator, goal.compared, "", ""), ())
    return next(
        (
            row
            for row in found
            if row.option == (goal.option or "") and row.reference_year in (gap.reference_year, None)
        ),
        None,
    )


def _required(context: Context, goal: Target, year: int) -> str:
    """What the path asks for in that year, as a cell shows it."""
    asked = goal.required(year)
    return context.say("sign.none") if asked is None else _target_value(context, goal, asked)


def _target_value(context: Context, goal: Target, value: float) -> str:
    if goal.unit == "share":
        return context.percent(value, 1)
    return numbers.euros(value, language=context.language)


def context_series(context: Context, id: str) -> Chart:
    """A published series of a neighbouring programme, with its own source."""
    series = _named(context, id, context.edition.config.context, "série de contexte")
    unit = context.typeset(context.edition.text(series.unit, context.language))
    label = context.typeset(context.edition.text(series.label, context.language))
    points = tuple(
        Point(year, value, _context_value(context, series, value, short=True)) for year, value in series.points
    )
    year, value = series.points[-1]
    return Chart(
        kind="context",
        spec=year_lines([Line(points, LINES[2])], context.language, height=90),
        table=Table((context.say("table.year"), unit), tuple((str(point.year), point.text) for point in points)),
        scope=label,
        reading=context.say("reading.context", year=year, value=_context_value(context, series, value)),
        source=context.typeset(f"{series.source} ({series.source_date})."),
    )


def series_table(context: Context) -> Table:
    """Every context series, one row each: label, values with their years, source."""
    rows = tuple(
        (
            context.typeset(context.edition.text(series.label, context.language)),
            " ; ".join(f"{_context_value(context, series, value)} ({year})" for year, value in series.points),
            context.typeset(f"{series.source} ({series.source_date})"),
        )
        for series in context.edition.config.context
    )
    return Table(tuple(context.say(f"table.{name}") for name in ("series", "values", "source")), rows)


def _context_value(context: Context, series: ContextSeries, value: float, short: bool = False) -> str:
    """A value with its unit; amounts in euros in the unit that reads best; `short` leaves out a unit in full words."""
    unit = context.edition.text(series.unit, context.language)
    if unit.startswith(("€", "EUR")):
        return numbers.euros(value, language=context.language)
    decimals = next(places for places in range(4) if places == 3 or round(value, places) == value)
    if unit == "%":
        return context.percent(value / 100, decimals)
    text = numbers.decimal(value, decimals, context.language)
    return text if short else f"{text}\u00a0{context.typeset(unit)}"


def _named(context: Context, id: str, known: tuple[_Item, ...], what: str) -> _Item:
    for item in known:
        if item.id == id:
            return item
    raise FigureError(
        f"la {what} « {id} »", f"l'une de : {', '.join(item.id for item in known)}", "vérifiez edition.yaml"
    )
