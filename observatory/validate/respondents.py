"""Who counts as a respondent.

Belongs here: consent, answers an edition sets aside, empty answers, the order in which these are tried. Does not belong
here: which answers are one respondent's (duplicates.py), refused values, which remove nobody (schema.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from observatory.editions.columns import option_column, question_columns, state_column
from observatory.editions.model import Audience, Edition
from observatory.validate.duplicates import OPEN, REMOVED, find_duplicates
from observatory.validate.organisations import families
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


@dataclass(frozen=True)
class Sifted:
    """Both indexed like the table.

    removed    one row a respondent removed: rule, reason, kept (the respondent whose answer counts instead, or missing)
    duplicates one row an answer that has a twin, removed, kept or awaiting the team's decision: DUPLICATE_COLUMNS. It
               holds SIRENs and names: for the team only
    """

    removed: pd.DataFrame
    duplicates: pd.DataFrame

    @property
    def undecided(self) -> pd.DataFrame:
        return self.duplicates[self.duplicates["situation"].eq(OPEN)]


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
    staying = reasons.isna()
    candidates = _standing(edition, audience, table[staying], raw[staying])
    duplicates = find_duplicates(audience, candidates, wanted[staying.to_numpy()], decisions)
    replaced = duplicates[duplicates["situation"].eq(REMOVED)]
    reasons = reasons.mask(reasons.index.isin(replaced.index), DUPLICATE)

    out = reasons.dropna()
    removed = pd.DataFrame({"rule": out, "reason": out.map(STEPS), "kept": replaced["kept"].reindex(out.index)})
    removed["reason"] = removed["reason"].mask(removed["rule"].eq(EXCLUDED), excluded).astype("str")
    removed["reason"] = removed["reason"].mask(removed["rule"].eq(DUPLICATE), "Doublon : " + replaced["reason"])
    return Sifted(removed.astype("str"), duplicates)


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
    names = {identity.siren, identity.email, identity.perimeter, identity.organisation, consent}
    return frozenset(name for name in names if name is not None)


def _standing(edition: Edition, audience: Audience, table: pd.DataFrame, raw: pd.DataFrame) -> pd.DataFrame:
    """What tells two answers of one respondent, and decides between them: one row a respondent."""
    identity = edition.questionnaires[audience].identity
    missing = pd.Series(pd.NA, index=table.index, dtype="str")
    organisation = table.get(identity.organisation, missing).astype("str")
    states = [state_column(question.id) for question in asked_questions(edition, audience)]
    return pd.DataFrame(
        {
            "respondent": table["respondent"],
            "file": table["file"],
            "row": table["row"],
            "siren": table.get(identity.siren, missing),
            "email": _column(raw, "email_hash"),
            "same": _same_answers(edition, audience, table),
            "organisation": organisation,
            "family": organisation.map(families(organisation.dropna().unique())).astype("str"),
            "perimeter": table.get(identity.perimeter, missing),
            "submitted_at": table["submitted_at"],
            "complete": _column(raw, "complete"),
            "answered": (table[states] == ANSWERED).sum(axis="columns"),
            # A tool that says nothing of completeness comes between the two.
            "completeness": _column(raw, "complete").map({"true": 2, "false": 0}).fillna(1),
            "submitted": pd.to_datetime(table["submitted_at"], format="ISO8601", utc=True, errors="coerce"),
        }
    )


def _same_answers(edition: Edition, audience: Audience, table: pd.DataFrame) -> pd.Series[str]:
    """A key that answers share if they were sent at one moment and say the same: one response in two exports.

    Two such rows of one file are two responses. Missing where the day alone is known.
    """
    found = pd.Series(pd.NA, index=table.index, dtype="str")
    sent = table["submitted_at"]
    sent = sent[sent.str.contains("T(?!00:00:00$)").fillna(False).astype(bool)]
    sent = sent[sent.duplicated(keep=False)]
    columns = [name for question in asked_questions(edition, audience) for name in question_columns(edition, question)]
    answers = pd.util.hash_pandas_object(table.loc[sent.index, columns], index=False).astype("str")
    keys = sent + "\x1f" + answers
    found[keys.index] = keys + "\x1f" + keys.groupby([table["file"], keys]).cumcount().astype("str")
    return found
