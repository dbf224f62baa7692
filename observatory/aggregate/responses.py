"""How many respondents left each question unanswered.

Belongs here: counting shown and answered questions. Does not belong here: what an unanswered question does to an
estimate (it is left out: estimation.py).
"""

from __future__ import annotations

import duckdb
import pandas as pd

from observatory.database import quoted, statement
from observatory.editions.columns import state_column
from observatory.editions.model import Edition

RESPONSES = {"audience": "str", "question": "str", "label": "str", "shown": "int64", "answered": "int64"}


def responses(connection: duckdb.DuckDBPyConnection, edition: Edition) -> pd.DataFrame:
    """A row: one question of one audience, in the questionnaire's order, with the columns RESPONSES."""
    frames = []
    for audience in edition.audiences:
        asked = [q for q in edition.questionnaires[audience].questions if not q.personal]
        text = statement(
            "observatory.aggregate",
            "responses",
            states=", ".join(quoted(state_column(question.id)) for question in asked),
            count=str(len(asked)),
            answers=f"validated.{quoted(f'{audience}_{edition.name}')}",
        )
        found = connection.execute(text).df()
        names = [asked[position] for position in found["position"]]
        frames.append(
            found.assign(
                audience=audience,
                question=[question.id for question in names],
                label=[edition.label(question) for question in names],
            )
        )
    return pd.concat(frames, ignore_index=True)[list(RESPONSES)].astype(RESPONSES)
