"""In repeated samples estimates are right, and vary as much as their standard errors say; neither is so by chance.

A few draws of `python -m tests.aggregate.draws`, which makes thousands and prints the tables.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import duckdb
import numpy as np

from observatory.aggregate.distributions import Floats
from observatory.aggregate.estimation import Design, Statistic, estimate
from tests.aggregate.draws import SURVEYS, design, firms, tabled

DRAWS = 40  # the standard deviation of so many is known to a ninth
NEAR, APART = (0.75, 1.33), 3.5


def drawn(
    name: str,
    statistic: Statistic,
    variables: tuple[str, ...],
    where: str | None = None,
    other: Callable[[Design], Design] = lambda known: known,
) -> tuple[Floats, Floats]:
    """Values and standard errors, one row a draw and one column a variable."""
    survey = next(survey for survey in SURVEYS if survey.name == name)
    found = []
    with duckdb.connect(config={"threads": "1"}) as connection:
        for draw in range(DRAWS):
            known = other(design(tabled(connection, survey, draw).auxiliary))
            rows = estimate(connection, "answers", known, statistic, variables, where=where)
            found.append(rows[["value", "se"]].to_numpy())
    values, errors = np.moveaxis(np.array(found), 2, 0)
    return values, errors


def said(values: Floats, errors: Floats) -> float:
    """Standard errors over what the draws vary."""
    return float(np.mean(errors.mean(axis=0) / values.std(axis=0, ddof=1)))


def away(values: Floats, truth: Floats | float) -> float:
    """The largest bias, in its own standard errors."""
    return float(np.max(np.abs(values.mean(axis=0) - truth) / (values.std(axis=0, ddof=1) / np.sqrt(DRAWS))))


def test_a_calibrated_total_varies_as_its_residuals_do() -> None:
    values, errors = drawn("linear", "total", ("bought",))
    assert away(values, firms()["bought"].sum()) < APART
    assert NEAR[0] < said(values, errors) < NEAR[1]
    values, errors = drawn("linear", "total", ("bought",), other=lambda known: replace(known, calibration=()))
    assert said(values, errors) > NEAR[1], "the total varies less than without calibration"


def test_few_are_left_in_a_small_stratum_of_which_most_answered() -> None:
    """Where answering is a chance of the stratum alone, those that did are a sample of it."""
    asked = ("strata, answering even", "proportion", ("yes20", "yes35", "yes50"), "stratum = 'f'")
    truth = firms().loc[firms()["stratum"] == "f", list(asked[2])].mean().to_numpy()
    values, errors = drawn(*asked)
    assert away(values, truth) < APART
    assert NEAR[0] < said(values, errors) < NEAR[1]
    values, errors = drawn(*asked, other=lambda known: replace(known, population=None))
    assert said(values, errors) > NEAR[1], "the share varies less than that of a stratum without end"


def test_calibration_sets_right_what_answering_bends() -> None:
    variables = ("yes20", "yes35", "yes50")
    truth = firms()[list(variables)].mean().to_numpy()
    for name in ("raking", "logit", "linear"):
        values, errors = drawn(name, "proportion", variables)
        assert away(values, truth) < APART, name
        assert NEAR[0] < said(values, errors) < NEAR[1], name
    bent, _ = drawn("strata alone", "proportion", variables)
    assert away(bent, truth) > APART
