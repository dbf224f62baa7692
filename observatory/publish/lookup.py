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
from typing import Any, Literal, NamedTuple, SupportsIndex, overload

import pandas as pd

from observatory.editions.model import Edition

Key = tuple[str, str, str, str, str]
"""edition, indicator, statistic, breakdown, category"""

PANEL = ("panel", "constant")
"""Breakdown and category of a change among the respondents of both editions."""

_TWO_SIDED_95 = 1.96
_ROUNDS_TO_NOTHING = 0.0005
"""A difference of shares that is written « 0,0 point »."""


class FigureError(Exception):
    """A figure that can't be used where it is asked for; the caller knows the file and the line."""

    def __init__(self, found: str, expected: str, action: str) -> None:
        super().__init__(found)
        self.found, self.expected, self.action = found, expected, action


Reason = Literal["quality", "confidentiality", "break", "absent"]


class WithheldError(FigureError):
    """A figure that exists and has no value; `reason` says which rule took it away."""

    def __init__(self, found: str, expected: str, action: str, reason: Reason) -> None:
        super().__init__(found, expected, action)
        self.reason = reason


class Figure(NamedTuple):
    """One row of the table of figures. `value` and `n` are None where the row is withheld or broken.

    `low` and `high` are the bounds of its interval, None where it has none; those of a rank are the best and the worst
    that the data allow. `n_eff` is the effective size behind the interval.
    """

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
    n_eff: float | None
    unit: str
    reference_year: int | None
    perimeter: str
    flag: str
    suppressed: bool

    @property
    def low_reliability(self) -> bool:
        """Whether the value is published, and less precise than the edition's rules ask for."""
        return "u" in self.flag and self.value is not None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The interval of a published value, if it has one."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return self.low, self.high

    @property
    def reason(self) -> Reason:
        """Why there is no value. « confidentiality » where nothing tells."""
        if "b" in self.flag:
            return "break"
        return "quality" if "u" in self.flag and "c" not in self.flag else "confidentiality"

    @property
    def known(self) -> float:
        """The value of a figure that is published. Raises FigureError if it is withheld."""
        if self.value is None:
            raise withheld(self)
        return self.value


@dataclass(frozen=True)
class Figures:
    """The table of figures, indexed; rows keep the table's order (that of the questionnaire).

    `stable` is the change, as a share, that the edition calls none at all: an interval within it is « stable ».
    """

    edition: str
    previous: str | None
    reference_years: tuple[int, int]
    rows: Mapping[Key, tuple[Figure, ...]]
    names: frozenset[str]
    stable: float

    @property
    def compared(self) -> str | None:
        """The previous edition, if it has figures to compare with."""
        return self.previous if any(key[0] == self.previous for key in self.rows) else None


ChangeState = Literal["up", "down", "stable", "uncertain", "untested", "broken", "withheld", "absent"]
"""Only « up » and « down » are significant; « untested » is a difference that no interval came with."""


@dataclass(frozen=True)
class Change:
    """A difference of shares with the previous edition; `value` is None unless the two can be compared.

    `n` is the base of a change among the respondents of both editions, and `reason` why a change is withheld.
    """

    state: ChangeState
    value: float | None = None
    previous: str | None = None
    n: int | None = None
    reason: Reason | None = None


TargetState = Literal["ahead", "compatible", "behind"]


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
        stable=edition.config.thresholds.stable,
    )


def _figures(table: pd.DataFrame) -> Iterator[Figure]:
    # Column by column: forty thousand rows take 0.1 s instead of 2 s.
    columns = (
        *(_texts(table[name]) for name in ("figure_id", "edition", "indicator", "breakdown", "category", "option")),
        *(_texts(table[name]) for name in ("label", "statistic")),
        *(_numbers(table[name]) for name in ("value", "low", "high")),
        _integers(table["n"]),
        _numbers(table["n_eff"]),
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


_WHY: Mapping[Reason, str] = {
    "quality": "masqué (précision insuffisante)",
    "confidentiality": "masqué (base trop faible ou confidentialité)",
    "break": "sans valeur (rupture de série)",
    "absent": "absent",
}


def withheld(figure: Figure) -> WithheldError:
    """The refusal of a figure without a value."""
    return WithheldError(
        f"{figure.id} est {_WHY[figure.reason]}",
        "un chiffre publié",
        "entourez la phrase de {% call when_published(…) %} ou de {% if published(…) %}, ou récrivez-la sans lui",
        figure.reason,
    )


def nothing_published(name: str) -> WithheldError:
    """The refusal of a chart of which no value is published."""
    return WithheldError(
        f"{name}, sans valeur publiée", "au moins une valeur publiée", "retirez ce graphique", "absent"
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
    """Whether that row exists and has a value. A name that no row of this edition has is refused all the same.

    Ranks and changes may be missing of an indicator that the edition has: they then are not published.
    """
    indicator, _, statistic = name.rpartition(".")
    computed = {known.rpartition(".")[0] for known in figures.names}
    if statistic in {"rank", "change"} and indicator in computed and name not in figures.names:
        return False
    _split(figures, name)
    try:
        return figure(figures, name, **place).value is not None  # type: ignore[arg-type]
    except FigureError:
        return False


class Ranking(tuple[Figure, ...]):
    """Published rows, highest first. A place that no published row has is withheld, not unknown."""

    @overload
    def __getitem__(self, place: SupportsIndex) -> Figure: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Figure, ...]: ...
    def __getitem__(self, place: SupportsIndex | slice) -> Figure | tuple[Figure, ...]:
        if isinstance(place, int) and not -len(self) <= place < len(self):
            raise WithheldError(
                f"moins de {place + 1} réponses publiées",
                "assez d'options publiées",
                "entourez la phrase de {% call when_published(…) %}",
                "confidentiality",
            )
        return super().__getitem__(place)


def ranking(figures: Figures, name: str, *, by: str = "", category: str = "") -> Ranking:
    """The published rows of a distribution, highest value first; equal values keep the questionnaire's order."""
    found = [row for row in rows(figures, name, by=by, category=category) if row.value is not None]
    return Ranking(sorted(found, key=lambda row: -row.known))


def leads(figures: Figures, name: str, *, one_answer: bool = False) -> bool:
    """Whether the most cited option is the first of its question whatever the chance of who answered (95 %).

    By its rank's interval. A question with a single answer (`one_answer`) that has no ranks is told by the gap of
    its first two shares. False where nothing tells.
    """
    found = ranking(figures, name)
    if not found:
        return False
    ranks = ranks_of(figures, found[0])
    if ranks:
        first_rank = ranks.get(found[0].option)
        return first_rank is not None and first_rank.bounds == (1, 1)
    if not one_answer:
        return False
    if len(found) < 2:
        return True
    first, next_ = found[0].known, found[1].known
    spread = first + next_ - (first - next_) ** 2
    return (first - next_) > _TWO_SIDED_95 * math.sqrt(spread / (found[0].n_eff or found[0].n or 1))


def ranks_of(figures: Figures, shown: Figure) -> dict[str, Figure]:
    """The ranks of the options of a question, by option; those of the domain and edition of one of its shares."""
    key = (shown.edition, shown.indicator, "rank", shown.breakdown, shown.category)
    return {row.option: row for row in figures.rows.get(key, ())}


def rank(figures: Figures, name: str, *, option: str) -> Figure:
    """The rank of one option, with the best and the worst that the data allow.

    Raises FigureError for a name that is no rank, an unknown option, or a withheld rank.
    """
    if not name.endswith(".rank"):
        raise FigureError(f"« {name} »", "un nom qui finit par .rank", 'écrivez rank("<indicateur>.rank", option=…)')
    found = figure(figures, name, option=option)
    if found.bounds is None:
        raise withheld(found)
    return found


def together(figures: Figures, name: str, *options: str) -> float:
    """The share of the respondents who chose one of several options. Only for questions with a single answer.

    Raises FigureError for an unknown option or a withheld figure.
    """
    return math.fsum(figure(figures, name, option=option).known for option in options)


def change(figures: Figures, name: str, *, option: str = "", by: str = "", category: str = "") -> Change:
    """The change of one share since the previous edition.

    « broken » where the question changed, « absent » where there is nothing to compare with, « withheld » where
    either edition's figure is, « untested » where the difference has no interval. « up » and « down » are significant.
    Where nothing is, « stable » says that the whole interval lies within the edition's threshold, else « uncertain ».
    Raises FigureError for an unknown name, or if the figure itself is withheld.
    """
    current = figure(figures, name, option=option, by=by, category=category)
    current.known  # noqa: B018 - a change of a withheld figure would give it away
    return _change(figures, current, by, category)


def panel_change(figures: Figures, current: Figure) -> Change:
    """The same change among the respondents of both editions; « absent » without a constant panel."""
    return _change(figures, current, *PANEL)


def _change(figures: Figures, current: Figure, by: str, category: str) -> Change:
    key = (figures.edition, current.indicator, "change", by, category)
    row = next((row for row in figures.rows.get(key, ()) if row.option == current.option), None)
    if row is None or figures.previous is None:
        return Change("absent", previous=figures.previous)
    if "b" in row.flag:
        return Change("broken", previous=figures.previous)
    if row.value is None:
        return Change("withheld", previous=figures.previous, reason=row.reason)
    return Change(_state(row, row.value, figures.stable), row.value, figures.previous, row.n)


def _state(row: Figure, value: float, stable: float) -> ChangeState:
    bounds = row.bounds
    if bounds is None:
        return "uncertain" if "n" in row.flag else "untested"
    within = -stable <= bounds[0] and bounds[1] <= stable
    if "n" in row.flag:
        return "stable" if within else "uncertain"
    if abs(value) < _ROUNDS_TO_NOTHING:
        return "stable"
    return "up" if value > 0 else "down"


def target_gap(figures: Figures, target: str) -> Figure | None:
    """The gap between an estimate and the path to a target that year, better when positive; None if not published."""
    found = figures.rows.get((figures.edition, f"target.{target}", "change", "", ""), ())
    return next((row for row in reversed(found) if row.bounds is not None), None)


def target_state(gap: Figure) -> TargetState:
    """On which side of the path the estimate is, by its two one-sided tests."""
    low, high = gap.bounds or (-math.inf, math.inf)
    return "ahead" if low > 0 else "behind" if high < 0 else "compatible"
