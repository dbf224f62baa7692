"""Weights of a frame: non-response by stratum, then calibration to known margins.

Belongs here: from a frame and known margins to weights and their diagnostics, and why there are none. Does not belong
here: the arithmetic (calibration.py), where an edition's margins come from (editions), its weights (weighting.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from observatory.aggregate.calibration import (
    TOLERANCE,
    Auxiliary,
    Bounds,
    Codes,
    Distance,
    Floats,
    Method,
    NoSolutionError,
    allowances,
    cells,
    distance_of,
    solve,
)
from observatory.problems import Problem, ProblemsError


@dataclass(frozen=True)
class Margins:
    """What is known of the population. `counts`: the units in each category of a column, whose values are text;
    `totals`: the total of a numeric column, in the column's own unit."""

    counts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reached:
    """One constraint: what was asked, what the initial weights gave and what the final ones give."""

    margin: str
    category: str
    asked: float
    initial: float
    reached: float


@dataclass(frozen=True)
class Spread:
    low: float
    q1: float
    median: float
    q3: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """`weights` are aligned with the frame's index; `ratios` is the spread of final over initial weights; `distance`
    is Σ d·G(w/d) of the method; `design_effect` is Kish's 1 + cv² of the final weights; `negative` counts the weights
    under 0, which only the linear method without bounds can give."""

    weights: pd.Series[float]
    ratios: Spread
    distance: float
    design_effect: float
    negative: int
    iterations: int
    reached: tuple[Reached, ...]


def nonresponse(frame: pd.DataFrame, stratum: str, population: Mapping[str, float]) -> pd.Series[float]:
    """N_h / r_h of each row, aligned with the frame's index.

    Raises ProblemsError: a stratum of the population without respondents (collapsing it with another is a decision of
    the team, never made here), more respondents than units, a respondent without a known stratum.
    """
    known = Margins(counts={stratum: population})
    problems = [*_columns(frame, known), *_amounts_known(known)]
    if problems:
        raise ProblemsError(problems)
    codes, missing, unknown = _coded(frame[stratum], population)
    problems += _left_out(stratum, population, missing, unknown)
    respondents = np.bincount(codes[codes >= 0], minlength=len(population))
    for (name, units), found in zip(population.items(), respondents.tolist(), strict=True):
        if units > 0 and found == 0:
            problems.append(
                Problem(
                    column=stratum,
                    found=f"strate « {name} » : {_number(units)} unités, aucun répondant",
                    expected="au moins un répondant dans chaque strate",
                    action="regroupez cette strate avec une voisine (groups) : ce choix revient à l'équipe",
                )
            )
        elif found > units:
            problems.append(
                Problem(
                    column=stratum,
                    found=f"strate « {name} » : {_number(units)} unités, {found} répondants",
                    expected="pas plus de répondants que d'unités",
                    action="corrigez l'effectif de la strate, ou cherchez des réponses en double",
                )
            )
    if problems:
        raise ProblemsError(problems)
    counts = np.array(list(population.values()), dtype=float)
    factor = np.divide(counts, respondents, out=np.ones(len(counts)), where=respondents > 0)
    return pd.Series(factor[codes], index=frame.index, name="initial_weight")


def calibrate(
    frame: pd.DataFrame,
    margins: Margins | Mapping[str, Mapping[str, float] | float],
    *,
    weight: str | None = None,
    method: Method = "raking",
    bounds: Bounds | None = None,
) -> Calibration:
    """The weights closest to those of the column `weight` (None: 1 each) that meet every margin.

    `margins` may be told as a mapping: of a column to the counts of its categories, or to its total. Categories are
    compared as texts.
    `bounds` are those of the ratios of weights; logit needs them, linear may have them, raking has none. Margins that
    repeat each other are allowed. Raises ProblemsError, with the margin's name, when there is no solution.
    """
    if method not in ("linear", "raking", "logit"):
        raise ValueError(f"a method is linear, raking or logit, not {method!r}")
    if bounds is not None and len(bounds) != 2:
        raise ValueError("bounds are two: the least and the greatest ratio of weights")
    margins = _told(margins)
    problems = [
        *_options(method, bounds),
        *_amounts_known(margins),
        *_columns(frame, margins, *([] if weight is None else [weight])),
    ]
    if problems:
        raise ProblemsError(problems)
    initial = np.ones(len(frame)) if weight is None else frame[weight].to_numpy(dtype=float, na_value=math.nan)
    problems = [*_positive(weight, initial), *_agree(margins)]
    auxiliary, faults = _auxiliary(frame, margins)
    if problems or faults:
        raise ProblemsError([*problems, *faults])
    scales = _scales(auxiliary.amounts)
    scaled = Auxiliary(auxiliary.codes, auxiliary.sizes, auxiliary.amounts / scales[:, None])
    unit = np.concatenate([np.ones(sum(auxiliary.sizes)), scales])
    names = _constraints(margins)
    asked = np.array([total for _, _, total in names], dtype=float)
    problems = [*_within_bounds(scaled, names, asked / unit, initial, bounds)]
    if problems:
        raise ProblemsError(problems)
    fewer, grouped, places = cells(scaled, initial)
    distance = distance_of(method, bounds)
    try:
        solution = solve(fewer, asked / unit, grouped, distance)
    except NoSolutionError as error:
        if error.contradiction is not None:
            raise ProblemsError([_contradicting(error.contradiction, names)]) from None
        others = _by_the_others(fewer, names, asked / unit, grouped, distance)
        given = error.reached if np.isnan(others).all() else others
        raise ProblemsError([_no_solution(names, asked, given * unit, bounds)]) from None
    sums = zip(names, fewer.sums(grouped) * unit, fewer.sums(grouped * solution.ratios) * unit, strict=True)
    reached = tuple(Reached(*name, float(before), float(after)) for name, before, after in sums)
    ratios = solution.ratios if places is None else solution.ratios[places]
    weights = initial * ratios
    return Calibration(
        weights=pd.Series(weights, index=frame.index, name="weight"),
        ratios=Spread(*np.quantile(ratios, (0, 0.25, 0.5, 0.75, 1)).tolist()),
        distance=solution.distance,
        design_effect=design_effect(weights),
        negative=int((weights < 0).sum()),
        iterations=solution.iterations,
        reached=reached,
    )


def _told(margins: Margins | Mapping[str, Mapping[str, float] | float]) -> Margins:
    if isinstance(margins, Margins):
        return margins
    return Margins(
        counts={
            name: {str(category): count for category, count in known.items()}
            for name, known in margins.items()
            if isinstance(known, Mapping)
        },
        totals={name: float(known) for name, known in margins.items() if not isinstance(known, Mapping)},
    )


Constraint = tuple[str, str, float]
"""Margin, category ('' for a total) and what is asked."""


def _constraints(margins: Margins) -> list[Constraint]:
    counts = [(name, category, count) for name, known in margins.counts.items() for category, count in known.items()]
    return counts + [(name, "", total) for name, total in margins.totals.items()]


def design_effect(weights: Floats) -> float:
    """Kish's: 1 + cv² of the weights, n Σw² / (Σw)²."""
    return float(len(weights) * np.sum(weights**2) / np.sum(weights) ** 2)


def _scales(amounts: Floats) -> Floats:
    """A round power of ten near each amount's mean size: in euros beside counts of firms, Newton's system is lost."""
    sizes = np.abs(amounts).mean(axis=1)
    return np.asarray(10.0 ** np.round(np.log10(np.where(sizes > 0, sizes, 1))), dtype=float)


def _coded(values: pd.Series[str], known: Mapping[str, float]) -> tuple[Codes, int, int]:
    """Each row's category as a position in `known` (-1: none), and how many are missing and how many unknown."""
    own, uniques = pd.factorize(values)
    found = pd.Index(list(known), dtype=object).get_indexer(pd.Index([str(value) for value in uniques], dtype=object))
    places = np.append(found, -1).astype(np.intp)
    codes = places[own]
    missing = int((own < 0).sum())
    return codes, missing, int((codes < 0).sum()) - missing


def _auxiliary(frame: pd.DataFrame, margins: Margins) -> tuple[Auxiliary, list[Problem]]:
    problems: list[Problem] = []
    columns: list[Codes] = []
    for name, known in margins.counts.items():
        codes, missing, unknown = _coded(frame[name], known)
        columns.append(codes)
        faults = _left_out(name, known, missing, unknown)
        problems += faults
        # Where answers are set right, categories that look empty may not be.
        if not faults:
            problems += _empty(name, known, np.bincount(codes, minlength=len(known)))
    amounts = np.empty((len(margins.totals), len(frame)))
    for position, (name, total) in enumerate(margins.totals.items()):
        amounts[position] = frame[name].to_numpy(dtype=float, na_value=math.nan)
        finite = np.isfinite(amounts[position])
        if not finite.all():
            problems.append(_unanswered(name, int((~finite).sum())))
        elif total != 0 and not amounts[position].any():
            problems.append(
                Problem(
                    column=name,
                    found=f"total connu {_number(total)}, mais que des zéros chez les répondants",
                    expected="au moins une réponse différente de zéro",
                    action="retirez ce total des marges",
                )
            )
    sizes = tuple(len(known) for known in margins.counts.values())
    return Auxiliary(tuple(columns), sizes, amounts), problems


def _options(method: Method, bounds: Bounds | None) -> Iterator[Problem]:
    if method == "raking" and bounds is not None:
        yield Problem(
            column="bounds",
            found="des bornes avec la méthode raking",
            expected="raking sans bornes, ou logit et ses bornes",
            action="choisissez logit pour borner les rapports de poids",
        )
    if method == "logit" and (bounds is None or not all(map(math.isfinite, bounds))):
        yield Problem(
            column="bounds",
            found="la méthode logit sans bornes",
            expected="deux bornes des rapports de poids, par exemple 0,3 et 3",
            action="ajoutez les bornes, ou choisissez raking",
        )
    elif bounds is not None and not bounds[0] < 1 < bounds[1]:
        yield Problem(
            column="bounds",
            found=f"bornes {_number(bounds[0])} et {_number(bounds[1])}",
            expected="une borne basse sous 1 et une borne haute au-dessus de 1",
            action="corrigez les bornes",
        )


def _columns(frame: pd.DataFrame, margins: Margins, *others: str) -> Iterator[Problem]:
    for name in dict.fromkeys((*margins.totals, *others)):
        if name in frame.columns and not pd.api.types.is_numeric_dtype(frame[name]):
            yield Problem(
                column=name,
                found="une colonne qui n'est pas numérique",
                expected="des nombres",
                action="convertissez la colonne",
            )
    for name in dict.fromkeys((*margins.counts, *margins.totals, *others)):
        if name not in frame.columns:
            yield Problem(
                column=name,
                found="pas de colonne de ce nom dans les réponses",
                expected="une colonne pour chaque marge",
                action="corrigez le nom de la marge",
            )
    if frame.empty:
        yield Problem(
            found="aucun répondant à pondérer",
            expected="au moins un répondant",
            action="vérifiez les réponses reçues, ou retirez les marges",
        )


def _amounts_known(margins: Margins) -> Iterator[Problem]:
    if not margins.counts and not margins.totals:
        yield Problem(
            found="aucune marge",
            expected="au moins une marge",
            action="donnez une marge, ou gardez des poids de 1",
        )
    for name, category, known in _constraints(margins):
        if not math.isfinite(known) or (name in margins.counts and category and known < 0):
            yield Problem(
                column=name,
                found=f"{_of(category)}{_number(known)}",
                expected="un effectif d'au moins 0" if category else "un nombre",
                action="corrigez cette marge",
            )


def _positive(weight: str | None, initial: Floats) -> Iterator[Problem]:
    refused = int((~(np.isfinite(initial) & (initial > 0))).sum())
    if refused:
        yield Problem(
            column=weight or "",
            found=f"{_respondents(refused)} sans poids initial positif",
            expected="un poids initial positif pour chaque répondant",
            action="vérifiez les effectifs des strates",
        )


def _agree(margins: Margins) -> Iterator[Problem]:
    """Each respondent counts once in every category margin: all of them have one sum, the population's."""
    sums = [(name, math.fsum(known.values())) for name, known in margins.counts.items()]
    for name, total in sums[1:]:
        first, population = sums[0]
        if abs(total - population) > TOLERANCE * max(total, population):
            yield Problem(
                column=name,
                found=f"une somme de {_number(total)}, contre {_number(population)} pour « {first} »",
                expected="la même population dans toutes les marges",
                action="corrigez l'une des deux marges, ou ramenez-la à la population de l'autre",
            )


def _left_out(name: str, known: Mapping[str, float], missing: int, unknown: int) -> list[Problem]:
    """Respondents of no category: named by their number only, their answer is theirs."""
    problems = []
    if missing:
        problems.append(_unanswered(name, missing))
    if unknown:
        problems.append(
            Problem(
                column=name,
                found=f"{_respondents(unknown)} dans une catégorie sans effectif connu",
                expected=f"l'une des catégories : {', '.join(known)}",
                action="donnez l'effectif qui manque, ou regroupez des catégories (groups)",
            )
        )
    return problems


def _unanswered(name: str, missing: int) -> Problem:
    return Problem(
        column=name,
        found=f"{_respondents(missing)} sans réponse",
        expected="une réponse de chaque répondant à une question qui sert de marge",
        action="complétez ces réponses par des corrections, ou retirez cette marge",
    )


def _empty(name: str, known: Mapping[str, float], respondents: Codes) -> Iterator[Problem]:
    for (category, count), found in zip(known.items(), respondents.tolist(), strict=True):
        if count > 0 and found == 0:
            yield Problem(
                column=name,
                found=f"catégorie « {category} » : effectif connu {_number(count)}, aucun répondant",
                expected="au moins un répondant dans chaque catégorie",
                action="regroupez cette catégorie avec une voisine (groups), ou retirez cette marge",
            )
        if count == 0 and found > 0:
            yield Problem(
                column=name,
                found=f"catégorie « {category} » : effectif connu 0, mais {_respondents(found)}",
                expected="un effectif positif là où il y a des répondants",
                action="corrigez l'effectif, ou regroupez cette catégorie avec une voisine (groups)",
            )


def _within_bounds(
    auxiliary: Auxiliary, names: list[Constraint], totals: Floats, initial: Floats, bounds: Bounds | None
) -> Iterator[Problem]:
    """Margins that the bounds put out of reach by themselves, each with the ratio it asks for."""
    if bounds is None:
        return
    parts = []
    for sign in (1, -1):
        amounts = np.maximum(sign * auxiliary.amounts, 0)
        parts.append(Auxiliary(auxiliary.codes, auxiliary.sizes, amounts).sums(initial))
    above, below = parts
    below[: sum(auxiliary.sizes)] = 0
    allowed = allowances(auxiliary, totals, initial)
    # An infinite bound of nothing is nothing.
    low, high = (np.where(above > 0, bound * above, 0) for bound in bounds)
    low -= np.where(below > 0, bounds[1] * below, 0)
    high -= np.where(below > 0, bounds[0] * below, 0)
    for place in np.flatnonzero((totals < low - allowed) | (totals > high + allowed)):
        name, category, total = names[place]
        before = above[place] - below[place]
        needed = f", soit un rapport de {_number(totals[place] / before)}" if before > 0 else ""
        yield Problem(
            column=name,
            found=f"{_of(category)}marge {_number(total)}{needed}, hors des bornes {_number(bounds[0])} et "
            f"{_number(bounds[1])}",
            expected="des bornes qui contiennent le rapport de chaque marge à ce que donnent les poids initiaux",
            action="élargissez les bornes, ou regroupez des catégories (groups)",
        )


def _contradicting(coefficients: Floats, names: list[Constraint]) -> Problem:
    size = np.abs(coefficients)
    tied = list(dict.fromkeys(names[place][0] for place in np.flatnonzero(size > 1e-6 * size.max())))
    return Problem(
        column=tied[0],
        found=f"des marges liées entre elles chez les répondants et qui se contredisent : {', '.join(tied)}",
        expected="des marges que les mêmes poids peuvent atteindre ensemble",
        action="corrigez l'une de ces marges ou retirez-la ; regroupez les catégories qui ont peu de répondants",
    )


def _by_the_others(
    auxiliary: Auxiliary, names: list[Constraint], totals: Floats, initial: Floats, distance: Distance
) -> Floats:
    """What weights that meet all the other margins give for each margin; missing where there are none either."""
    result = np.full(len(totals), math.nan)
    margins = list(dict.fromkeys(name for name, _, _ in names))
    for position, margin in enumerate(margins if len(margins) > 1 else ()):
        own = np.array([name == margin for name, _, _ in names])
        try:
            solution = solve(auxiliary.without(position), totals[~own], initial, distance)
        except NoSolutionError:
            continue
        result[own] = auxiliary.sums(initial * solution.ratios)[own]
    return result


def _no_solution(names: list[Constraint], asked: Floats, reached: Floats, bounds: Bounds | None) -> Problem:
    """Each margin in the way, the furthest first, with its worst category."""
    gaps = np.nan_to_num(np.abs(reached - asked) / np.maximum(np.abs(asked), np.finfo(float).tiny), nan=-1)
    worst: dict[str, int] = {}
    for place in np.argsort(-gaps, kind="stable").tolist():
        if gaps[place] >= 0:
            worst.setdefault(names[place][0], place)
    given = " ; pour ".join(
        f"« {name} » : {_of(names[place][1])}{_number(reached[place])} au lieu de {_number(asked[place])}"
        for name, place in worst.items()
    )
    within = f" entre les bornes {_number(bounds[0])} et {_number(bounds[1])}" if bounds else ""
    return Problem(
        column=next(iter(worst)),
        found=f"aucun jeu de poids{within} n'atteint toutes les marges ; les poids calés sur les autres donnent, pour "
        + given,
        expected="des marges que les mêmes poids peuvent atteindre ensemble",
        action=("élargissez les bornes, " if bounds else "")
        + "corrigez l'une de ces marges, regroupez ses catégories (groups) ou retirez-la",
    )


def _of(category: str) -> str:
    return f"catégorie « {category} » : " if category else ""


def _respondents(count: int) -> str:
    return f"{count} répondant{'s' if count > 1 else ''}"


def _number(value: float) -> str:
    """Up to six significant digits, all of a whole number, as the French write them."""
    text = f"{value:.0f}" if math.isfinite(value) and value == round(value) else f"{value:.6g}"
    return text.replace(".", ",")


def warnings_of(calibration: Calibration) -> Iterable[Problem]:
    """What the team must know of weights that were found."""
    if calibration.negative:
        yield Problem(
            found=f"{calibration.negative} poids sous zéro, le plus petit rapport étant "
            f"{_number(calibration.ratios.low)}",
            expected="des poids positifs",
            action="choisissez raking, ou donnez des bornes à la méthode linear (par exemple 0,3 et 3)",
            severity="warning",
        )
