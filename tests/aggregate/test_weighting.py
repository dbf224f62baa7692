"""An edition's weights come from its margins, hold for every respondent, and are 1 where nothing is known."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from observatory.aggregate.weighting import AUXILIARY, WEIGHT_COLUMNS, columns_read, weighting
from observatory.editions.load import load_edition
from observatory.editions.model import Edition
from observatory.problems import ProblemsError

TINY = Path(__file__).parents[1] / "editions" / "tiny"

ANSWERS = pd.DataFrame(
    {
        "respondent": [f"r{number}" for number in range(6)],
        "size": ["small", "small", "small", "small", "large", "large"],
        "total": [1e6, 2e6, 3e6, 4e6, 50e6, 90e6],
        "obstacles__state": "answered",
    }
)
STRATA = "strata: {question: size, counts: {small: 40, large: 10}, source: s, date: 2024-12-31}\n"
COUNTS = "counts:\n  - {question: size, counts: {small: 40, large: 10}, source: s, date: 2024-12-31}\n"
TOTALS = "totals:\n  - {question: total, total: 900000000, source: s, date: 2024-12-31}\n"


def edition(tmp_path: Path, body: str | None) -> Edition:
    schemas = Path(shutil.copytree(TINY, tmp_path / "schemas"))
    if body is not None:
        (schemas / "2025" / "margins").mkdir()
        (schemas / "2025" / "margins" / "buyer.yaml").write_text("audience: buyer\n" + body, encoding="utf-8")
    return load_edition(schemas, "2025")


def test_without_margins_every_weight_is_1_and_this_is_known(tmp_path: Path) -> None:
    result = weighting(edition(tmp_path, None), "buyer", ANSWERS[["respondent"]])
    assert (result.known, result.calibration, result.auxiliary) == (False, None, ())
    assert list(result.frame) == list(WEIGHT_COLUMNS)
    assert (result.frame[["initial_weight", "weight"]] == 1).all().all()
    assert (result.frame["stratum"] == "").all() and result.frame["population"].isna().all()


def test_strata_alone_weight_for_non_response(tmp_path: Path) -> None:
    result = weighting(edition(tmp_path, STRATA), "buyer", ANSWERS)
    assert result.known and result.calibration is None
    assert result.frame["weight"].tolist() == [10, 10, 10, 10, 5, 5] == result.frame["initial_weight"].tolist()
    assert result.frame["stratum"].tolist() == ANSWERS["size"].tolist()
    assert result.frame["population"].tolist() == [40, 40, 40, 40, 10, 10]


def test_margins_are_met_from_the_strata_on(tmp_path: Path) -> None:
    result = weighting(edition(tmp_path, STRATA + COUNTS + TOTALS), "buyer", ANSWERS)
    frame = result.frame
    assert (frame["weight"] * ANSWERS["total"]).sum() == pytest.approx(900e6)
    assert frame["weight"].groupby(frame["stratum"]).sum().to_dict() == pytest.approx({"small": 40, "large": 10})
    assert frame["initial_weight"].tolist() == [10, 10, 10, 10, 5, 5]
    assert result.calibration is not None and result.warnings == ()


def test_auxiliary_columns_are_what_the_weights_were_calibrated_on(tmp_path: Path) -> None:
    """The regression of estimates needs numbers: their weighted sums are the margins, amounts in millions."""
    result = weighting(edition(tmp_path, STRATA + COUNTS + TOTALS), "buyer", ANSWERS)
    assert list(result.frame) == [*WEIGHT_COLUMNS, *result.auxiliary]
    assert result.auxiliary == tuple(f"{AUXILIARY}{name}" for name in ("size__small", "size__large", "total"))
    sums = result.frame["weight"] @ result.frame[list(result.auxiliary)]
    np.testing.assert_allclose(sums, [40, 10, 900])


def test_rows_and_order_are_those_of_the_table(tmp_path: Path) -> None:
    shuffled = ANSWERS.sample(frac=1, random_state=1)
    result = weighting(edition(tmp_path, STRATA + COUNTS + TOTALS), "buyer", shuffled)
    assert result.frame["respondent"].tolist() == shuffled["respondent"].tolist()
    assert (result.frame["stratum"] == shuffled["size"]).all()


def test_without_strata_everyone_is_one_stratum(tmp_path: Path) -> None:
    result = weighting(edition(tmp_path, COUNTS), "buyer", ANSWERS)
    assert result.frame["initial_weight"].tolist() == pytest.approx([50 / 6] * 6)
    assert (result.frame["population"] == 50).all() and (result.frame["stratum"] == "").all()
    assert result.frame["weight"].tolist() == pytest.approx([10, 10, 10, 10, 5, 5])


def test_options_counted_together_are_one_stratum(tmp_path: Path) -> None:
    strata = "strata: {question: size, counts: {all: 60}, groups: {all: [small, large]}, source: s, date: 2024-12-31}\n"
    result = weighting(edition(tmp_path, strata), "buyer", ANSWERS)
    assert (result.frame["weight"] == 10).all() and (result.frame["stratum"] == "all").all()


def test_only_what_the_weights_need_is_read(tmp_path: Path) -> None:
    assert columns_read(edition(tmp_path, STRATA + COUNTS + TOTALS), "buyer") == ("respondent", "size", "total")


def test_of_an_edition_without_margins_only_respondents_are_read(tmp_path: Path) -> None:
    assert columns_read(edition(tmp_path, None), "buyer") == ("respondent",)


@pytest.mark.parametrize(
    ("body", "answers", "column", "found"),
    [
        (STRATA, ANSWERS[ANSWERS["size"] == "small"], "size", "strate « large » : 10 unités, aucun répondant"),
        (STRATA, ANSWERS.assign(size=None), "size", "6 répondants sans réponse"),
        (STRATA + TOTALS, ANSWERS.assign(total=[1e6, None, 1, 1, 1, 1]), "total", "1 répondant sans réponse"),
        (COUNTS, ANSWERS.iloc[:0], "", "aucun répondant"),
    ],
)
def test_a_refusal_names_the_margins_file(
    tmp_path: Path, body: str, answers: pd.DataFrame, column: str, found: str
) -> None:
    with pytest.raises(ProblemsError) as caught:
        weighting(edition(tmp_path, body), "buyer", answers)
    problem = caught.value.problems[0]
    assert (problem.file, problem.column) == ("2025/margins/buyer.yaml", column)
    assert found in problem.found


def test_who_left_a_margin_unanswered_is_a_category_of_its_own_and_this_is_said(tmp_path: Path) -> None:
    blank = ANSWERS.assign(size=["small", "small", "small", None, "large", "large"])
    result = weighting(edition(tmp_path, STRATA + COUNTS), "buyer", blank)
    # one respondent of six stands for a sixth of the population; what is left of each count is five sixths
    assert result.frame["population"].tolist() == pytest.approx([40 * 5 / 6] * 3 + [50 / 6] + [10 * 5 / 6] * 2)
    assert result.frame["weight"].tolist() == pytest.approx([40 * 5 / 6 / 3] * 3 + [50 / 6] + [10 * 5 / 6 / 2] * 2)
    assert [(problem.column, problem.severity) for problem in result.warnings] == [("size", "warning")]
    assert result.warnings[0].found == "répondants sans réponse à cette question : 1"


def test_negative_weights_are_refused_with_what_would_avoid_them(tmp_path: Path) -> None:
    low = TOTALS.replace("900000000", "15000000")
    with pytest.raises(ProblemsError) as caught:
        weighting(edition(tmp_path, "method: linear\n" + STRATA + low), "buyer", ANSWERS)
    (problem,) = caught.value.problems
    assert (problem.file, problem.severity) == ("2025/margins/buyer.yaml", "error")
    assert "poids sous zéro" in problem.found and "bornes" in problem.action


def test_a_margin_under_its_respondents_is_refused(tmp_path: Path) -> None:
    few = "counts:\n  - {question: size, counts: {small: 3, large: 47}, source: s, date: 2024-12-31}\n"
    with pytest.raises(ProblemsError) as caught:
        weighting(edition(tmp_path, few), "buyer", ANSWERS)
    assert caught.value.problems[0].found == "catégorie « small » : 3 unités, 4 répondants"
