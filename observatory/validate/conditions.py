"""Running the questionnaire's conditions on answers.

Belongs here: evaluating a condition's SQL over a frame of validated columns. Does not
belong here: parsing conditions (observatory.editions.expressions), what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from observatory.database import quoted
from observatory.editions.expressions import Condition

Verdicts = npt.NDArray[np.int8]
"""One value a row: 1 true, 0 false, -1 unknown (null)."""

FALSE, UNKNOWN = 0, -1


def evaluate(
    connection: duckdb.DuckDBPyConnection, frame: pd.DataFrame, conditions: Mapping[str, Condition]
) -> dict[str, Verdicts]:
    """The verdict of every condition on every row of the frame, in the frame's order."""
    if not conditions:
        return {}
    columns = sorted(set().union(*(condition.columns for condition in conditions.values())))
    # A condition may read no column at all; the relation still needs one.
    answers = frame[columns] if columns else pd.DataFrame({"row": range(len(frame))})
    connection.register("answers", answers)
    verdicts = ", ".join(
        f"coalesce(CAST(({condition.sql}) AS TINYINT), {UNKNOWN}) AS {quoted(name)}"
        for name, condition in conditions.items()
    )
    result = connection.execute(f"SELECT {verdicts} FROM answers").fetchnumpy()
    connection.unregister("answers")
    return {name: np.asarray(result[name], dtype=np.int8) for name in conditions}
