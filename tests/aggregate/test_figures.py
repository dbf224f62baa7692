"""Figures are what the definitions of the method say, recomputed here another way, and hidden where they must be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.aggregate.figures import SHARE_QUERIES, VOLUME_QUERIES, figures, measure
from observatory.database import SCHEMAS, replace_table
from observatory.editions.columns import validated_columns
from observatory.editions.model import (
    Edition,
    EditionConfig,
    Indicator,
    Lineage,
    Question,
    Questionnaire,
)
from observatory.figure_table import FIGURE_COLUMNS

OBSTACLES = [{"code": code, "label": {"fr": label}} for code, label in (("slow", "Lenteur"), ("cost", "Coût"))]
SIZES = [{"code": code, "label": {"fr": code}} for code in ("small", "large")]
NONE = pd.DataFrame(columns=list(FIGURE_COLUMNS))


def question(id: str, type: str, **more: Any) -> Question:
    return Question.model_validate({"id": id, "section": "s", "type": type, "label": {"fr": id}} | more)


SAME_SIZE = Lineage.model_validate({"same_as": "2024.size"})


def edition(
    name: str = "2025", minimum_base: int = 1, base: str = "answered", lineage: Lineage | None = None
) -> Edition:
    config = EditionConfig.model_validate(
        {
            "edition": name,
            "title": {"fr": "t"},
            "languages": ["fr"],
            "previous": "2024",
            "publisher": {"name": "p"},
            "collection": {"opens": "2025-01-01", "closes": "2025-02-01"},
            "report": {"date": "2025-03-01"},
            "thresholds": {"minimum_base": minimum_base, "low_base": minimum_base},
        }
    )
    questionnaire = Questionnaire(
        audience="buyer",
        title={"fr": "q"},
        sections=({"id": "s", "title": {"fr": "s"}},),
        strata=("size",),
        questions=(
            question("size", "single", choices={"options": SIZES}, lineage=SAME_SIZE if lineage else None),
            question("obstacles", "multiple", choices={"options": OBSTACLES}, base=base, lineage=lineage),
            question("bought_before", "amount", reference_year="first"),
            question("bought", "amount", reference_year="last"),
            question("total", "amount"),
        ),
    )
    indicators = (
        Indicator(id="buyer.respondents", kind="respondents", label={"fr": "Répondants"}),
        Indicator(id="buyer.obstacles", question="obstacles", label={"fr": "Freins"}),
        Indicator(id="buyer.bought", kind="amount", question="bought", label={"fr": "Achats"}),
        Indicator(id="buyer.both", kind="amount", questions=("bought_before", "bought"), label={"fr": "Achats"}),
        Indicator(id="buyer.rate", kind="rate", numerators=("bought",), denominators=("total",), label={"fr": "Taux"}),
        Indicator(
            id="buyer.large.bought",
            kind="amount",
            question="bought",
            label={"fr": "Achats"},
            where="size = 'large'",
            perimeter={"fr": "grands"},
        ),
    )
    return Edition(
        folder=Path(), config=config, questionnaires={"buyer": questionnaire}, indicators=indicators, lists={}
    )


def computed(
    edition: Edition, answers: list[dict[str, Any]], previous: Edition | None = None, before: pd.DataFrame = NONE
) -> pd.DataFrame:
    rows = [{"respondent": f"r{number}"} | row for number, row in enumerate(answers)]
    columns = ["respondent", *validated_columns(edition, "buyer")]
    frame = pd.DataFrame(rows).reindex(columns=columns)
    kinds = {"VARCHAR": "str", "BOOLEAN": "boolean", "DOUBLE": "float64"}
    frame = frame.astype({name: kinds[kind] for name, kind in validated_columns(edition, "buyer").items()})
    with duckdb.connect() as connection:
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        replace_table(connection, "validated", f"buyer_{edition.name}", frame)
        measure(connection, edition, "shares", SHARE_QUERIES)
        measure(connection, edition, "volumes", VOLUME_QUERIES)
        return figures(connection, edition, previous, before, inputs="i", code="c")


def answer(
    size: str | None = None,
    slow: bool | None = None,
    cost: bool | None = None,
    bought: float | None = None,
    total: float | None = None,
) -> dict[str, Any]:
    ticked = slow is not None or cost is not None
    return {
        "size": size,
        "size__state": "answered" if size else "no_answer",
        "obstacles__slow": slow,
        "obstacles__cost": cost,
        "obstacles__state": "answered" if ticked else "no_answer",
        "bought": bought,
        "bought__state": "no_answer" if bought is None else "answered",
        "total": total,
        "total__state": "no_answer" if total is None else "answered",
    }


def value(
    table: pd.DataFrame, indicator: str, statistic: str, option: str = "", breakdown: str = "", category: str = ""
) -> Any:
    found = table[
        (table["indicator"] == indicator)
        & (table["statistic"] == statistic)
        & (table["option"] == option)
        & (table["breakdown"] == breakdown)
        & (table["category"] == category)
    ]
    assert len(found) == 1
    return found.iloc[0]


ANSWERS = [
    answer("small", True, False, 10, 100),
    answer("small", True, True, 0, 50),
    answer("large", False, True, 300, 1000),
    answer("large", None, None, None, 5000),
    answer(None, True, False, 4, None),
]


def test_a_share_is_of_those_who_ticked_something() -> None:
    row = value(computed(edition(), ANSWERS), "buyer.obstacles", "share", "slow")
    assert (row["value"], row["n"], row["label"], row["unit"]) == (3 / 4, 4, "Lenteur", "share")


def test_with_base_shown_silence_counts_in_the_base() -> None:
    row = value(computed(edition(base="shown"), ANSWERS), "buyer.obstacles", "share", "slow")
    assert (row["value"], row["n"]) == (3 / 5, 5)


def test_a_stratum_counts_its_own_respondents_only() -> None:
    table = computed(edition(), ANSWERS)
    assert value(table, "buyer.obstacles", "share", "cost", "size", "small")["value"] == 1 / 2
    assert value(table, "buyer.obstacles", "count", "cost", "size", "large")["value"] == 1
    assert value(table, "buyer.respondents", "count", "", "size", "large")["value"] == 2


def test_the_three_shares_of_purchases_differ_and_blank_is_not_zero() -> None:
    table = computed(edition(), ANSWERS)
    assert value(table, "buyer.rate", "ratio")["value"] == pytest.approx(310 / 1150)
    assert value(table, "buyer.rate", "mean")["value"] == pytest.approx((0.1 + 0 + 0.3) / 3)
    assert value(table, "buyer.rate", "median")["value"] == pytest.approx(0.1)
    assert value(table, "buyer.rate", "ratio")["n"] == 3
    assert value(table, "buyer.bought", "total")["value"] == 314


def test_the_median_is_the_inverse_of_the_distribution() -> None:
    table = computed(edition(), [answer(bought=amount) for amount in (1, 2, 3, 4)])
    assert value(table, "buyer.bought", "median")["value"] == 2


def test_growth_is_that_of_the_respondents_who_gave_both_years() -> None:
    both = answer(bought=150) | {"bought_before": 100.0}
    table = computed(edition(), [both, answer(bought=7000), answer() | {"bought_before": 9000.0}])
    row = value(table, "buyer.both", "change")
    assert row["value"] == pytest.approx(0.5)
    assert row["n"] == 1


def test_an_indicator_with_a_field_keeps_to_it_and_says_so() -> None:
    row = value(computed(edition(), ANSWERS), "buyer.large.bought", "total")
    assert (row["value"], row["n"], row["perimeter"]) == (300, 1, "grands")


def test_under_the_minimum_base_every_number_is_gone_and_the_row_stays() -> None:
    table = computed(edition(minimum_base=3), ANSWERS)
    hidden = value(table, "buyer.obstacles", "share", "slow", "size", "small")
    assert hidden["suppressed"]
    assert hidden[["value", "low", "high", "n", "n_eff"]].isna().all()
    assert hidden["flag"] in ("c", "u")
    assert not table.loc[table["suppressed"], ["value", "low", "high", "n", "n_eff"]].notna().any().any()
    assert (table.loc[~table["suppressed"], "n"] >= 3).all()


def descended(change: str, **more: Any) -> tuple[Edition, Edition]:
    lineage = Lineage.model_validate({"same_as": "2024.obstacles", "change": change} | more)
    return edition("2025", lineage=lineage), edition("2024")


BEFORE = [answer("small", True, False), answer("small", False, True), answer("large", False, True)]


def test_a_change_is_the_difference_of_two_shares() -> None:
    now, last = descended("none")
    table = computed(now, ANSWERS, last, computed(last, BEFORE))
    row = value(table, "buyer.obstacles", "change", "slow")
    assert row["value"] == pytest.approx(3 / 4 - 1 / 3)
    assert row["flag"] == ""


@pytest.mark.parametrize("change", ["break", "reworded", "option_added", "bracket_changed"])
def test_across_a_break_of_lineage_there_is_a_mark_and_no_number(change: str) -> None:
    now, last = descended(change)
    table = computed(now, ANSWERS, last, computed(last, BEFORE))
    changes = table[(table["statistic"] == "change") & (table["indicator"] == "buyer.obstacles")]
    assert len(changes) and changes["value"].isna().all()
    assert (changes["flag"] == "b").all()


def test_a_break_shows_no_base_under_the_minimum() -> None:
    now, last = descended("break")
    hidden = now.model_copy(update={"config": edition("2025", minimum_base=3).config})
    changes = computed(hidden, ANSWERS, last, computed(last, BEFORE))
    changes = changes[(changes["statistic"] == "change") & (changes["indicator"] == "buyer.obstacles")]
    assert (changes["flag"] == "b").all()
    assert (changes["n"].dropna() >= 3).all()
    assert changes.loc[changes["breakdown"] == "size", "n"].isna().all()


def test_categories_that_changed_meaning_are_not_compared() -> None:
    now, last = descended("none")
    questionnaire = now.questionnaires["buyer"]
    broken = Lineage.model_validate({"same_as": "2024.size", "change": "break"})
    questions = tuple(
        q.model_copy(update={"lineage": broken}) if q.id == "size" else q for q in questionnaire.questions
    )
    changed = questionnaire.model_copy(update={"questions": questions})
    table = computed(
        now.model_copy(update={"questionnaires": {"buyer": changed}}), ANSWERS, last, computed(last, BEFORE)
    )
    changes = table[(table["statistic"] == "change") & (table["indicator"] == "buyer.obstacles")]
    assert changes.loc[changes["breakdown"] == "", "value"].notna().all()
    assert changes.loc[changes["breakdown"] == "size", "value"].isna().all()
    assert (changes.loc[changes["breakdown"] == "size", "flag"] == "b").all()


def test_the_same_name_in_two_years_is_no_lineage() -> None:
    table = computed(edition("2025"), ANSWERS, edition("2024"), computed(edition("2024"), BEFORE))
    assert not ((table["statistic"] == "change") & (table["indicator"] == "buyer.obstacles")).any()


def test_no_change_is_shown_from_a_figure_that_was_hidden() -> None:
    now, last = descended("none")
    hidden = computed(edition("2024", minimum_base=100), BEFORE)
    table = computed(now, ANSWERS, last, hidden)
    changes = table[(table["statistic"] == "change") & (table["indicator"] == "buyer.obstacles")]
    assert len(changes) > 0
    assert changes["value"].isna().all()


def test_each_figure_has_one_name_and_tells_what_made_it() -> None:
    table = computed(edition(), ANSWERS)
    assert tuple(table.columns) == FIGURE_COLUMNS
    assert table["figure_id"].is_unique
    assert "2025/buyer.obstacles.share/size=small/slow" in set(table["figure_id"])
    assert table["provenance"].str.match(r"[a-z]+\.sql [0-9a-f]{8} inputs i code c").all()


def test_with_no_respondent_in_a_stratum_its_cells_are_withheld_not_zero() -> None:
    table = computed(edition(), [answer("small", True, False)])
    assert value(table, "buyer.obstacles", "share", "slow", "size", "large")["suppressed"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["small", "large", None]),
            st.one_of(st.none(), st.tuples(st.booleans(), st.booleans()).filter(any)),
            st.one_of(st.none(), st.integers(0, 10**9)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_share_count_and_total_is_that_of_a_plain_count(rows: list[Any]) -> None:
    answers = [answer(size, *(ticks or (None, None)), bought=bought) for size, ticks, bought in rows]
    table = computed(edition(), answers)
    for category in ("small", "large", ""):
        members = [row for row in rows if category in ("", row[0])]
        breakdown = "size" if category else ""
        base = [ticks for _, ticks, _ in members if ticks]
        if base:
            share = value(table, "buyer.obstacles", "share", "slow", breakdown, category)
            assert share["value"] == pytest.approx(sum(slow for slow, _ in base) / len(base))
        amounts = [bought for _, _, bought in members if bought is not None]
        if amounts:
            assert value(table, "buyer.bought", "total", "", breakdown, category)["value"] == pytest.approx(
                sum(amounts)
            )
