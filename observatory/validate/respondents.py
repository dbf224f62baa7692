"""Who counts as a respondent.

Belongs here: consent, answers an edition sets aside, empty answers, several answers of
one organisation. Does not belong here: refused values, which remove nobody (schema.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from observatory.editions.columns import option_column, state_column
from observatory.editions.model import Audience, Edition
from observatory.validate.routing import ANSWERED, Rows, asked_questions
from observatory.validate.rules import DUPLICATE, EMPTY, EXCLUDED, NO_CONSENT, WITHDRAWN

Decision = Literal["garder", "retirer"]

STEPS = {
    WITHDRAWN: "Retirés par décision de l'équipe",
    EXCLUDED: "Écartés par une règle de l'édition",
    NO_CONSENT: "Sans accord",
    EMPTY: "Sans aucune réponse",
    DUPLICATE: "Doublons",
}
"""The ways out, in the order in which they are tried, as readers see them."""

DECISION_COLUMNS = {
    "group": "int64",
    "respondent": "str",
    "file": "str",
    "row": "int64",
    "siren": "str",
    "perimeter": "str",
    "submitted_at": "str",
    "complete": "str",
    "answered": "int64",
    "decision": "str",
}


@dataclass(frozen=True)
class Sifted:
    """Both indexed like the table.

    removed    one row a respondent removed: rule, reason, kept (the respondent whose answer counts instead, or missing)
    undecided  one row a respondent kept whose organisation has another answer that nobody has decided on:
               DECISION_COLUMNS. It holds the SIREN: for the team only
    """

    removed: pd.DataFrame
    undecided: pd.DataFrame


def sift(
    edition: Edition,
    audience: Audience,
    table: pd.DataFrame,
    raw: pd.DataFrame,
    given: Rows,
    decisions: pd.Series[str],
) -> Sifted:
    """Sort the respondents who stay from those who don't.

    `raw` is the raw table in the same order; `given` the rows with at least one value, taken or refused, beyond who
    answers; `decisions` the team's word (Decision, or missing), row by row. « garder » replaces neither consent nor
    answers.
    """
    wanted = decisions.eq("garder").to_numpy(dtype=bool)
    excluded = _column(raw, "exclude_reason")
    reasons = pd.Series(pd.NA, index=table.index, dtype="str", name="rule")
    for rule, rows in (
        (WITHDRAWN, decisions.eq("retirer").to_numpy(dtype=bool)),
        (EXCLUDED, excluded.notna().to_numpy(dtype=bool) & ~wanted),
        (NO_CONSENT, ~_consents(edition, audience, table)),
        (EMPTY, ~given),
    ):
        reasons = reasons.mask(reasons.isna() & rows, rule)
    standing = _standing(edition, audience, table, raw)
    candidates = standing[reasons.isna() & standing["siren"].notna()]
    replaced = _replaced(audience, candidates, wanted)
    reasons = reasons.mask(reasons.index.isin(replaced.index), DUPLICATE)

    out = reasons.dropna()
    removed = pd.DataFrame({"rule": out, "reason": out.map(STEPS), "kept": replaced.reindex(out.index)})
    removed["reason"] = removed["reason"].mask(removed["rule"].eq(EXCLUDED), excluded).astype("str")
    return Sifted(removed.astype("str"), _undecided(candidates[~candidates.index.isin(replaced.index)], decisions))


def _column(raw: pd.DataFrame, name: str) -> pd.Series[str]:
    return raw[name].astype("str") if name in raw else pd.Series(pd.NA, index=raw.index, dtype="str")


def _consents(edition: Edition, audience: Audience, table: pd.DataFrame) -> Rows:
    questionnaire = edition.questionnaires[audience]
    consent = questionnaire.identity.consent
    if consent is None or questionnaire.question(consent.question).personal:
        return np.ones(len(table), dtype=bool)
    if questionnaire.question(consent.question).type == "multiple":
        ticked = table[[option_column(consent.question, code) for code in consent.accepted]]
        return ticked.eq(True).any(axis="columns").to_numpy(dtype=bool)
    return table[consent.question].isin(list(consent.accepted)).to_numpy(dtype=bool)


def identity_questions(edition: Edition, audience: Audience) -> frozenset[str]:
    """The questions that say who answers: alone, they are no answer."""
    identity = edition.questionnaires[audience].identity
    consent = None if identity.consent is None else identity.consent.question
    names = {identity.siren, identity.email, identity.perimeter, consent}
    return frozenset(name for name in names if name is not None)


def _standing(edition: Edition, audience: Audience, table: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """What decides between two answers: one row a respondent, the better the later when sorted by `_ORDER`."""
    identity = edition.questionnaires[audience].identity
    missing = pd.Series(pd.NA, index=table.index, dtype="str")
    states = [state_column(question.id) for question in asked_questions(edition, audience)]
    return pd.DataFrame(
        {
            "respondent": table["respondent"],
            "file": table["file"],
            "row": table["row"],
            "siren": table.get(identity.siren, missing),
            "perimeter": table.get(identity.perimeter, missing),
            "submitted_at": table["submitted_at"],
            "complete": _column(raw, "complete"),
            "answered": (table[states] == ANSWERED).sum(axis="columns"),
            # A tool that says nothing of completeness comes between the two.
            "completeness": _column(raw, "complete").map({"true": 2, "false": 0}).fillna(1),
            "submitted": pd.to_datetime(table["submitted_at"], format="ISO8601", utc=True, errors="coerce"),
        }
    )


_ORDER = ["completeness", "submitted", "answered", "file", "row"]


def _replaced(audience: Audience, candidates: pd.DataFrame, wanted: Rows) -> pd.Series[str]:
    """The respondents another answer replaces, with the respondent that counts instead.

    Start-ups: one answer a SIREN. Buyers: one a SIREN and declared perimeter; services of the State and entities of a
    group share a SIREN, so without a perimeter nothing is decided here.
    """
    keys = ["siren"] if audience == "startup" else ["siren", "perimeter"]
    same = candidates.dropna(subset=keys)
    same = same[same.duplicated(keys, keep=False)].sort_values(_ORDER, na_position="first", kind="stable")
    last = same.groupby(keys)["respondent"].transform("last")
    return last[same.duplicated(keys, keep="last") & ~wanted[same.index]].astype("str")


def _undecided(candidates: pd.DataFrame, decisions: pd.Series[str]) -> pd.DataFrame:
    """Organisations with several answers left, of which at least one has no decision."""
    several = candidates[candidates.duplicated("siren", keep=False)]
    several = several.assign(decision=decisions.reindex(several.index))
    open_groups = several.loc[several["decision"].isna(), "siren"].unique()
    listed = several[several["siren"].isin(open_groups)].sort_values(["siren", *_ORDER], na_position="first")
    listed = listed.assign(group=listed.groupby("siren", sort=False).ngroup() + 1)
    return listed[list(DECISION_COLUMNS)].astype(DECISION_COLUMNS)
