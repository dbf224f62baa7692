"""What calibration leaves of the variance: the regression of the residuals on the margins.

Belongs here: the products of the calibration's margins with each other and with the sums of an estimate, and β. Does
not belong here: how weights are calibrated (calibration.py), which variance it is taken from (estimation.py).

A margin is mostly a category, that few respondents are of: what isn't zero of the margins is listed for each
respondent and paired there. A column of sums for each pair of margins takes DuckDB far longer to plan than to add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from observatory.aggregate.distributions import Floats
from observatory.aggregate.survey_design import PACKAGE, Asked, Strata, named
from observatory.database import statement


@dataclass(frozen=True)
class Margins:
    """`inverse` is that of the sums of the margins' products, two by two, with the initial weights; `covariances` are
    those of the margins' estimated totals; `totals` are the weighted sums in each stratum, one row each."""

    inverse: Floats
    covariances: Floats
    totals: Floats

    def slopes(self, products: Floats) -> Floats:
        """β of each row, from the products of its residuals with the margins. Collinear margins share theirs."""
        return products @ self.inverse


def present(margins: Iterable[str]) -> str:
    """The list of (number, value) of the margins that aren't zero, and of the first, so that nobody's list is empty."""
    listed = [*margins]
    return (
        f"list_filter(list_zip(range({len(listed)}), [{', '.join(listed)}]), lambda pair: pair[2] <> 0 OR pair[1] = 0)"
    )


def margins(asked: Asked, known: Strata) -> Margins:
    columns = [f"m{j}" for j in asked.margins]
    sample = asked.sample(answers=False)
    respondent = {"stratum": "stratum", "initial": "initial", "weight": "weight", "present": present(columns)}
    if asked.design.cluster is None:
        rows = f"SELECT {named(respondent)} FROM ({sample})"
    else:
        rows = (
            f"SELECT {named(respondent | {'weight': '0.0'})} FROM ({sample}) "
            f"UNION ALL SELECT stratum, 0.0 AS initial, 1.0 AS weight, present FROM ({_of_units(asked)})"
        )
    found = asked.connection.execute(statement(PACKAGE, "estimation_margins", rows=rows)).fetchnumpy()
    one, two = found["one"], found["two"]
    normal, covariances = np.zeros((len(columns),) * 2), np.zeros((len(columns),) * 2)
    totals = np.zeros((len(known.factor), len(columns)))
    place = known.places(np.ma.getdata(found["stratum"]))
    np.add.at(normal, (one, two), found["normal"])
    np.add.at(covariances, (one, two), known.factor[place] * found["square"])
    alone = one == two
    totals[place[alone], one[alone]] = found["total"][alone]
    normal, covariances = (matrix + np.triu(matrix, 1).T for matrix in (normal, covariances))
    covariances -= (totals * (known.factor * known.centring)[:, None]).T @ totals
    # amounts beside 0/1 columns: brought to one scale, or the small ones would pass for collinear
    scale = np.sqrt(np.where(np.diag(normal) > 0, np.diag(normal), 1.0))
    inverse = np.linalg.pinv(normal / np.outer(scale, scale), rcond=1e-11, hermitian=True) / np.outer(scale, scale)
    return Margins(inverse, covariances, totals)


def cell_products(asked: Asked, answers: str, units: str) -> str:
    """The statement of the products of the cells' sums with the margins, from the same selections as theirs."""
    keys = ", ".join(("variable", *asked.keys, "stratum"))
    regressed = {"bp": "initial * c", "bq": "CASE WHEN c IS NOT NULL THEN initial END"}
    if asked.denominators:
        regressed["bq"] += " * x"
    if asked.design.cluster is None:
        sums = regressed | {"p": "p * weight", "q": "q * weight"}
        rows = f"SELECT {keys}, present, {named(sums)} FROM ({answers})"
    else:
        rows = (
            f"SELECT {keys}, present, {named(regressed | {'p': '0.0', 'q': '0.0'})} FROM ({answers}) UNION ALL "
            f"SELECT {keys}, present, 0.0 AS bp, 0.0 AS bq, p, q "
            f"FROM ({units}) JOIN ({_of_units(asked)}) USING (stratum, unit)"
        )
    return statement(PACKAGE, "estimation_cell_margins", keys=keys, rows=rows)


def _of_units(asked: Asked) -> str:
    """The weighted margins of each primary unit of the whole sample."""
    sums = {f"g{j}": f"sum(weight * m{j})" for j in asked.margins}
    grouped = f"SELECT stratum, unit, {named(sums)} FROM ({asked.sample(answers=False)}) GROUP BY stratum, unit"
    return f"SELECT stratum, unit, {present(sums)} AS present FROM ({grouped})"
