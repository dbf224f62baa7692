"""Figures are what the definitions of the method say, recomputed here another way, and hidden where they must be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.aggregate.figures import figures
from observatory.aggregate.measures import measure_shares, measure_volumes
from observatory.database import SCHEMAS, replace_table
from observatory.editions.columns import validated_columns
from observatory.editions.model import (
    Edition,
    EditionConfig,
    Indicator,
    KnownMargins,
    Lineage,
    Question,
    Questionnaire,
    Target,
)
from observatory.figure_table import FIGURE_COLUMNS

OBSTACLES = [{"code": code, "label": {"fr": label}} for code, label in (("slow", "Lenteur"), ("cost", "Coût"))]
SIZES = [{"code": code, "label": {"fr": code}} for code in ("small", "large")]
NONE = pd.DataFrame(columns=list(FIGURE_COLUMNS))


def question(id: str, type: str, **more: Any) -> Question:
    return Question.model_validate({"id": id, "section": "s", "type": type, "label": {"fr": id}} | more)


SAME_SIZE = Lineage.model_validate({"same_as": "2024.size"})


def edition(
    name: str = "2025",
    minimum_base: int = 1,
    base: str = "answered",
    lineage: Lineage | None = None,
    thresholds: Mapping[str, float] = MappingProxyType({}),
) -> Edition:
    """With no limit of quality but those asked for: the definitions are what most tests are about."""
    config = EditionConfig.model_validate(
        {
            "edition": name,
            "title": {"fr": "t"},
            "languages": ["fr"],
            "previous": "2024",
            "publisher": {"name": "p"},
            "collection": {"opens": "2025-01-01", "closes": "2025-02-01"},
            "report": {"date": "2025-03-01"},
            "thresholds": {
                "confidential_base": 1,
                "minimum_base": minimum_base,
                "low_base": minimum_base,
                "widest_interval": 1,
                "cv_caution": 1e9,
                "cv_withheld": 1e9,
                "dominance": 1,
            }
            | thresholds,
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
    edition: Edition,
    answers: list[dict[str, Any]],
    previous: Edition | None = None,
    before: pd.DataFrame = NONE,
    earlier: list[dict[str, Any]] | None = None,
    weighted_before: frozenset[str] | None = None,
) -> pd.DataFrame:
    """The figures of these answers; `earlier` are those of the previous edition, where they are still there."""
    with duckdb.connect() as connection:
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        store(connection, edition, answers)
        if previous is not None and earlier is not None:
            store(connection, previous, earlier)
        measure_shares(connection, edition)
        measure_volumes(connection, edition)
        return figures(connection, edition, previous, before, inputs="i", code="c", weighted_before=weighted_before)


def store(connection: duckdb.DuckDBPyConnection, edition: Edition, answers: list[dict[str, Any]]) -> None:
    rows = [{"respondent": f"r{number}"} | row for number, row in enumerate(answers)]
    columns = ["respondent", *validated_columns(edition, "buyer")]
    frame = pd.DataFrame(rows).reindex(columns=columns)
    kinds = {"VARCHAR": "str", "BOOLEAN": "boolean", "DOUBLE": "float64"}
    frame = frame.astype({name: kinds[kind] for name, kind in validated_columns(edition, "buyer").items()})
    replace_table(connection, "validated", f"buyer_{edition.name}", frame)


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
    assert value(table, "buyer.rate", "ratio")["n"] == 3
    assert value(table, "buyer.bought", "total")["value"] == 314


def test_the_median_is_the_inverse_of_the_distribution_rounded_and_of_ten_answers_at_least() -> None:
    amounts = [1000.0 * number + 456 for number in range(1, 13)]
    table = computed(edition(), [answer(bought=amount, total=10 * amount) for amount in amounts])
    row = value(table, "buyer.bought", "median")
    assert row["value"] == 6500, "the sixth of twelve, 6456, to two digits: it is the answer of one buyer"
    assert {row["low"], row["high"]} <= {round(amount, -2 if amount < 10_000 else -3) for amount in amounts}
    assert value(table, "buyer.rate", "median")["value"] == pytest.approx(0.1)
    few = value(computed(edition(), [answer(bought=amount) for amount in amounts[:9]]), "buyer.bought", "median")
    assert (few["flag"], few["suppressed"]) == ("u", True)


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
    assert table["provenance"].str.match(r"[a-z_]+\.sql [0-9a-f]{8} inputs i code c").all()


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


def ticking(slow: int, cost: int, *, of: int, siren: int | None = None) -> list[dict[str, Any]]:
    """So many answers, the first of which chose each option; firms numbered from `siren`, else unknown."""
    return [
        answer("small", number < slow, number < cost) | ({} if siren is None else {"siren": f"{siren + number:09}"})
        for number in range(of)
    ]


LIMITS = {"confidential_base": 3, "minimum_base": 10, "low_base": 30, "widest_interval": 0.3}


@pytest.mark.parametrize(
    ("answers", "flag", "shown"),
    [
        (ticking(1, 2, of=2), "c", False),
        (ticking(1, 9, of=9), "u", False),
        (ticking(1, 10, of=10), "u", True),
        (ticking(1, 30, of=30), "u", True),  # an effective size of 29
        (ticking(1, 31, of=31), "", True),
        (ticking(16, 31, of=32), "u", True),  # an interval of 34 points
        (ticking(30, 60, of=60), "", True),
    ],
)
def test_a_share_is_published_flagged_or_withheld_by_its_base_and_its_interval(
    answers: list[dict[str, Any]], flag: str, shown: bool
) -> None:
    row = value(computed(edition(thresholds=LIMITS), answers), "buyer.obstacles", "share", "slow")
    assert (row["flag"], not row["suppressed"]) == (flag, shown)
    if shown:
        assert row["low"] < row["value"] < row["high"] and row["n_eff"] == row["n"] - 1
    else:
        assert row[["value", "low", "high", "n", "n_eff"]].isna().all()


@pytest.mark.parametrize(("spread", "flag", "shown"), [(0.5, "", True), (1.3, "u", True), (3.0, "u", False)])
def test_a_total_is_judged_by_its_coefficient_of_variation(spread: float, flag: str, shown: bool) -> None:
    amounts = [100.0 * (1 + spread * (-1 if number % 2 else 1)) for number in range(40)]
    answers = [answer(bought=amount) for amount in amounts]
    limits = {"cv_caution": 0.165, "cv_withheld": 0.333}
    row = value(computed(edition(thresholds=limits), answers), "buyer.bought", "total")
    cv = np.std(amounts, ddof=1) / np.mean(amounts) / np.sqrt(40)
    assert (cv <= 0.165, cv <= 0.333) == (flag == "", shown)
    assert (row["flag"], not row["suppressed"]) == (flag, shown)


def test_only_a_change_that_chance_does_not_explain_is_called_one() -> None:
    now, last = descended("none")
    earlier = ticking(20, 50, of=100)
    table = computed(now, ticking(60, 55, of=100), last, computed(last, earlier), earlier)
    slow, cost = (value(table, "buyer.obstacles", "change", option) for option in ("slow", "cost"))
    assert slow["value"] == pytest.approx(0.4) and slow["flag"] == "" and slow["low"] > 0
    assert cost["value"] == pytest.approx(0.05) and cost["flag"] == "n" and cost["low"] < 0 < cost["high"]


def test_options_of_one_question_are_tested_together() -> None:
    now, last = descended("none")
    # alone, z is 2.1 for each: Holm asks 2.24 of the first of two
    earlier = ticking(40, 40, of=100)
    table = computed(now, ticking(55, 55, of=100), last, computed(last, earlier), earlier)
    row = value(table, "buyer.obstacles", "change", "slow")
    assert row["low"] > 0
    assert row["flag"] == "n"


def test_without_the_earlier_answers_a_change_has_no_interval_and_nothing_is_said_of_its_significance() -> None:
    now, last = descended("none")
    earlier = ticking(20, 50, of=100)
    table = computed(now, ticking(60, 55, of=100), last, computed(last, earlier))
    row = value(table, "buyer.obstacles", "change", "slow")
    assert row["value"] == pytest.approx(0.4) and row["flag"] == "" and np.isnan(row["low"])


def test_earlier_answers_that_no_longer_give_what_was_published_are_not_used() -> None:
    now, last = descended("none")
    published = computed(last, ticking(20, 50, of=100))
    table = computed(now, ticking(60, 55, of=100), last, published, ticking(25, 50, of=100))
    row = value(table, "buyer.obstacles", "change", "slow")
    assert row["value"] == pytest.approx(0.4) and row["flag"] == "" and np.isnan(row["low"])


def test_firms_of_both_editions_make_the_change_surer_and_are_shown_apart() -> None:
    now, last = (with_siren(one) for one in descended("none"))
    earlier = ticking(20, 50, of=100, siren=0)
    alone = computed(now, ticking(30, 50, of=100, siren=100), last, computed(last, earlier), earlier)
    again = computed(now, ticking(30, 50, of=100, siren=0), last, computed(last, earlier), earlier)
    widths = [
        row["high"] - row["low"]
        for row in (value(table, "buyer.obstacles", "change", "slow") for table in (alone, again))
    ]
    assert widths[1] < widths[0]
    assert not (alone["breakdown"] == "panel").any() or alone.loc[alone["breakdown"] == "panel", "suppressed"].all()
    panel = value(again, "buyer.obstacles", "change", "slow", "panel", "constant")
    assert (panel["value"], panel["n"]) == (pytest.approx(0.1), 100)


def test_a_panel_that_one_or_two_firms_left_is_hidden() -> None:
    now, last = (with_siren(one, confidential_base=3) for one in descended("none"))
    earlier = ticking(20, 50, of=100, siren=0)
    later = ticking(30, 50, of=100, siren=0)[:-2]
    table = computed(now, later, last, computed(last, earlier), earlier)
    panel = value(table, "buyer.obstacles", "change", "slow", "panel", "constant")
    assert (panel["flag"], panel["suppressed"]) == ("c", True)


def with_siren(edition: Edition, confidential_base: int = 1) -> Edition:
    questionnaire = edition.questionnaires["buyer"]
    known = questionnaire.model_copy(
        update={
            "questions": (question("siren", "siren"), *questionnaire.questions),
            "identity": questionnaire.identity.model_copy(update={"siren": "siren"}),
        }
    )
    limits = edition.config.thresholds.model_copy(
        update={"confidential_base": confidential_base, "minimum_base": confidential_base, "low_base": 3}
    )
    config = edition.config.model_copy(update={"thresholds": limits})
    return edition.model_copy(update={"questionnaires": {"buyer": known}, "config": config})


def test_an_obstacle_is_ranked_as_surely_as_the_answers_allow() -> None:
    far = computed(edition(), ticking(90, 10, of=100))
    near = computed(edition(), ticking(52, 50, of=100))
    ranks = [value(far, "buyer.obstacles", "rank", option) for option in ("slow", "cost")]
    assert [(row["value"], row["low"], row["high"]) for row in ranks] == [(1, 1, 1), (2, 2, 2)]
    tied = value(near, "buyer.obstacles", "rank", "slow")
    assert (tied["value"], tied["low"], tied["high"], tied["unit"]) == (1, 1, 2, "rank")


def test_known_margins_weigh_the_figures_and_extrapolated_totals_say_so() -> None:
    margins = KnownMargins.model_validate(
        {
            "audience": "buyer",
            "strata": {
                "question": "size",
                "counts": {"small": 90, "large": 10},
                "source": "s",
                "date": "2024-12-31",
            },
        }
    )
    weighted = edition().model_copy(update={"margins": {"buyer": margins}})
    answers = [
        *(answer("small", True, False, bought=1.0) for _ in range(3)),
        *(answer("small", False, True, bought=2.0) for _ in range(3)),
        *(answer("large", True, True, bought=10.0) for _ in range(5)),
    ]
    table = computed(weighted, answers)
    share, total = value(table, "buyer.obstacles", "share", "slow"), value(table, "buyer.bought", "total")
    assert share["value"] == pytest.approx((90 / 2 + 10) / 100) and share["n"] == 11
    assert (total["value"], total["flag"]) == (pytest.approx(90 * 1.5 + 10 * 10), "e")
    assert value(table, "buyer.obstacles", "count", "slow")["value"] == 8, "respondents are counted, not weighed"
    assert value(table, "buyer.respondents", "count")["value"] == 11


@pytest.mark.parametrize(
    ("yes", "base", "goal", "words"),
    [
        (70, 0.1, 0.5, "ahead"),
        (20, 0.1, 0.9, "behind"),
        (30, 0.1, 0.5, "compatible"),
        (10, 0.9, 0.3, "ahead"),  # a target to be reached from above
    ],
)
def test_an_estimate_is_ahead_of_the_path_to_its_target_behind_it_or_compatible(
    yes: int, base: float, goal: float, words: str
) -> None:
    """Half way in 2025: 30 % of the first path, 50 % of the second, 60 % of the last."""
    target = {
        "id": "slow",
        "label": {"fr": "cible"},
        "unit": "share",
        "base_year": 2020,
        "base_value": base,
        "target_year": 2030,
        "target_value": goal,
        "source": "s",
        "indicator": "buyer.obstacles",
        "statistic": "share",
        "option": "slow",
        "perimeter": {"fr": "tous"},
    }
    own = edition()
    config = own.config.model_copy(update={"targets": (Target.model_validate(target),)})
    row = value(computed(own.model_copy(update={"config": config}), ticking(yes, 100, of=100)), "target.slow", "change")
    required = (base + goal) / 2
    assert row["value"] == pytest.approx((yes / 100 - required) * (1 if goal > base else -1))
    assert (row["reference_year"], row["n"], row["unit"]) == (2025, 100, "share")
    assert {(True, False): "ahead", (False, True): "behind", (False, False): "compatible"}[
        (row["low"] > 0, row["high"] < 0)
    ] == words
    assert row["flag"] == ("n" if words == "compatible" else "")


def test_an_option_called_otherwise_than_when_it_was_published_is_not_compared() -> None:
    now, last = descended("none")
    published = computed(last, BEFORE)
    published.loc[published["option"] == "slow", "label"] = "Lenteur du paiement"
    table = computed(now, ANSWERS, last, published)
    assert value(table, "buyer.obstacles", "change", "slow")["flag"] == "b"
    assert value(table, "buyer.obstacles", "change", "cost")["value"] == pytest.approx(2 / 4 - 2 / 3)


def test_weighted_shares_are_not_compared_with_unweighted_ones() -> None:
    now, last = descended("none")
    counts = {"question": "size", "counts": {"small": 90, "large": 10}, "source": "s", "date": "2024-12-31"}
    margins = KnownMargins.model_validate({"audience": "buyer", "strata": counts})
    weighted = now.model_copy(update={"margins": {"buyer": margins}})
    known = [row for row in ANSWERS if row["size"]]
    changes = computed(weighted, known, last, computed(last, BEFORE))
    assert value(changes, "buyer.obstacles", "change", "slow")["flag"] == "b"


def test_a_category_called_otherwise_than_when_it_was_published_is_not_compared() -> None:
    now, last = descended("none")
    sized = Indicator(id="buyer.size", question="size", label={"fr": "Taille"}, breakdowns=())
    now, last = (one.model_copy(update={"indicators": (*one.indicators, sized)}) for one in (now, last))
    published = computed(last, BEFORE)
    published.loc[published["option"] == "small", "label"] = "moins de dix"
    changes = computed(now, ANSWERS, last, published)
    assert value(changes, "buyer.obstacles", "change", "slow", "size", "small")["flag"] == "b"
    assert value(changes, "buyer.obstacles", "change", "slow", "size", "large")["flag"] != "b"
    assert value(changes, "buyer.obstacles", "change", "slow")["flag"] != "b"


def test_an_edition_published_unweighted_is_not_compared_with_weights_whatever_its_margins_became() -> None:
    now, last = descended("none")
    published = computed(last, BEFORE)
    counts = {"question": "size", "counts": {"small": 90, "large": 10}, "source": "s", "date": "2024-12-31"}
    margins = KnownMargins.model_validate({"audience": "buyer", "strata": counts})
    both = [one.model_copy(update={"margins": {"buyer": margins}}) for one in (now, last)]
    known = [row for row in ANSWERS if row["size"]]
    changes = computed(both[0], known, both[1], published, weighted_before=frozenset())
    assert value(changes, "buyer.obstacles", "change", "slow")["flag"] == "b"


@pytest.mark.parametrize(("largest", "hidden"), [(86.0, True), (85.0, False)])
def test_an_amount_that_one_contributor_makes_is_hidden_with_its_ratio_and_growth(largest: float, hidden: bool) -> None:
    others = [(100 - largest) / 11] * 11
    limits = {"dominance": 0.85}
    answers = [
        answer(bought=amount, total=100.0) | {"bought_before": 50.0, "bought_before__state": "answered"}
        for amount in (largest, *others)
    ]
    table = computed(edition(thresholds=limits), answers)
    places = [("buyer.bought", "total"), ("buyer.bought", "mean"), ("buyer.rate", "ratio"), ("buyer.both", "change")]
    for indicator, statistic in places:
        row = value(table, indicator, statistic)
        assert (row["flag"] == "c", row["suppressed"]) == (hidden, hidden)
    assert not value(table, "buyer.rate", "mean")["suppressed"], "a mean of rates is no sum of amounts"


def test_a_growth_from_nothing_is_withheld() -> None:
    answers = [answer(bought=10.0) | {"bought_before": 0.0} for _ in range(12)]
    row = value(computed(edition(), answers), "buyer.both", "change")
    assert (row["flag"], row["suppressed"]) == ("u", True)


def test_the_panel_has_no_more_to_say_than_the_change_beside_it() -> None:
    now, last = (with_siren(one) for one in descended("none"))
    published = computed(last, ticking(20, 50, of=100, siren=0))
    table = computed(now, ticking(30, 50, of=100, siren=0), last, published, ticking(25, 50, of=100, siren=0))
    assert np.isnan(value(table, "buyer.obstacles", "change", "slow")["low"])
    panel = table[(table["breakdown"] == "panel") & (table["option"] == "slow")]
    assert panel.empty, "earlier answers that no longer give what was published"


@pytest.mark.parametrize(("yes", "base", "goal"), [(0, 0.0, 0.06), (12, 1.0, 0.94)])
def test_nobody_or_everybody_of_a_few_is_not_certainly_behind_or_ahead(yes: int, base: float, goal: float) -> None:
    target = Target.model_validate(
        {
            "id": "slow",
            "label": {"fr": "cible"},
            "unit": "share",
            "source": "s",
            "statistic": "share",
            "indicator": "buyer.obstacles",
            "option": "slow",
            "perimeter": {"fr": "tous"},
            "base_year": 2020,
            "base_value": base,
            "target_year": 2030,
            "target_value": goal,
        }
    )
    own = edition()
    own = own.model_copy(update={"config": own.config.model_copy(update={"targets": (target,)})})
    row = value(computed(own, ticking(yes, 12, of=12)), "target.slow", "change")
    assert row["flag"] == "n" and row["low"] < 0 < row["high"]
