"""Estimates are R's where the definitions agree, textbook formulas where there is one, and usable where R's are not."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from observatory.aggregate.distributions import beta_quantile, binomial_quantile, student_quantile
from observatory.aggregate.estimation import RESULTS, Design, covariance, estimate
from observatory.problems import ProblemsError
from tests.aggregate.coverage import coverage, grid, verdict
from tests.aggregate.report_estimation import ABSENT, DIFFERENT, EQUAL, FOLDER, lines, walk

# By case: values equal to R's, different by definition, not offered. The first may rise, never fall.
FACTS = {
    "A1_total": (27, 0, 0),
    "A1_mean": (27, 0, 0),
    "A1_mean_deffwr": (27, 0, 0),
    "A2_stype_share": (24, 0, 0),
    "A3_prop95": (68, 0, 8),
    "A3_prop90": (68, 0, 8),
    "A4_ratio": (8, 0, 0),
    "A5_domain_strata": (48, 0, 0),
    "A6_domain_cross": (80, 2, 4),
    "A7_quantile": (72, 0, 144),
    "A8_paired_diff": (8, 0, 0),
    "A8_pct_change": (8, 0, 0),
    "A9_jackknife": (0, 0, 16),
    "A10_nofpc": (16, 0, 0),
    "B0_base": (57, 0, 2),
    "B1_poststrat": (57, 0, 2),
    "B2_rake": (57, 0, 2),
    "B3_cal_linear": (57, 0, 2),
    "B4_cal_linear_bounded": (57, 0, 2),
    "B5_cal_raking": (57, 0, 2),
    "B6_cal_logit": (57, 0, 2),
    "B7_cal_raking3": (57, 0, 2),
    "B8_trim": (13, 44, 2),
    "C1_srs": (34, 0, 0),
    "C2_prop": (49, 2, 6),
    "C3_small_domain": (32, 2, 4),
    "C4_quantile": (4, 0, 4),
    "D_tiny": (1074, 48, 132),
    "E1_barrier": (1510, 10, 32),
    "E2_purchases": (130, 0, 0),
    "E3_median": (24, 0, 48),
    "E4_neff": (2, 0, 0),
    "E5_cal_raking": (149, 6, 16),
    "E6_cal_logit": (149, 6, 16),
    "E7_change_indep_fpc": (336, 0, 0),
    "E7_change_indep_nofpc": (336, 0, 0),
    "E8_change_overlap": (434, 0, 0),
    "E9_barrier_cov": (44, 0, 0),
    "E10_rank": (48, 0, 0),
    "E5b_rake_se": (9, 23, 0),
    "E11_rates": (55, 1, 18),
    "E12_panel": (5, 0, 0),
}


def answers(**columns: Any) -> duckdb.DuckDBPyConnection:
    """A database whose table `answers` has these columns."""
    connection = duckdb.connect()
    frame = pd.DataFrame(columns)  # noqa: F841 -- the statement reads it
    connection.execute("CREATE TABLE answers AS SELECT * FROM frame")
    return connection


def one(connection: duckdb.DuckDBPyConnection, design: Design, *asked: Any, **more: Any) -> pd.Series:
    """The only row of an estimate."""
    found = estimate(connection, "answers", design, *asked, **more)
    assert len(found) == 1
    return found.iloc[0]


# Seven firms in four strata, two of which hold one respondent.
FIRMS = {
    "y": [3, 5, 9, 4, 12, 7, 1],
    "w": [2.0, 2, 3, 3, 3, 5, 4],
    "h": list("aabbbcd"),
    "N": [4, 4, 9, 9, 9, 5, 4],
    "m": [1, 0, 1, 0, 1, 0, 1],
    "rest": [0, 1, 0, 1, 0, 1, 0],
    "group": [1, 2, 3, 3, 4, 5, 6],
    "calibrated": [2 * 13 / 12, 2.2, 3 * 13 / 12, 3.3, 3 * 13 / 12, 5.5, 4 * 13 / 12],
}


class TestReference:
    def test_every_value_of_the_cases_is_equal_or_explained(self, capsys: pytest.CaptureFixture[str]) -> None:
        if not FOLDER.exists():
            pytest.skip("the reference cases are not beside this checkout (../shared/data/stats/est)")
        tallies = walk(FOLDER)
        with capsys.disabled():
            print("", *lines(tallies), sep="\n")
        assert {case: tally.unexplained for case, tally in tallies.items() if tally.unexplained} == {}
        assert set(tallies) == set(FACTS)
        for case, (equal, different, absent) in FACTS.items():
            counts = tallies[case].counts
            assert counts[EQUAL] >= equal, case
            assert counts.total() == equal + different + absent, case
            assert counts[DIFFERENT] <= different and counts[ABSENT] <= absent, case

    @pytest.mark.parametrize(
        ("lonely", "expected"),
        [
            ("adjust", (1.12722849578, 35.9722114972, 1.34251740449, 41.2067955561, 1.18764212925)),
            ("remove", (0.789915781681, 17.378147197, 0.971707196656, 21.3775583264, 1.18764212925)),
            ("average", (1.11710961159, 24.5764114549, 1.37420149617, 30.2324329157, 1.45455860684)),
        ],
    )
    def test_a_stratum_with_one_respondent_is_as_in_r(self, lonely: Any, expected: tuple[float, ...]) -> None:
        connection = answers(**FIRMS)
        known, unknown = Design("w", "h", "N", lonely=lonely), Design("w", "h", lonely=lonely)
        asked = ((known, "mean", None), (known, "total", None), (unknown, "mean", None), (unknown, "total", None))
        found = [
            one(connection, design, statistic, "y", where=where)["se"]
            for design, statistic, where in (*asked, (unknown, "mean", "h <> 'd'"))
        ]
        assert found == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize(
        ("cluster", "expected"),
        [(None, (1.33894368538, 2.18547084016)), ("group", (1.17755367096, 1.92294663614))],
    )
    def test_calibrated_weights_with_lonely_strata_are_as_in_r(
        self, cluster: str | None, expected: tuple[float, float]
    ) -> None:
        connection = answers(**FIRMS)
        design = Design("calibrated", "h", cluster=cluster, calibration=("m", "rest"), initial_weight="w")
        whole, part = one(connection, design, "mean", "y"), one(connection, design, "mean", "y", where="m = 1")
        assert (whole["se"], part["se"]) == pytest.approx(expected, rel=1e-9)

    def test_a_calibrated_total_has_no_variance_left(self) -> None:
        connection = answers(**FIRMS, amount=[1e9 * value for value in FIRMS["m"]])
        design = Design("calibrated", "h", calibration=("m", "rest", "rest"), initial_weight="w")
        assert one(connection, design, "total", "amount")["se"] == 0
        assert one(connection, design, "total", "y")["se"] > 0

    def test_the_joint_covariance_holds_the_variances_of_the_estimates(self) -> None:
        connection = answers(**FIRMS)
        plain = Design("w", "h", "N", cluster="group")
        calibrated = Design("calibrated", "h", cluster="group", calibration=("m", "rest"), initial_weight="w")
        for design in (plain, calibrated):
            rows, matrix = covariance(connection, "answers", design, "mean", ["y", "N"], by="m")
            apart = estimate(connection, "answers", design, "mean", ["y", "N"], by="m")
            pd.testing.assert_frame_equal(rows, apart)
            assert np.diag(matrix) == pytest.approx(apart["se"] ** 2)
            assert matrix == pytest.approx(matrix.T)
            assert np.linalg.eigvalsh(matrix).min() > -1e-9

    @pytest.mark.parametrize("cluster", [None, "group"])
    @pytest.mark.parametrize("calibration", [(), ("m", "rest")])
    def test_ratios_with_denominators_of_their_own_are_those_asked_one_by_one(
        self, cluster: str | None, calibration: tuple[str, ...]
    ) -> None:
        connection = answers(**FIRMS, other=[1, 2, None, 4, 5, 6, 7])
        initial = "w" if calibration else None
        design = Design("calibrated", "h", "N", cluster=cluster, calibration=calibration, initial_weight=initial)
        pairs = {"y": "N", "N": "other", "other": "y"}
        asked = (connection, "answers", design, "ratio")
        together = estimate(*asked, list(pairs), denominator=list(pairs.values()), by="m")
        apart = [estimate(*asked, top, denominator=bottom, by="m") for top, bottom in pairs.items()]
        pd.testing.assert_frame_equal(together, pd.concat(apart, ignore_index=True), rtol=1e-9)

    def test_quantiles_of_distributions_are_those_of_tables(self) -> None:
        assert student_quantile(0.975, np.array([1, 2, 5, 30, np.inf, 0])) == pytest.approx(
            [12.7062047364, 4.30265272991, 2.57058183661, 2.04227245630, 1.95996398454, np.nan], nan_ok=True
        )
        assert beta_quantile(0.025, np.array([3.0, 0.5, 0.0]), np.array([8.0, 4.0, 4.0])) == pytest.approx(
            [0.06673951118, 0.0001306463769, 0.0], rel=1e-6
        )
        assert binomial_quantile(0.025, 20, 0.5) == 6 and binomial_quantile(0.975, 20, 0.5) == 14


class TestDefaultInterval:
    @pytest.mark.parametrize("said", [0, 1])
    def test_nobody_or_everybody_still_gives_a_usable_interval(self, said: int) -> None:
        connection = answers(y=[said] * 15, w=[1.0] * 15, N=[25] * 15)
        row = one(connection, Design("w", population="N"), "proportion", "y")
        size = 14 / (1 - 15 / 25)
        reach = 1.959963984540054**2 / (size + 1.959963984540054**2)
        expected = (0.0, reach) if said == 0 else (1 - reach, 1.0)
        assert (row["value"], row["se"]) == (said, 0)
        assert (row["low"], row["high"]) == pytest.approx(expected)
        assert row["n_eff"] == pytest.approx(size)

    def test_over_pooled_strata_a_census_counts_for_no_uncertainty(self) -> None:
        """Ten of ten asked in one stratum, four of forty in the other."""
        weights = [1.0] * 10 + [10.0] * 4
        connection = answers(y=[0, 1] * 7, w=weights, h=[1] * 10 + [2] * 4, N=[10] * 10 + [40] * 4)
        row = one(connection, Design("w", "h", "N"), "proportion", "y")
        kish = 50**2 / 410
        assert row["n_eff"] == pytest.approx((kish - 1) / (4 * 100 * 0.9 / 410))

    def test_a_census_is_known(self) -> None:
        connection = answers(y=[0, 1, 1, 1], N=[4] * 4)
        row = one(connection, Design(population="N"), "proportion", "y")
        assert (row["low"], row["value"], row["high"]) == (0.75, 0.75, 0.75) and math.isinf(row["n_eff"])

    def test_one_answer_says_next_to_nothing(self) -> None:
        row = one(answers(y=[1, None]), Design(), "proportion", "y")
        assert (row["n"], row["low"], row["high"]) == (1, 0, 1)

    def test_exact_coverage_keeps_to_the_method(self) -> None:
        frame = grid(fractions=(0.0, 0.3, 0.6))
        assert all(verdict(frame).values()), frame.sort_values("coverage").head()
        assert coverage(15, 0.2, 0.6)[1] == pytest.approx(0.879, abs=5e-4)  # the dip that the method names

    def test_one_name_one_interval(self) -> None:
        connection = answers(y=[0, 0, 1, 0, 1, 0, 0, 0, 1, 0])
        bounds = {
            method: tuple(one(connection, Design(), "proportion", "y", method=method)[["low", "high"]])
            for method in ("fixed", "wilson", "logit", "asin", "beta", "student", "normal")
        }
        assert len(set(bounds.values())) == len(bounds)
        assert bounds["fixed"] == pytest.approx((0.10216, 0.61752), abs=2e-4)  # 9 effective answers


class TestDomains:
    def test_columns_and_order_are_those_asked_for(self) -> None:
        connection = answers(y=[1, 0, 1], z=[0, 0, 1], region=["Sud", None, "Nord"])
        found = estimate(connection, "answers", Design(), "proportion", ["z", "y"], by="region")
        assert list(found.columns) == ["region", *RESULTS]
        assert list(found["variable"]) == ["z", "z", "z", "y", "y", "y"]
        assert list(found["region"][:2]) == ["Nord", "Sud"] and found["region"].isna()[2]

    def test_a_missing_answer_is_left_out_and_is_not_zero(self) -> None:
        connection = answers(y=[1, None, 1, 0], region=["a", "a", "b", "b"], asked=[1.0, 1.0, 1.0, None])
        assert one(connection, Design(), "mean", "y")[["value", "n"]].tolist() == pytest.approx([2 / 3, 3])
        assert one(connection, Design(), "ratio", "y", denominator="asked")["n"] == 2

    def test_a_domain_without_an_answer_keeps_its_row(self) -> None:
        connection = answers(y=[1, None], z=[1, 1], region=["a", "b"])
        found = estimate(connection, "answers", Design(), "total", ["y", "z"], by="region")
        empty = found[(found["variable"] == "y") & (found["region"] == "b")].iloc[0]
        assert empty["n"] == 0 and empty[["value", "se", "low", "high", "n_eff"]].isna().all()
        assert len(estimate(connection, "answers", Design(), "total", "y", where="z = 2")) == 1
        rows, matrix = covariance(connection, "answers", Design(), "total", ["y", "z"], by="region")
        assert np.isnan(matrix[(rows["n"] == 0).to_numpy()]).all() and np.isfinite(matrix[0, 2])

    def test_a_domain_whose_weights_are_zero_moves_no_other(self) -> None:
        connection = answers(y=[1, 2, 3, 4], w=[0.0, 0, 1, 1], region=["a", "a", "b", "b"])
        found = estimate(connection, "answers", Design("w"), "quantile", "y", by="region", probability=0.5)
        assert found[["region", "value"]].to_numpy().tolist() == [["b", 3]]

    @pytest.mark.parametrize(
        "values",
        [
            "'b', 'a', NULL",
            "2, 1, NULL",
            "2, 1, 1",
            "true, false, NULL",
            "1.5, 0.5, NULL",
            "2.5::DOUBLE, 'nan', NULL",
            "DATE '2025-01-01', '2024-01-01', NULL",
            "TIMESTAMPTZ '2025-01-01', '2024-01-01', NULL",
            "'large'::ENUM('small', 'large'), 'small', NULL",
        ],
    )
    def test_a_column_of_domains_stays_what_it_is(self, values: str) -> None:
        connection = duckdb.connect()
        several = f"SELECT unnest([{values}]) AS region, unnest([1, 2, 3]) AS y, unnest(['a', 'b', 'c']) AS h"
        connection.execute(f"CREATE TABLE answers AS {several} UNION ALL {several}")
        known = connection.execute("SELECT region, sum(y) AS total FROM answers GROUP BY region ORDER BY region").df()
        found = estimate(connection, "answers", Design(stratum="h"), "total", ["y"], by="region")
        pd.testing.assert_series_equal(found["region"], known["region"])
        assert found["value"].tolist() == known["total"].tolist()

    def test_a_numerator_without_its_denominator_is_no_answer(self) -> None:
        """Whatever the values, those that add up to zero among them."""
        connection = answers(y=[1.0, -1, 5, -5], x=[1.0, 1, None, None])
        assert one(connection, Design(), "ratio", "y", denominator="x")["n"] == 2

    def test_columns_of_several_kinds_keep_their_digits(self) -> None:
        connection = duckdb.connect()
        connection.execute(
            "CREATE TABLE answers AS SELECT true AS a, 0.1::FLOAT AS b, 12345678901.123456789::DECIMAL(38, 9) AS c, "
            "170141183460469231731687303715884105727::HUGEINT AS d FROM range(2)"
        )
        found = estimate(connection, "answers", Design(), "mean", ["a", "b", "c", "d"])
        assert found["value"].tolist() == pytest.approx([1, 0.1, 12345678901.123457, 2.0**127], rel=1e-7)
        assert found["value"][2] == pytest.approx(12345678901.123457, rel=1e-15)

    def test_a_domain_keeps_the_whole_sample(self) -> None:
        """Its size is estimated too, so that the variance of its total isn't that of a sample of its own."""
        connection = answers(y=[1.0] * 4 + [0.0] * 6, here=[1] * 4 + [0] * 6)
        row = one(connection, Design(), "total", "y", where="here = 1")
        assert row["se"] == pytest.approx(math.sqrt(10 / 9 * 10 * 0.4 * 0.6))

    def test_a_condition_that_is_unknown_is_not_met(self) -> None:
        connection = answers(y=[1, 0], size=[1.0, None])
        assert one(connection, Design(), "mean", "y", where="size > 0 -- grands comptes")["n"] == 1

    def test_many_clusters_are_read_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        connection, design = answers(**FIRMS), Design("w", "h", cluster="group")
        asked = ("answers", design, "mean", ["y", "N", "m"])
        at_once = estimate(connection, *asked, by="rest")
        monkeypatch.setattr("observatory.aggregate.estimation.MOST_UNITS", 14)
        pd.testing.assert_frame_equal(at_once, estimate(connection, *asked, by="rest"))

    def test_clusters_count_as_one_respondent(self) -> None:
        connection = answers(y=[0, 0, 1, 1, 1, 1], firm=[1, 1, 2, 2, 3, 3], once=[1, 0, 1, 0, 1, 0])
        twice = one(connection, Design(cluster="firm"), "mean", "y")
        once = one(connection, Design(), "mean", "y", where="once = 1")
        assert twice["value"] == once["value"] and twice["n_eff"] == pytest.approx(2)
        assert twice["se"] == pytest.approx(math.sqrt(2 / 9 / 2))


class TestQuantiles:
    def test_the_median_is_an_answer_between_binomial_ranks(self) -> None:
        row = one(answers(y=list(range(1, 21))), Design(), "quantile", "y", probability=0.5)
        assert row[["value", "low", "high"]].tolist() == [10, 6, 15] and math.isnan(row["se"])

    def test_too_few_answers_give_no_bound(self) -> None:
        row = one(answers(y=[1, 2, 3, 4, 5]), Design(), "quantile", "y", probability=0.5)
        assert row["value"] == 3 and math.isnan(row["low"]) and math.isnan(row["high"])

    def test_weights_move_it(self) -> None:
        connection = answers(y=[1.0, 2, 3, None], w=[1.0, 1, 3, 9], region=["a"] * 4)
        found = one(connection, Design("w"), "quantile", "y", probability=0.5, by="region")
        assert found["value"] == 3
        assert one(connection, Design("w"), "quantile", "y", probability=0.4)["value"] == 2


class TestRefusals:
    @pytest.mark.parametrize(
        ("columns", "design", "column"),
        [
            ({"w": [1.0, None]}, Design("w"), "w"),
            ({"w": [1.0, -1.0]}, Design("w"), "w"),
            ({"h": ["a", None]}, Design(stratum="h"), "h"),
            ({"c": ["a", None]}, Design(cluster="c"), "c"),
            ({"N": [3, None]}, Design(population="N"), "N"),
            ({"N": [3, 4]}, Design(population="N"), "N"),
            ({"N": [1, 1]}, Design(population="N"), "N"),
            ({"h": ["a", "b"]}, Design(stratum="h", lonely="fail"), "h"),
            ({"w": [1.0, 1.0], "m": [1, None]}, Design("w", calibration=("m",), initial_weight="w"), "m"),
            ({}, Design("poids"), "poids"),
            ({"w": ["1", "deux"]}, Design("w"), "w"),
        ],
    )
    def test_a_design_that_cant_be_is_refused_in_french(
        self, columns: dict[str, Any], design: Design, column: str
    ) -> None:
        with pytest.raises(ProblemsError) as refused:
            estimate(answers(y=[0, 1], **columns), "answers", design, "mean", "y")
        (problem,) = refused.value.problems
        assert problem.column == column and problem.file == "answers" and problem.found and problem.action

    def test_a_column_that_only_we_have_is_not_the_table_s(self) -> None:
        """The statements have columns of their own, `weight` and `x` among them."""
        connection = answers(y=[0, 1], w=[1.0, 1.0])
        for name in ("weight", "x", "unit"):
            with pytest.raises(ProblemsError, match="une colonne absente"):
                estimate(connection, "answers", Design("w"), "mean", name)
            with pytest.raises(duckdb.BinderException):
                estimate(connection, "answers", Design("w"), "mean", "y", where=f"{name} > 0")

    def test_a_refusal_shows_no_answer(self) -> None:
        with pytest.raises(ProblemsError) as refused:
            estimate(answers(y=["12 rue des Lilas", "3"]), "answers", Design(), "mean", "y")
        assert "Lilas" not in str(refused.value)

    def test_a_proportion_is_of_yes_and_no(self) -> None:
        with pytest.raises(ProblemsError, match="valeurs autres que 0 et 1 : 1"):
            estimate(answers(y=[0, 1, 7]), "answers", Design(), "proportion", "y")

    @pytest.mark.parametrize(
        ("statistic", "options"),
        [
            ("median", {}),
            ("ratio", {}),
            ("mean", {"denominator": "y"}),
            ("mean", {"method": "wilson"}),
            ("quantile", {}),
            ("quantile", {"probability": 1.0}),
            ("mean", {"level": 95}),
            ("mean", {"by": "n"}),
        ],
    )
    def test_a_question_that_has_no_answer_is_refused(self, statistic: Any, options: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            estimate(answers(y=[0, 1], n=[1, 1]), "answers", Design(), statistic, "y", **options)


class TestDigits:
    def test_what_hardly_varies_keeps_its_digits(self) -> None:
        small = np.array([0.0, 1, 2, 3, 5, 8, 13, 21])
        known = one(answers(y=small, w=[1.0, 2] * 4), Design("w"), "mean", "y")
        shifted = answers(y=small + 1e9, w=[1.0, 2] * 4, whole=[1.0] * 8, size=[1e9] * 8)
        assert one(shifted, Design("w"), "mean", "y")["se"] == pytest.approx(known["se"], rel=1e-9)
        ratio = one(shifted, Design("w"), "ratio", "y", denominator="size")
        assert ratio["se"] * 1e9 == pytest.approx(known["se"], rel=1e-6)

    def test_what_does_not_vary_has_no_error(self) -> None:
        connection = answers(y=[0.1] * 7, x=[0.3] * 7, w=[1.0, 2, 3, 4, 5, 6, 7.7])
        assert one(connection, Design("w"), "mean", "y")["se"] == 0
        assert one(connection, Design("w"), "ratio", "y", denominator="x")["se"] == 0

    def test_any_table_and_a_read_only_base(self, tmp_path: Path) -> None:
        path = str(tmp_path / "base.duckdb")
        with duckdb.connect(path) as made:
            made.execute(
                'CREATE TABLE sample AS SELECT true AS y, 1 AS "région"; CREATE TABLE "les réponses" AS FROM sample'
            )
        with duckdb.connect(path, read_only=True) as connection:
            for table in ("sample", '"les réponses"', "main.sample", "(SELECT * FROM sample)"):
                found = estimate(connection, table, Design(), "quantile", "y", by="région", probability=0.5)
                assert found["value"].tolist() == [1]
                covariance(connection, table, Design(), "total", "y")


AMOUNTS = st.lists(st.integers(-1000, 1000), min_size=2, max_size=40)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
HARD_NAMES = st.sampled_from(
    ['poids "brut"', "l'effectif", "réponse n° 1", "weight", "stratum", "unit", "y0", "key0", "domain", "variable_",
     "{count}", "{sample}", "select", "x", "inside", "score", "scores", "sample", "a.b", " ", "%s", "--", "m0"]
)  # fmt: skip


class TestProperties:
    @settings(max_examples=30, deadline=None)
    @given(AMOUNTS, st.integers(0, 100))
    def test_equal_weights_without_strata_are_the_textbook(self, values: list[int], more: int) -> None:
        n, y = len(values), np.array(values, dtype=float)
        size = n + more
        connection = answers(y=y, N=[size] * n, w=[size / n] * n)
        design, left = Design("w", population="N"), 1 - n / size
        mean, total = one(connection, design, "mean", "y"), one(connection, design, "total", "y")
        se = math.sqrt(left * y.var(ddof=1) / n)
        assert mean["value"] == pytest.approx(y.mean(), abs=1e-9)
        assert mean["se"] == pytest.approx(se, abs=1e-9)
        assert (total["value"], total["se"]) == pytest.approx((size * y.mean(), size * se), rel=1e-9, abs=1e-7)
        assert mean["deff"] == pytest.approx(left) or y.var() == 0
        above = one(answers(y=y > 0), Design(), "proportion", "y")
        p = (y > 0).mean()
        assert above["se"] == pytest.approx(math.sqrt(p * (1 - p) / (n - 1)), abs=1e-12)
        assert above["n_eff"] == pytest.approx(n - 1)

    @settings(max_examples=8, deadline=None)
    @given(st.data())
    def test_the_order_of_the_rows_changes_nothing(self, data: st.DataObject) -> None:
        n = data.draw(st.integers(4, 40))
        numbers = st.lists(st.integers(0, 50), min_size=n, max_size=n)
        frame = pd.DataFrame(
            {
                "y": data.draw(numbers),
                "w": [1 + value for value in data.draw(numbers)],
                "h": [value % 3 for value in data.draw(numbers)],
                "c": [value % 7 for value in data.draw(numbers)],
                "d": [value % 2 for value in data.draw(numbers)],
            }
        )
        order = data.draw(st.permutations(range(n)))
        design = Design("w", "h", cluster="c", calibration=("d",), initial_weight="w")
        for statistic, more in (("mean", {}), ("total", {}), ("quantile", {"probability": 0.3})):
            one_way, other_way = (
                estimate(answers(**rows), "answers", design, statistic, "y", by="d", **more)
                for rows in (frame, frame.iloc[list(order)])
            )
            pd.testing.assert_frame_equal(one_way, other_way, rtol=1e-9, atol=1e-9)

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(st.integers(-99, 99) | st.none(), st.sampled_from(["a", "b", "c", None])), min_size=2))
    def test_the_totals_of_a_partition_add_up(self, rows: list[tuple[int | None, str | None]]) -> None:
        values, regions = zip(*rows, strict=True)
        connection = answers(
            y=pd.array(values, dtype="Int64"), region=pd.array(regions, dtype="string"), w=[1.5] * len(rows)
        )
        parts = estimate(connection, "answers", Design("w"), "total", "y", by="region")
        whole = one(connection, Design("w"), "total", "y")
        assert parts["n"].sum() == whole["n"] == sum(value is not None for value in values)
        assert parts["value"].sum() == pytest.approx(whole["value"] if whole["n"] else 0)
        _, matrix = covariance(connection, "answers", Design("w"), "total", "y", by="region")
        assert np.nansum(matrix) == pytest.approx(whole["se"] ** 2 if whole["n"] else 0, abs=1e-6)

    @settings(max_examples=25, deadline=None)
    @given(st.lists(NAMES | HARD_NAMES, min_size=8, max_size=8, unique_by=str.casefold))
    def test_columns_may_have_any_name(self, names: list[str]) -> None:
        keys = ("y", "w", "h", "N", "m", "rest", "group", "calibrated")
        connection = duckdb.connect()
        spelled = {key: '"' + name.replace('"', '""') + '"' for key, name in zip(keys, names, strict=True)}
        columns = ", ".join(f'"{key}" AS {name}' for key, name in spelled.items())
        frame = pd.DataFrame(FIRMS)  # noqa: F841 -- the statement reads it
        connection.execute(
            f"CREATE TABLE plain AS SELECT * FROM frame; CREATE TABLE named AS SELECT {columns} FROM plain"
        )
        name = dict(zip(keys, names, strict=True))
        same = {key: key for key in keys}

        def asked(table: str, called: dict[str, str], condition: str, statistic: Any) -> pd.DataFrame:
            design = Design(
                called["calibrated"],
                called["h"],
                called["N"],
                called["group"],
                calibration=(called["m"], called["rest"]),
                initial_weight=called["w"],
            )
            return estimate(
                connection,
                table,
                design,
                statistic,
                [called["y"], called["N"]],
                by=[called["m"]],
                denominator=called["w"] if statistic == "ratio" else None,
                probability=0.5 if statistic == "quantile" else None,
                method="student",
                where=f"{condition} <> 4",
            )

        for statistic in ("ratio", "quantile"):
            plain = asked("plain", same, "y", statistic)
            named = asked("named", name, spelled["y"], statistic)
            assert list(named["variable"].unique()) == [name["y"], name["N"]] and named.columns[0] == name["m"]
            figures = list(RESULTS[1:])
            pd.testing.assert_frame_equal(plain[figures], named[figures])


@given(st.integers(1, 2000), st.floats(0.001, 0.999), st.sampled_from([0.005, 0.025, 0.05, 0.5, 0.95, 0.975, 0.995]))
def test_a_binomial_quantile_is_the_least_number_that_reaches_the_level(n: int, share: float, level: float) -> None:
    found = binomial_quantile(level, n, share)
    assert binom.cdf(found, n, share) >= level * (1 - 1e-9)
    assert found == 0 or binom.cdf(found - 1, n, share) < level * (1 + 1e-9)


@pytest.mark.parametrize("statistic", ["total", "mean", "proportion", "ratio", "quantile"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_what_is_no_finite_number_is_refused_by_the_name_of_its_column(statistic: Any, value: str) -> None:
    connection = duckdb.connect()
    connection.execute(
        f"CREATE TABLE answers AS SELECT 1.0 AS x, if(i = 3, '{value}'::DOUBLE, 1) AS y FROM range(9) r(i)"
    )
    more: dict[str, Any] = {"ratio": {"denominator": "x"}, "quantile": {"probability": 0.5}}.get(statistic, {})
    with pytest.raises(ProblemsError) as caught:
        estimate(connection, "answers", Design(), statistic, ["x", "y"], **more)
    assert [problem.column for problem in caught.value.problems] == ["y"]
