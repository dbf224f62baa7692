"""Who counts as a respondent."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from observatory.validate.pipeline import Validated

Check = Callable[..., Validated]
SIREN, OTHER_SIREN = "732829320", "552008443"


def kept(validated: Validated) -> list[str]:
    return validated.table["respondent"].tolist()


def removed(validated: Validated) -> dict[str, str]:
    return dict(zip(validated.removed["respondent"], validated.removed["rule"], strict=True))


def test_each_way_out_and_the_count_of_each(checked: Check) -> None:
    validated = checked(
        {"comment": "présent"},
        {"comment": "présent", "consent": "Non"},
        {"comment": "présent", "consent": None},
        {"comment": "essai", "exclude_reason": "réponse d'essai"},
        {"siren": OTHER_SIREN},
        {"siren": SIREN, "comment": "premier", "submitted_at": "2030-10-01T10:00:00"},
        {"siren": SIREN, "comment": "second", "submitted_at": "2030-10-02T10:00:00"},
    )
    assert kept(validated) == ["r1", "r7"]
    assert removed(validated) == {
        "r2": "respondents.no_consent",
        "r3": "respondents.no_consent",
        "r4": "respondents.excluded",
        "r5": "respondents.empty",
        "r6": "respondents.duplicate",
    }
    counts = dict(zip(validated.steps["step"], validated.steps["count"], strict=True))
    assert list(counts) == ["received", "withdrawn", "excluded", "no_consent", "empty", "duplicate", "used"]
    assert counts["received"] - sum(list(counts.values())[1:-1]) == counts["used"] == 2
    reasons = dict(zip(validated.removed["respondent"], validated.removed["reason"], strict=True))
    assert reasons["r4"] == "réponse d'essai"


def test_an_answer_that_could_not_be_read_is_not_an_empty_one(checked: Check) -> None:
    assert kept(checked({"total": "beaucoup"})) == ["r1"]


def test_refused_values_of_who_is_removed_are_not_listed_but_an_unread_consent_is(checked: Check) -> None:
    validated = checked(
        {"comment": "présent"},
        {"consent": "Non", "total": "beaucoup"},
        {"consent": "d'accord", "total": "beaucoup"},
    )
    assert validated.refused[["respondent", "rule"]].to_numpy().tolist() == [["r3", "consent.choice"]]


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ({"complete": "true"}, {"complete": "false", "submitted_at": "2030-10-02"}, "r1"),
        ({"submitted_at": "2030-10-02"}, {"submitted_at": "2030-10-01"}, "r1"),
        ({"submitted_at": "2030-10-02T08:00:00+02:00"}, {"submitted_at": "2030-10-02T07:00:00+00:00"}, "r2"),
        ({"size": "10-49"}, {}, "r1"),
        ({}, {}, "r2"),
        ({"submitted_at": "2030-10-01"}, {"submitted_at": None}, "r1"),
    ],
)
def test_of_two_answers_of_a_startup_the_last_complete_one_counts(
    checked: Check, first: dict[str, str], second: dict[str, str], winner: str
) -> None:
    base = {"siren": SIREN, "comment": "présent"}
    validated = checked(base | first, base | second)
    assert kept(validated) == [winner]
    assert validated.removed["kept"].tolist() == [winner]
    assert validated.decisions.empty


def test_who_gives_no_siren_or_a_wrong_one_has_no_duplicate(checked: Check) -> None:
    validated = checked(
        {"comment": "a"}, {"comment": "b"}, {"siren": "732829321"}, {"siren": "732829321", "comment": "c"}
    )
    assert kept(validated) == ["r1", "r2", "r4"]


def test_buyers_with_one_siren_and_one_perimeter_are_duplicates(checked: Check) -> None:
    answer = {"siren": SIREN, "perimeter": "L'entité", "comment": "présent"}
    validated = checked(answer, answer, audience="buyer")
    assert kept(validated) == ["r2"]


@pytest.mark.parametrize(("one", "other"), [("L'entité", "Un service"), ("L'entité", None), (None, None)])
def test_buyers_with_one_siren_and_other_perimeters_stay_until_decided(
    checked: Check, one: str | None, other: str | None
) -> None:
    validated = checked(
        {"siren": SIREN, "perimeter": one, "comment": "a"},
        {"siren": OTHER_SIREN, "perimeter": one, "comment": "b"},
        {"siren": SIREN, "perimeter": other, "comment": "c"},
        audience="buyer",
    )
    assert kept(validated) == ["r1", "r2", "r3"]
    assert set(validated.decisions["respondent"]) == {"r1", "r3"}
    assert validated.decisions["group"].tolist() == [1, 1]
    assert pd.isna(validated.decisions["decision"]).all()
