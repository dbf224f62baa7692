"""Figures by name.

Belongs here: finding one published row, or the rows of one question, and the change since the previous
edition. Does not belong here: how a number is written (numbers.py), the words for a change (words.py).
A name is `<indicator>.<statistic>`, for example `startup.obstacles.share`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pandas as pd

from observatory.editions.model import Edition

Key = tuple[str, str, str, str, str]
"""edition, indicator, statistic, breakdown, category"""


_TWO_SIDED_95 = 1.96


class FigureError(Exception):
    """A figure that can't be used where it is asked for; the caller knows the file and the line."""

    def __init__(self, found: str, expected: str, action: str) -> None:
        super().__init__(found)
        self.found, self.expected, self.action = found, expected, action


class Figure(NamedTuple):
    """One row of the table of figures. `value` and `n` are None where the row is withheld or broken."""

    id: str
    edition: str
    indicator: str
    breakdown: str
    category: str
    option: str
    label: str
    statistic: str
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    unit: str
    reference_year: int | None
    perimeter: str
    flag: str
    suppressed: bool

    @property
    def low_reliability(self) -> bool:
        """Whether the value is published on a base that the edition calls small."""
        return "u" in self.flag and self.value is not None

    @property
    def known(self) -> float:
        """The value of a figure that is published. Raises FigureError if it is withheld."""
        if self.value is None:
            raise withheld(self)
        return self.value


@dataclass(frozen=True)
class Figures:
    """The table of figures, indexed; rows keep the table's order (that of the questionnaire)."""

    edition: str
    previous: str | None
    reference_years: tuple[int, int]
    rows: Mapping[Key, tuple[Figure, ...]]
    names: frozenset[str]

    @property
    def compared(self) -> str | None:
        """The previous edition, if it has figures to compare with."""
        return self.previous if any(key[0] == self.previous for key in self.rows) else None


ChangeState = Literal["up", "down", "stable", "uncertain", "broken", "withheld", "absent"]


@dataclass(frozen=True)
class Change:
    """A difference of shares with the previous edition; `value` is None unless the two can be compared."""

    state: ChangeState
    value: float | None = None
    previous: str | None = None


def index_figures(table: pd.DataFrame, edition: Edition) -> Figures:
    """The figures of this edition and of earlier ones, ready for look-up; of several vintages the last is kept."""
    found: dict[Key, dict[tuple[str, int | None], tuple[str, Figure]]] = {}
    names: set[str] = set()
    for vintage, figure in zip(_texts(table["vintage"]), _figures(table), strict=True):
        key = (figure.edition, figure.indicator, figure.statistic, figure.breakdown, figure.category)
        place = found.setdefault(key, {})
        kept = place.get((figure.option, figure.reference_year))
        if kept is None or kept[0] <= vintage:
            place[figure.option, figure.reference_year] = (vintage, figure)
        if figure.edition == edition.name:
            names.add(f"{figure.indicator}.{figure.statistic}")
    return Figures(
        edition=edition.name,
        previous=edition.config.previous,
        reference_years=edition.reference_years,
        rows={key: tuple(figure for _, figure in place.values()) for key, place in found.items()},
        names=frozenset(names),
    )


def _figures(table: pd.DataFrame) -> Iterator[Figure]:
    # Column by column: forty thousand rows take 0.1 s instead of 2 s.
    columns = (
        *(_texts(table[name]) for name in ("figure_id", "edition", "indicator", "breakdown", "category", "option")),
        *(_texts(table[name]) for name in ("label", "statistic")),
        *(_numbers(table[name]) for name in ("value", "low", "high")),
        _integers(table["n"]),
        _texts(table["unit"]),
        _integers(table["reference_year"]),
        *(_texts(table[name]) for name in ("perimeter", "flag")),
        table["suppressed"].astype(bool).tolist(),
    )
    return map(Figure._make, zip(*columns, strict=True))


def _texts(column: pd.Series[Any]) -> list[str]:
    return column.astype("str").where(column.notna(), "").tolist()


def _numbers(column: pd.Series[Any]) -> list[float | None]:
    values = column.astype("Float64").to_numpy(float, na_value=math.nan).tolist()
    return [None if math.isnan(value) else value for value in values]


def _integers(column: pd.Series[Any]) -> list[int | None]:
    return [None if value is None else int(value) for value in _numbers(column)]


def withheld(figure: Figure) -> FigureError:
    """The refusal of a figure without a value."""
    why = "masqué (base trop faible ou confidentialité)" if figure.suppressed else "sans valeur (rupture de série)"
    return FigureError(
        f"{figure.id} est {why}",
        "un chiffre publié",
        "récrivez la phrase sans ce chiffre, ou entourez-la de {% if published(…) %}",
    )


def _unknown(what: str, found: str, known: Iterable[str]) -> FigureError:
    names = sorted(known)
    near = difflib.get_close_matches(found, names, n=1, cutoff=0.5)
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return FigureError(
        f"{what} « {found} », inconnu du tableau des chiffres",
        f"l'un de : {shown}" if names else "un chiffre de cette édition",
        f"vouliez-vous écrire « {near[0]} » ?" if near else "vérifiez le nom avec « observatory figures »",
    )


def _split(figures: Figures, name: str) -> tuple[str, str]:
    if name not in figures.names:
        raise _unknown("le chiffre", name, figures.names)
    indicator, _, statistic = name.rpartition(".")
    return indicator, statistic


def edition_named(figures: Figures, edition: str | None) -> str:
    """An edition's name; « previous » is the one before. Raises FigureError if there is none."""
    if edition != "previous":
        return edition or figures.edition
    if figures.previous is None:
        raise FigureError(
            "l'édition précédente", "une édition précédente (previous, dans edition.yaml)", "récrivez la phrase"
        )
    return figures.previous


def rows(
    figures: Figures, name: str, *, by: str = "", category: str = "", edition: str | None = None
) -> tuple[Figure, ...]:
    """Every row of one name in one domain: one an option (or a reference year), in questionnaire order; maybe none."""
    indicator, statistic = _split(figures, name)
    return figures.rows.get((edition_named(figures, edition), indicator, statistic, by, category), ())


def categories(figures: Figures, name: str, by: str) -> tuple[str, ...]:
    """The categories of a breakdown for which the name has rows, in questionnaire order."""
    indicator, statistic = _split(figures, name)
    wanted = (figures.edition, indicator, statistic, by)
    found = tuple(key[4] for key in figures.rows if key[:4] == wanted)
    if not found:
        raise _unknown("la ventilation", by, {key[3] for key in figures.rows if key[:3] == wanted[:3] and key[3]})
    return found


def figure(
    figures: Figures,
    name: str,
    *,
    option: str = "",
    by: str = "",
    category: str = "",
    edition: str | None = None,
    year: int | Literal["first", "last"] | None = None,
) -> Figure:
    """One row, published or not. The last reference year is meant where a figure has several and none is asked for.

    Raises FigureError, with what comes near, if there is no such row.
    """
    found = rows(figures, name, by=by, category=category, edition=edition)
    if not found:
        wanted = f"{name}, {by}={category}" if by else name
        raise FigureError(
            f"{wanted} (édition {edition_named(figures, edition)})",
            "un chiffre calculé pour ce domaine et cette édition",
            "vérifiez ventilation, catégorie et édition",
        )
    options = {row.option for row in found}
    if option not in options:
        if not option:
            raise FigureError(
                f"{name} sans option", f"option= parmi : {', '.join(sorted(options))}", "précisez l'option"
            )
        raise _unknown("l'option", option, options)
    matching = {row.reference_year: row for row in found if row.option == option}
    if year is None and len(matching) == 1:
        return next(iter(matching.values()))
    first, last = figures.reference_years
    wanted_year = first if year == "first" else last if year in ("last", None) else year
    if wanted_year not in matching:
        raise _unknown("l'année de référence", str(wanted_year), {str(known) for known in matching})
    return matching[int(wanted_year)]


def reliable(figures: Figures, name: str, **place: str) -> bool:
    """Whether that row is published on a base large enough for a sentence to rest on it: no « u »."""
    return published(figures, name, **place) and not figure(figures, name, **place).low_reliability  # type: ignore[arg-type]


def published(figures: Figures, name: str, **place: str) -> bool:
    """Whether that row exists and has a value. A name that no row of this edition has is refused all the same."""
    _split(figures, name)
    try:
        return figure(figures, name, **place).value is not None  # type: ignore[arg-type]
    except FigureError:
        return False


def ranking(figures: Figures, name: str, *, by: str = "", category: str = "") -> tuple[Figure, ...]:
    """The published rows of a distribution, highest value first; equal values keep the questionnaire's order.

    Raises FigureError if every row is withheld.
    """
    found = [row for row in rows(figures, name, by=by, category=category) if row.value is not None]
    if not found:
        raise FigureError(f"{name} est masqué", "au moins une option publiée", "récrivez la phrase sans ce chiffre")
    return tuple(sorted(found, key=lambda row: -row.known))


def leads(figures: Figures, name: str) -> bool:
    """Whether the most cited option is ahead of the next by more than the chance of who answered explains (95 %).

    As if each respondent had chosen one option, drawn at random: the gap of a question with several answers is judged
    a little too severely, never too kindly. False where nothing tells the two apart.
    """
    found = ranking(figures, name)
    if len(found) < 2:
        return True
    first, next_ = found[0].known, found[1].known
    spread = first + next_ - (first - next_) ** 2
    return (first - next_) > _TWO_SIDED_95 * math.sqrt(spread / (found[0].n or 1))


def together(figures: Figures, name: str, *options: str) -> float:
    """The share of the respondents who chose one of several options. Only for questions with a single answer.

    Raises FigureError for an unknown option or a withheld figure.
    """
    return math.fsum(figure(figures, name, option=option).known for option in options)


def change(figures: Figures, name: str, *, option: str = "", by: str = "", category: str = "") -> Change:
    """The change of one share since the previous edition.

    « broken » where the question changed, « absent » where there is nothing to compare with, « withheld » where
    either edition's figure is, « uncertain » where its interval holds 0, « stable » where it rounds to 0,0 point.
    Raises FigureError for an unknown name, or if the figure itself is withheld.
    """
    current = figure(figures, name, option=option, by=by, category=category)
    current.known  # noqa: B018 - a change of a withheld figure would give it away
    indicator, _ = _split(figures, name)
    key = (figures.edition, indicator, "change", by, category)
    row = next((row for row in figures.rows.get(key, ()) if row.option == option), None)
    if row is None or figures.previous is None:
        return Change("absent", previous=figures.previous)
    if "b" in row.flag:
        return Change("broken", previous=figures.previous)
    if row.value is None:
        return Change("withheld", previous=figures.previous)
    if row.low is not None and row.high is not None and row.low <= 0 <= row.high:
        return Change("uncertain", row.value, figures.previous)
    state: ChangeState = "stable" if abs(row.value) < 0.0005 else "up" if row.value > 0 else "down"
    return Change(state, row.value, figures.previous)
