"""What a value must hold to, and what a refusal does."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pandas as pd
import pytest

from observatory.editions.columns import validated_columns
from observatory.editions.model import Edition
from observatory.problems import ProblemsError
from observatory.validate.pipeline import Validated
from observatory.validate.rules import rules
from observatory.validate.schema import DTYPES, META_COLUMNS, answers_schema, failures

Check = Callable[..., Validated]


def refusals(validated: Validated) -> list[tuple[str, str]]:
    return list(zip(validated.refused["respondent"], validated.refused["rule"], strict=True))


def test_sound_answers_pass_whole(checked: Check) -> None:
    validated = checked(
        {
            "siren": "732 829 320",
            "size": "10-49",
            "relation": "Yes, at least one contract",
            "obstacles": "Lenteur des décisions; Délais de paiement",
            "total": "1,5 M€",
            "startups": "350 k€",
            "contracts": "3",
            "share": "12,5 %",
            "channels": "Salons; Pairs",
            "first_contact": "Un salon professionnel",
            "since": "01/02/2030",
            "comment": "Merci",
        }
    )
    assert validated.refused.empty
    row = validated.table.iloc[0]
    assert (row["siren"], row["size"], row["relation"], row["total"]) == ("732829320", "m", "yes", 1.5e6)
    assert (row["obstacles__slow"], row["obstacles__none"], row["channels__peer"]) == (True, False, 2)
    assert row["since"] == pd.Timestamp("2030-02-01")
    assert (row["obstacles__state"], row["comment__state"]) == (
        "answered",
        "answered",
    )


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"size": "une dizaine"}, "size.choice"),
        ({"total": "beaucoup"}, "total.number"),
        ({"total": "1.234"}, "total.number"),
        ({"total": "12 Md€"}, "total.bounds"),
        ({"total": "-5"}, "total.bounds"),
        ({"share": "120 %"}, "share.bounds"),
        ({"siren": "732829321"}, "siren.siren"),
        ({"since": "31/02/2030"}, "since.date"),
        ({"relation": "yes", "obstacles": "slow; rules; delays"}, "obstacles.max_choices"),
        ({"relation": "yes", "obstacles": "slow; none"}, "obstacles.exclusive"),
        ({"relation": "Non", "obstacles": "slow"}, "obstacles.shown"),
        ({"total": "100", "startups": "200"}, "startups.check_1"),
        ({"channels__fair": "1", "channels__web": "1"}, "channels.ranks"),
    ],
)
def test_a_value_that_breaks_a_rule_becomes_missing_and_is_listed(
    checked: Check, answers: dict[str, str], rule: str
) -> None:
    validated = checked({"comment": "présent", **answers})
    assert refusals(validated) == [("r1", rule)]
    assert len(validated.table) == 1, "a refused value removes nobody"
    question = rule.partition(".")[0]
    values = [name for name in validated.table if name == question or name.startswith(f"{question}__")]
    assert validated.table[[name for name in values if not name.endswith("__state")]].isna().all(axis=None)
    state = validated.table[f"{question}__state"].iloc[0]
    assert state == ("not_shown" if rule.endswith(".shown") else "no_answer")


def test_the_quarantine_says_what_was_found_expected_and_to_do(checked: Check) -> None:
    refused = checked({"siren": "732829320", "total": "100", "startups": "2 000"}).refused.iloc[0]
    assert (refused["file"], refused["row"], refused["column"]) == ("export.csv", 2, "startups")
    assert refused["found"].replace("\u202f", " ") == "2 000"
    assert refused["expected"] == "Pas plus que le total"
    assert refused["action"]


def test_options_within_texts_taken_for_other_are_told_by_row_and_not_shown(checked: Check) -> None:
    texts = ["surtout les délais de paiement", "Lenteur des décisions / Délais de paiement", "le froid"]
    (said,) = checked(*({"relation": "yes", "obstacles": text, "siren": None} for text in texts)).problems
    assert (said.severity, said.column) == ("warning", "obstacles")
    assert "1 réponse : export.csv (rangée 2)" in said.found
    assert "surtout" not in said.render()


def test_missing_values_break_no_rule(checked: Check) -> None:
    assert checked({"startups": "200"}).refused.empty


def test_a_wrong_total_does_not_take_the_part_down_with_it(checked: Check) -> None:
    validated = checked({"total": "-5", "startups": "200"})
    assert refusals(validated) == [("r1", "total.bounds")]
    assert validated.table["startups"].tolist() == [200]


def test_what_follows_from_a_refused_value_is_looked_at_again(checked: Check) -> None:
    validated = checked({"total": "100", "startups": "200", "contracts": "3"}, {"startups": "0", "contracts": "3"})
    assert refusals(validated) == [("r1", "startups.check_1"), ("r2", "contracts.shown")]
    assert validated.table["contracts__state"].tolist() == ["answered", "not_shown"]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"relation": "Non"}, "not_shown"),
        ({"relation": None}, "not_shown"),
        ({"relation": "yes"}, "no_answer"),
        ({"relation": "yes", "obstacles": "slow"}, "answered"),
        ({"relation": None, "obstacles": "slow"}, "answered"),
        ({"relation": "yes", "obstacles__shown": "false"}, "not_shown"),
        ({"relation": "yes", "obstacles__shown": "not_asked"}, "not_shown"),
        ({"relation__shown": "not_asked"}, "not_shown"),
        ({"relation__shown": "not_asked", "obstacles": "slow"}, "answered"),
    ],
)
def test_the_state_tells_not_shown_from_no_answer(checked: Check, answers: dict[str, str], state: str) -> None:
    validated = checked({"comment": "présent", **answers})
    assert validated.table["obstacles__state"].tolist() == [state]
    assert validated.refused.empty


def test_a_question_that_the_tool_hid_speaks_against_those_that_follow_from_it(checked: Check) -> None:
    """Unlike one that the form did not have."""
    validated = checked({"comment": "présent", "relation__shown": "false", "obstacles": "slow"})
    assert refusals(validated) == [("r1", "obstacles.shown")]
    assert validated.table["obstacles__state"].tolist() == ["not_shown"]


def test_who_was_asked_nothing_but_who_he_is_gave_no_answer(checked: Check) -> None:
    unasked = {f"{name}__shown": "not_asked" for name in ("relation", "obstacles", "total", "comment")}
    validated = checked({"comment": "présent"}, {"siren": "732829320", **unasked})
    assert list(validated.removed["rule"]) == ["respondents.empty"]


def test_the_table_has_the_columns_and_types_of_the_edition(edition: Edition, checked: Check) -> None:
    table = checked({"comment": "présent"}).table
    expected = META_COLUMNS | {n: DTYPES[kind] for n, kind in validated_columns(edition, "startup").items()}
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == expected
    with duckdb.connect() as connection:
        assert failures(answers_schema(edition, "startup", connection), table) == []


def test_what_is_left_after_refusals_holds_to_the_schema(edition: Edition, checked: Check) -> None:
    validated = checked(
        {"relation": "Non", "obstacles": "slow", "total": "100", "startups": "200", "contracts": "3", "share": "120"},
        {"relation": "yes", "obstacles": "slow; none", "channels__fair": "1", "channels__web": "1", "comment": "x"},
    )
    assert len(validated.refused) == 5
    with duckdb.connect() as connection:
        assert failures(answers_schema(edition, "startup", connection), validated.table) == []


def test_every_rule_is_in_the_catalogue_once(edition: Edition) -> None:
    catalogue = rules(edition, "buyer")
    names = [rule.id for rule in catalogue]
    assert len(names) == len(set(names))
    assert {"startups.check_1", "obstacles.exclusive", "siren.siren", "respondents.duplicate"} <= set(names)
    assert not any(rule.question == "contact_email" for rule in catalogue), "personal questions are never read"
    assert {rule.id for rule in catalogue if rule.blocking} == {"respondents.left", "respondents.count"}
    assert next(rule for rule in catalogue if rule.id == "total.bounds").description_fr.startswith(
        "Une valeur d'au moins 0"
    )


def test_nobody_left_stops_with_the_reasons(checked: Check) -> None:
    with pytest.raises(ProblemsError) as stopped:
        checked({"consent": "Non", "comment": "x"}, {"exclude_reason": "essai", "comment": "x"})
    (problem,) = stopped.value.problems
    assert "2 réponse(s)" in problem.found
    assert "sans accord : 1" in problem.found
