"""The weights of one audience of an edition: its known margins applied to its validated answers.

Belongs here: which columns are read, what the edition's margins mean for them, and the frame that estimates take. Does
not belong here: how weights are found (weights.py), how margins are written (editions), estimates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from babel.dates import format_date

from observatory.aggregate.weights import Calibration, Margins, calibrate, design_effect, nonresponse, warnings_of
from observatory.editions.model import Audience, Edition, KnownCounts, KnownMargins, KnownTotal
from observatory.problems import Problem, ProblemsError

WEIGHT_COLUMNS = {
    "respondent": "str",
    "initial_weight": "float64",
    "weight": "float64",
    "stratum": "str",
    "population": "float64",
}
"""The columns that every weights frame has; `stratum` is '' and `population` missing where none is known."""

AUXILIARY = "auxiliary__"
"""Begins the names of the calibration's auxiliary columns."""

_MILLION = 1e6


@dataclass(frozen=True)
class Weighting:
    """`frame`: one row a respondent, in the table's order, WEIGHT_COLUMNS then the `auxiliary` columns: what the
    calibration regressed on, numbers (0 or 1 for a category, millions for a total), collinear where margins are.

    `known`: margins were known; if not, every weight is 1, and what is published says so. `calibration`: its
    diagnostics; None where only strata were known, or nothing.
    """

    frame: pd.DataFrame
    auxiliary: tuple[str, ...]
    known: bool
    calibration: Calibration | None
    warnings: tuple[Problem, ...]


def columns_read(edition: Edition, audience: Audience) -> tuple[str, ...]:
    """The columns of the validated table that the weights need."""
    margins = edition.margins.get(audience)
    if margins is None:
        return ("respondent",)
    counted = [known.question for known in _counted(margins)]
    summed = [known.question for known in margins.totals]
    return tuple(dict.fromkeys(("respondent", *counted, *summed)))


def weighting(edition: Edition, audience: Audience, answers: pd.DataFrame) -> Weighting:
    """The weights of these answers, which hold at least the columns `columns_read` names.

    Raises ProblemsError, naming the margins' file, when margins are known and no weights meet them.
    """
    margins = edition.margins.get(audience)
    frame = pd.DataFrame({"respondent": answers["respondent"].astype("str")}, index=answers.index)
    frame = frame.assign(initial_weight=1.0, weight=1.0, stratum="", population=math.nan)
    if margins is None:
        return Weighting(frame.astype(WEIGHT_COLUMNS), (), False, None, ())
    file = f"{edition.name}/margins/{audience}.yaml"
    try:
        result = _weighted(margins, frame, answers)
    except ProblemsError as error:
        raise ProblemsError([replace(problem, file=file) for problem in error.problems]) from None
    return replace(result, warnings=tuple(replace(problem, file=file) for problem in result.warnings))


FACTS = {
    "audience": "str",
    "known": "bool",
    "method": "str",
    "strata": "str",
    "margins": "str",
    "respondents": "int64",
    "population": "float64",
    "smallest_ratio": "float64",
    "largest_ratio": "float64",
    "design_effect": "float64",
}
"""The columns of what a report says of weights."""


def facts(edition: Edition, weightings: Mapping[Audience, Weighting]) -> pd.DataFrame:
    """What was done to weigh each audience: one row an audience, FACTS.

    `strata` and `margins` name what was used, with source and date, separated by " ; "; `population` is what strata or
    counts sum to; the ratios are those of calibrated to initial weights, the design effect is Kish's. All are missing
    where there is nothing of the kind.
    """
    rows = []
    for audience, found in weightings.items():
        margins, calibration = edition.margins.get(audience), found.calibration
        used: tuple[KnownCounts | KnownTotal, ...] = ()
        strata, method, population = "", "", math.nan
        if margins is not None:
            used, population = (*margins.counts, *margins.totals), _population(margins)
            method = "" if calibration is None else margins.method
            strata = "" if margins.strata is None else _named(edition, audience, margins.strata)
        weights = found.frame["weight"].to_numpy(dtype=float)
        rows.append(
            {
                "audience": audience,
                "known": found.known,
                "method": method,
                "strata": strata,
                "margins": " ; ".join(_named(edition, audience, known) for known in used),
                "respondents": len(found.frame),
                "population": population,
                "smallest_ratio": math.nan if calibration is None else calibration.ratios.low,
                "largest_ratio": math.nan if calibration is None else calibration.ratios.high,
                "design_effect": design_effect(weights) if found.known and len(weights) else math.nan,
            }
        )
    return pd.DataFrame(rows, columns=list(FACTS)).astype(FACTS)


def _named(edition: Edition, audience: Audience, known: KnownCounts | KnownTotal) -> str:
    question = edition.questionnaires[audience].question(known.question)
    return f"{edition.label(question)} ({known.source}, {format_date(known.date, 'long', locale=edition.language)})"


def _population(margins: KnownMargins) -> float:
    for known in _counted(margins):
        return math.fsum(known.counts.values())
    return math.nan


def _counted(margins: KnownMargins) -> tuple[KnownCounts, ...]:
    return (*margins.counts,) if margins.strata is None else (margins.strata, *margins.counts)


def _weighted(margins: KnownMargins, frame: pd.DataFrame, answers: pd.DataFrame) -> Weighting:
    warnings: list[Problem] = []
    if margins.strata is not None:
        question = margins.strata.question
        strata, populations = _with_unanswered(margins.strata, _categories(answers, margins.strata), None, warnings)
        frame["initial_weight"] = nonresponse(pd.DataFrame({question: strata}), question, populations)
        frame["stratum"], frame["population"] = strata, strata.map(populations).astype(float)
    elif margins.counts and len(answers):
        # One stratum of everyone: the population is what every margin sums to.
        population = math.fsum(margins.counts[0].counts.values())
        frame["initial_weight"], frame["population"] = population / len(answers), population
    frame["weight"] = frame["initial_weight"]
    if not margins.counts and not margins.totals:
        return Weighting(frame.astype(WEIGHT_COLUMNS), (), True, None, tuple(warnings))
    refused: list[Problem] = []
    values: dict[str, pd.Series[Any]] = {}
    counts: dict[str, dict[str, float]] = {}
    for item in margins.counts:
        categories = _categories(answers, item)
        refused += _more_than_units(item, categories)
        found = _with_unanswered(item, categories, frame["initial_weight"], warnings)
        values[item.question], counts[item.question] = found
    if refused:
        raise ProblemsError(refused)
    values |= {item.question: answers[item.question] for item in margins.totals}
    known = Margins(counts=counts, totals={item.question: item.total for item in margins.totals})
    used = pd.DataFrame(values, index=answers.index).assign(**{_INITIAL: frame["initial_weight"]})
    calibration = calibrate(used, known, weight=_INITIAL, method=margins.method, bounds=margins.bounds)
    if calibration.negative:
        raise ProblemsError([replace(problem, severity="error") for problem in warnings_of(calibration)])
    frame["weight"] = calibration.weights
    auxiliary = _auxiliary(used, known)
    return Weighting(
        pd.concat([frame.astype(WEIGHT_COLUMNS), auxiliary], axis=1),
        tuple(auxiliary.columns),
        True,
        calibration,
        tuple(dict.fromkeys(warnings)),
    )


def _more_than_units(known: KnownCounts, categories: pd.Series[str]) -> Iterator[Problem]:
    """A population holds its respondents: weights under 1 on the average would meet such a count all the same."""
    for category, respondents in categories.value_counts().items():
        if respondents > known.counts.get(str(category), math.inf):
            yield Problem(
                column=known.question,
                found=f"catégorie « {category} » : {known.counts[str(category)]:.0f} unités, {respondents} répondants",
                expected="pas plus de répondants que d'unités",
                action="corrigez l'effectif de la marge, ou cherchez des réponses en double",
            )


UNANSWERED = "(sans réponse)"
"""The category of respondents who left a margin's question unanswered. No option has such a code."""


def _with_unanswered(
    known: KnownCounts, categories: pd.Series[str], initial: pd.Series[float] | None, warnings: list[Problem]
) -> tuple[pd.Series[str], dict[str, float]]:
    """Those who did not answer as a category of their own, which takes from each known count the share that they have
    of the initial weights (of the respondents, where there are none yet): a blank says nothing of its category."""
    missing = categories.isna()
    if not missing.any() or missing.all():  # nobody's answer is refused with the weights
        return categories, dict(known.counts)
    share = float(missing.mean() if initial is None else initial[missing].sum() / initial.sum())
    warnings.append(
        Problem(
            column=known.question,
            found=f"répondants sans réponse à cette question : {int(missing.sum())}",
            expected="une réponse de chacun, puisque la question sert à pondérer",
            action="rien si vous l'ignorez : ils forment une catégorie à part, prise sur les autres en proportion ; "
            "sinon, corrigez leur réponse",
            severity="warning",
        )
    )
    counts = {category: count * (1 - share) for category, count in known.counts.items()}
    return categories.fillna(UNANSWERED), counts | {UNANSWERED: share * math.fsum(known.counts.values())}


_INITIAL = "initial weight"
"""No question's name: they have no space."""


def _categories(answers: pd.DataFrame, known: KnownCounts) -> pd.Series[str]:
    """The category under which each answer is counted: its group or itself."""
    codes = answers[known.question]
    renamed = {code: known.category_of(str(code)) or str(code) for code in codes.dropna().unique()}
    return codes.map(renamed)


def _auxiliary(used: pd.DataFrame, margins: Margins) -> pd.DataFrame:
    columns = {
        f"{AUXILIARY}{question}__{category}": (used[question] == category).astype(float)
        for question, known in margins.counts.items()
        for category in known
    }
    columns |= {f"{AUXILIARY}{question}": used[question].astype(float) / _MILLION for question in margins.totals}
    return pd.DataFrame(columns, index=used.index)
