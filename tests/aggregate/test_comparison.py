"""Changes are R's where it has them, textbook formulas where there is one; firms of both waves count once."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observatory.aggregate.comparison import CHANGES, PANEL, WAVE, Wave, changes, holm, panel_changes, stack
from observatory.aggregate.estimation import Design, covariance, estimate
from observatory.problems import ProblemsError
from tests.aggregate.report_estimation import BAROMETER, BARRIERS, FOLDER, STACKED, Reference, expected_rows

OURS = {"estimate": "value", "se": "se", "z": "z", "p_two_sided": "p", "ci95_low_z": "low", "ci95_high_z": "high"}
YEARS: dict[str, Any] = {"wave": "year", "before": 2024, "after": 2025}
FIRMS = Design("w", "h", cluster="firm")
KNOWN = Design("w", "h", "N", cluster="firm")


def stacked(**columns: Any) -> duckdb.DuckDBPyConnection:
    """A database whose table `answers` has these columns."""
    connection = duckdb.connect()
    frame = pd.DataFrame(columns)  # noqa: F841 -- the statement reads it
    connection.execute("CREATE TABLE answers AS SELECT * FROM frame")
    return connection


def waves(old: dict[int, float], new: dict[int, float], population: int = 100) -> duckdb.DuckDBPyConnection:
    """One stratum; the answer of each firm in each wave, with equal weights."""
    return stacked(
        firm=[*old, *new],
        year=[2024] * len(old) + [2025] * len(new),
        y=[*old.values(), *new.values()],
        h=["a"] * (len(old) + len(new)),
        w=[population / len(old)] * len(old) + [population / len(new)] * len(new),
        N=[population] * (len(old) + len(new)),
    )


def sized(connection: duckdb.DuckDBPyConnection, size: str) -> None:
    connection.execute(f"ALTER TABLE answers ADD COLUMN size VARCHAR; UPDATE answers SET size = {size}")


def change(connection: duckdb.DuckDBPyConnection, design: Design, **more: Any) -> pd.Series:
    """The only row of a change of a mean."""
    found = changes(connection, "answers", design, "y", **(YEARS | {"statistic": "mean"} | more))
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture(scope="module")
def reference() -> Reference:
    if not FOLDER.exists():
        pytest.skip("the reference cases are not beside this checkout (../shared/data/stats/est)")
    return Reference(FOLDER)


class TestReference:
    @pytest.mark.parametrize(
        ("case", "design", "values"),
        [
            ("E7_change_indep_fpc", BAROMETER, 336),
            ("E7_change_indep_nofpc", Design("w0", "strate"), 336),
            ("E8_change_overlap", STACKED, 378),
        ],
    )
    def test_changes_are_those_of_r(self, reference: Reference, case: str, design: Design, values: int) -> None:
        asked: dict[str, Any] = {"wave": "vague", "before": 2025, "after": 2026, "breakdowns": ["strate"]}
        shares = changes(reference.connection, "stacked", design, BARRIERS, **asked)
        ratio = changes(
            reference.connection, "stacked", design, "achats_su", statistic="ratio", denominator="achats", **asked
        )
        found = {
            (row["variable"], "all" if row["breakdown"] == "" else f"strate={row['category']}"): row
            for frame in (shares, ratio)
            for _, row in frame.iterrows()
        }
        checked = 0
        for key, statistic, expected in expected_rows(FOLDER):
            if key.case == case and statistic in OURS:
                ours = found[key.y, key.domain][OURS[statistic]]
                assert ours == pytest.approx(expected, rel=1e-6, abs=1e-12), (key, statistic)
                checked += 1
        assert checked == values

    def test_the_relative_change_of_a_pair_is_that_of_r(self, reference: Reference) -> None:
        """The two scores of a school, one row each, are two waves of one firm."""
        table = """(SELECT stype, pw, fpc, row_number() OVER () AS school, unnest([api99, api00]) AS api,
            unnest([1999, 2000]) AS year FROM apistrat)"""
        design = Design("pw", "stype", "fpc", "school")
        row = changes(
            reference.connection, table, design, "api", wave="year", before=1999, after=2000, statistic="mean"
        ).iloc[0]
        expected = {key.case: {} for key, _, _ in expected_rows(FOLDER) if key.case.startswith("A8")}
        for key, statistic, value in expected_rows(FOLDER):
            if key.case in expected:
                expected[key.case][statistic] = value
        difference, percent = expected["A8_paired_diff"], expected["A8_pct_change"]
        assert [row["value"], row["se"]] == pytest.approx([difference["estimate"], difference["se"]], rel=1e-9)
        assert [row["low"], row["high"]] == pytest.approx(
            [difference["ci95_low_z"], difference["ci95_high_z"]], rel=1e-9
        )
        ours = [100 * row[name] for name in ("relative", "relative_se", "relative_low", "relative_high")]
        theirs = [percent[name] for name in ("estimate", "se", "ci95_low_z", "ci95_high_z")]
        assert ours == pytest.approx(theirs, rel=1e-9)

    def test_matched_firms_are_those_of_r(self, reference: Reference) -> None:
        row = panel_changes(
            reference.connection,
            "stacked",
            Design(cluster="id"),
            "achats_su",
            wave="vague",
            before=2025,
            after=2026,
            statistic="ratio",
            denominator="achats",
        ).iloc[0]
        expected = {statistic: value for key, statistic, value in expected_rows(FOLDER) if key.case == "E12_panel"}
        assert [row[name] for name in ("n", "median", "up", "down", "sign_p")] == pytest.approx(
            [expected[name] for name in ("n", "median_diff", "n_up", "n_down", "sign_test_p")], rel=1e-9
        )


OLD = {1: 3.0, 2: 5.0, 3: 4.0, 4: 9.0, 5: 7.0, 6: 1.0}
NEW = {4: 8.0, 5: 9.0, 6: 2.0, 7: 6.0, 8: 4.0}


class TestFinitePopulation:
    """The stacked file is no sample of N firms: 1 - n/N of it is not the correction."""

    def test_firms_beyond_those_that_chance_gives_make_the_covariance(self) -> None:
        """Tam's, with N = 20: three firms in both, of six and five."""
        said = {4: 5.0, 5: 9.0, 6: 4.0, 7: 6.0, 8: 2.0}
        row = change(waves(OLD, said, 20), KNOWN)
        old, new = np.array(list(OLD.values())), np.array(list(said.values()))
        apart = [(OLD[firm] - old.mean()) * (said[firm] - new.mean()) for firm in OLD.keys() & said.keys()]
        s12 = sum(apart) / 3 * math.sqrt(6 / 5 * 5 / 4)
        variance = old.var(ddof=1) * (1 / 6 - 1 / 20) + new.var(ddof=1) * (1 / 5 - 1 / 20)
        assert row["se"] ** 2 == pytest.approx(variance - 2 * s12 * (3 / 30 - 1 / 20))

    def test_all_firms_in_both_are_one_sample_of_differences(self) -> None:
        new = {firm: value + firm % 3 for firm, value in OLD.items()}
        differences = np.array([new[firm] - OLD[firm] for firm in OLD])
        row = change(waves(OLD, new, 20), KNOWN)
        assert row["se"] ** 2 == pytest.approx(differences.var(ddof=1) / 6 * (1 - 6 / 20))

    def test_no_firm_in_both_is_two_samples(self) -> None:
        connection = waves(OLD, {firm + 10: value for firm, value in NEW.items()}, 20)
        alone = [
            estimate(connection, "answers", KNOWN, "mean", "y", where=f"year = {year}")["se"].iloc[0]
            for year in (2024, 2025)
        ]
        whole = estimate(connection, "(FROM answers WHERE year = 2024)", KNOWN, "mean", "y")["se"].iloc[0]
        row = change(connection, KNOWN)
        new = estimate(connection, "(FROM answers WHERE year = 2025)", KNOWN, "mean", "y")["se"].iloc[0]
        assert row["se"] == pytest.approx(math.hypot(whole, new))
        assert row["se"] != pytest.approx(math.hypot(*alone))  # each wave is a sample, not a domain of both

    def test_a_wave_without_a_known_population_has_no_correction(self) -> None:
        connection = waves(OLD, {firm + 10: value for firm, value in NEW.items()}, 20)
        connection.execute("UPDATE answers SET N = NULL WHERE year = 2024")
        old = estimate(connection, "(FROM answers WHERE year = 2024)", FIRMS, "mean", "y")["se"].iloc[0]
        new = estimate(connection, "(FROM answers WHERE year = 2025)", KNOWN, "mean", "y")["se"].iloc[0]
        assert change(connection, KNOWN)["se"] == pytest.approx(math.hypot(old, new))
        connection.execute("UPDATE answers SET N = NULL")
        assert change(connection, KNOWN)["se"] == pytest.approx(change(connection, FIRMS)["se"])

    def test_a_census_of_both_is_known(self) -> None:
        new = {firm: value + 1 for firm, value in OLD.items()}
        row = change(waves(OLD, new, 6), KNOWN)
        assert (row["value"], row["se"], row["low"], row["high"], row["p"]) == pytest.approx((1, 0, 1, 1, 0))

    def test_the_covariance_is_never_beyond_what_the_waves_allow(self) -> None:
        """Two firms in both, the extremes of each wave: s12 alone would make the variance negative."""
        old = {1: 0.0, 2: 100.0} | dict.fromkeys(range(10, 28), 50.0)
        new = {1: 0.0, 2: 100.0} | dict.fromkeys(range(40, 58), 50.0)
        assert change(waves(old, new, 1000), KNOWN)["se"] > 0


class TestOverlap:
    def test_a_firm_that_says_the_same_makes_no_change(self) -> None:
        for design in (FIRMS, KNOWN):
            row = change(waves(OLD, OLD, 20), design)
            assert (row["value"], row["se"], row["z"], row["p"]) == (0, 0, 0, 1)
            assert (row["low"], row["high"], row["relative"]) == (0, 0, 0)

    def test_firms_that_keep_their_place_narrow_the_interval(self) -> None:
        new = {firm: value + 0.1 * firm for firm, value in OLD.items()}
        connection = waves(OLD, new)
        assert change(connection, FIRMS)["se"] < 0.2 * change(connection, Design("w", "h"))["se"]

    def test_a_firm_that_changed_strata_counts_as_two(self) -> None:
        new = {firm: value + 0.1 * firm for firm, value in OLD.items()}
        connection = waves(OLD, new)
        connection.execute("UPDATE answers SET h = 'b' WHERE year = 2025")
        moved, apart = change(connection, FIRMS), change(connection, Design("w", "h"))
        assert moved["se"] == pytest.approx(apart["se"])

    def test_a_firm_that_answers_twice_in_a_wave_is_one_unit(self) -> None:
        connection = stacked(
            firm=[1, 1, 2, 3, 1, 2, 3, 4], year=[2024] * 4 + [2025] * 4, y=[1.0, 3, 2, 5, 4, 4, 1, 3], h=["a"] * 8,
            w=[1.0] * 8,
        )  # fmt: skip
        z = {1: (4 - 3) / 4 - (1 + 3 - 2 * 2.75) / 4, 2: 1 / 4 - (2 - 2.75) / 4, 3: -2 / 4 - (5 - 2.75) / 4, 4: 0.0}
        assert change(connection, FIRMS)["se"] ** 2 == pytest.approx(4 / 3 * sum(value**2 for value in z.values()))

    def test_domains_are_those_of_each_wave_and_keep_the_whole_sample(self) -> None:
        connection = waves(OLD, NEW)
        connection.execute("ALTER TABLE answers ADD COLUMN size VARCHAR")
        connection.execute(
            "UPDATE answers SET size = CASE WHEN firm % 2 = 0 THEN 'small' WHEN firm < 7 THEN 'large' END"
        )
        found = changes(connection, "answers", FIRMS, "y", statistic="mean", by="size", **YEARS)
        assert list(found.columns) == ["size", *CHANGES]
        assert found["size"].fillna("").tolist() == ["large", "small", ""]
        assert found[["n_before", "n_after"]].to_numpy().tolist() == [[3, 1], [3, 3], [0, 1]]
        assert found["value"].isna().tolist() == [False, False, True] and found["se"].isna().tolist()[2]
        rows, matrix = covariance(connection, "answers", FIRMS, "mean", "y", by=["year", "size"])
        old, new = (np.flatnonzero((rows["year"] == year) & (rows["size"] == "small"))[0] for year in (2024, 2025))
        assert found["se"][1] ** 2 == pytest.approx(matrix[old, old] + matrix[new, new] - 2 * matrix[old, new])

    def test_breakdowns_are_the_whole_and_each_column_apart(self) -> None:
        connection = waves(OLD, NEW)
        connection.execute("ALTER TABLE answers ADD COLUMN size VARCHAR")
        connection.execute(
            "UPDATE answers SET size = CASE WHEN firm % 2 = 0 THEN 'small' WHEN firm < 7 THEN 'large' END"
        )
        apart: dict[str, Any] = {"statistic": "mean", **YEARS}
        for compare in (changes, panel_changes):
            found = compare(connection, "answers", FIRMS, ["y", "w"], breakdowns=["size", "h"], **apart)
            labels = found[["variable", "breakdown", "category"]].to_numpy().tolist()
            assert labels[:4] == [["y", "", ""], ["y", "size", "large"], ["y", "size", "small"], ["y", "h", "a"]]
            whole = compare(connection, "answers", FIRMS, ["y", "w"], **apart)
            sizes = compare(connection, "answers", FIRMS, ["y", "w"], by="size", where="size IS NOT NULL", **apart)
            figures = (CHANGES if compare is changes else PANEL)[1:]
            pd.testing.assert_frame_equal(
                found[found["breakdown"] == ""][figures].reset_index(drop=True), whole[figures]
            )
            pd.testing.assert_frame_equal(
                found[found["breakdown"] == "size"][figures].reset_index(drop=True), sizes[figures]
            )

    def test_calibrated_weights_carry_their_residuals(self) -> None:
        """Each wave has margins of its own: the joint covariance with a block for each is the same."""
        generator = np.random.default_rng(4)
        firm, year = generator.permutation(60)[:40], np.repeat([2024, 2025], 20)
        firm[20:] = np.r_[firm[:8], generator.permutation(np.arange(100, 112))]
        block = {
            f"m{year_}_{k}": ((year == year_) & (firm % 2 == k)).astype(int) for year_ in (2024, 2025) for k in (0, 1)
        }
        initial = 2.0 + (firm % 5)
        calibrated = initial * np.where(firm % 2 == 0, 1.1, 0.9)
        connection = stacked(
            firm=firm, year=year, y=generator.random(40) * 9 + firm % 2, w=calibrated, w0=initial, h=firm % 3,
            size=firm % 2, N=[150] * 40, **block,
        )  # fmt: skip
        design = Design("w", "h", cluster="firm", calibration=tuple(block), initial_weight="w0")
        for by in ((), ("size",)):
            _, matrix = covariance(connection, "answers", design, "mean", "y", by=(*by, "year"))
            found = changes(connection, "answers", design, "y", statistic="mean", by=by, **YEARS)
            for place in range(len(found)):
                old, new = 2 * place, 2 * place + 1
                expected = matrix[old, old] + matrix[new, new] - 2 * matrix[old, new]
                assert found["se"][place] ** 2 == pytest.approx(expected, rel=1e-9)
        known = Design("w", "h", "N", "firm", calibration=tuple(block), initial_weight="w0")
        alone = [
            estimate(connection, f"(FROM answers WHERE year = {of})", known, "mean", "y")["se"].iloc[0]
            for of in (2024, 2025)
        ]
        connection.execute("UPDATE answers SET firm = firm + 1000 WHERE year = 2024")
        assert change(connection, known)["se"] == pytest.approx(math.hypot(*alone))


class TestEdges:
    def test_nobody_in_both_waves_says_nothing_of_the_precision(self) -> None:
        row = change(waves(dict.fromkeys(OLD, 0.0), dict.fromkeys(NEW, 0.0)), FIRMS, statistic="proportion")
        assert (row["value"], row["se"]) == (0, 0)
        assert row[["low", "high", "z", "p", "relative", "relative_se"]].isna().all()
        row = change(waves(dict.fromkeys(OLD, 0.0), dict.fromkeys(NEW, 1.0)), FIRMS, statistic="proportion")
        assert row["value"] == 1 and math.isnan(row["p"])

    def test_a_wave_without_an_answer_has_no_change(self) -> None:
        connection = waves(OLD, NEW)
        connection.execute("UPDATE answers SET y = NULL WHERE year = 2024")
        row = change(connection, FIRMS)
        assert (row["n_before"], row["n_after"], row["after"]) == (0, 5, 5.8)
        assert row[["before", "value", "se", "low", "high", "z", "p", "relative"]].isna().all()
        empty = change(connection, FIRMS, before=1999)
        assert empty["n_before"] == 0 and math.isnan(empty["value"])
        assert change(connection, FIRMS, before=1999, after=1998)["n_after"] == 0

    def test_totals_and_ratios(self) -> None:
        connection = waves(OLD, NEW, 30)
        assert change(connection, KNOWN, statistic="total")["value"] == pytest.approx(30 * (5.8 - 29 / 6))
        mean, total = change(connection, KNOWN), change(connection, KNOWN, statistic="total")
        assert total["se"] == pytest.approx(30 * mean["se"])
        ratio = change(connection, KNOWN, statistic="ratio", denominator="w")
        assert ratio["value"] == pytest.approx(5.8 / 6 - 29 / 6 / 5)

    def test_a_condition_and_the_waves_that_are_not_asked_for(self) -> None:
        connection = waves(OLD, NEW)
        alone = change(connection, FIRMS)
        connection.execute("INSERT INTO answers SELECT * REPLACE (2023 AS year, y + 9 AS y, 'c' AS h) FROM answers")
        pd.testing.assert_series_equal(alone, change(connection, FIRMS))
        assert change(connection, FIRMS, where="firm > 4")["n_before"] == 2

    @pytest.mark.parametrize("column", ["wave", "population"])
    def test_a_missing_column_is_refused_in_french(self, column: str) -> None:
        asked: dict[str, Any] = YEARS | ({"wave": "vague"} if column == "wave" else {})
        design = Design("w", "h", population="effectif", cluster="firm") if column == "population" else FIRMS
        with pytest.raises(ProblemsError, match="une colonne absente") as refused:
            changes(waves(OLD, NEW), "answers", design, "y", statistic="mean", **asked)
        assert refused.value.problems[0].file == "answers"

    def test_a_share_is_of_yes_and_no(self) -> None:
        with pytest.raises(ProblemsError, match="valeurs autres que 0 et 1") as refused:
            changes(waves(OLD, NEW), "answers", FIRMS, "y", **YEARS)
        assert refused.value.problems[0].column == "y"

    @pytest.mark.parametrize(
        "options",
        [
            {"statistic": "median"},
            {"statistic": "ratio"},
            {"statistic": "mean", "denominator": "w"},
            {"level": 95},
            {"by": "p"},
            {"by": "h", "breakdowns": ["h"]},
        ],
    )
    def test_a_question_that_has_no_answer_is_refused(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            changes(waves(OLD, NEW), "answers", FIRMS, "y", **(YEARS | options))


class TestPanel:
    def test_only_firms_with_a_value_in_both_count(self) -> None:
        connection = waves(OLD, NEW | {1: math.nan})
        connection.execute("UPDATE answers SET y = NULL WHERE isnan(y)")
        row = panel_changes(connection, "answers", FIRMS, "y", statistic="mean", **YEARS).iloc[0]
        assert row["n"] == 3
        assert row[["before", "after"]].tolist() == pytest.approx([17 / 3, 19 / 3])
        assert row[["median", "up", "down", "sign_p"]].tolist() == [1, 2, 1, 1]

    def test_a_firm_is_of_the_domain_of_its_later_wave(self) -> None:
        connection = waves(OLD, NEW)
        sized(connection, "CASE WHEN year = 2024 OR firm = 4 THEN 'small' ELSE 'large' END")
        found = panel_changes(connection, "answers", FIRMS, "y", statistic="mean", by="size", **YEARS)
        assert found[["size", "n", "before"]].to_numpy().tolist() == [["large", 2, 4.0], ["small", 1, 9.0]]

    def test_a_firm_whose_denominator_is_zero_has_no_rate(self) -> None:
        connection = waves(OLD, NEW)
        connection.execute("ALTER TABLE answers ADD COLUMN x DOUBLE")
        connection.execute("UPDATE answers SET x = CASE WHEN firm = 4 AND year = 2025 THEN 0 ELSE 1 END")
        row = panel_changes(connection, "answers", FIRMS, "y", statistic="ratio", denominator="x", **YEARS).iloc[0]
        assert row[["n", "median", "up", "down"]].tolist() == [3, 1.5, 2, 0]

    def test_only_answers_change_not_weights_or_strata(self) -> None:
        connection = waves(OLD, OLD | {7: 3.0}, 20)
        connection.execute(
            "UPDATE answers SET w = firm, h = CASE WHEN firm % 2 = 0 THEN 'a' ELSE 'b' END WHERE year = 2025"
        )
        for design in (FIRMS, KNOWN):
            row = panel_changes(connection, "answers", design, "y", statistic="mean", **YEARS).iloc[0]
            assert (row["n"], row["value"], row["se"], row["p"]) == (6, 0, 0, 1)

    def test_it_is_a_domain_of_the_later_sample(self) -> None:
        """Of five firms of twenty, three were there before."""
        connection = waves(OLD, NEW, 20)
        row = panel_changes(connection, "answers", KNOWN, "y", statistic="mean", **YEARS).iloc[0]
        pairs = pd.DataFrame({"firm": NEW, "d": {firm: NEW[firm] - OLD[firm] for firm in NEW if firm in OLD}})
        connection.register("pairs", pairs.assign(h="a", w=4.0, N=20))
        alone = estimate(connection, "pairs", Design("w", "h", "N"), "mean", "d").iloc[0]
        assert (row["value"], row["se"]) == pytest.approx((alone["value"], alone["se"]))

    def test_a_firm_that_answers_twice_is_one_with_their_mean(self) -> None:
        connection = waves(OLD, NEW)
        once = panel_changes(connection, "answers", FIRMS, "y", statistic="mean", **YEARS)
        connection.execute(
            "INSERT INTO answers SELECT * REPLACE (y + 2 AS y) FROM answers WHERE firm = 4 AND year = 2025"
        )
        connection.execute("UPDATE answers SET y = y - 1 WHERE firm = 4 AND year = 2025")
        pd.testing.assert_frame_equal(
            once, panel_changes(connection, "answers", FIRMS, "y", statistic="mean", **YEARS), check_exact=False
        )
        connection.execute("UPDATE answers SET y = NULL WHERE firm = 4 AND y = 9 AND year = 2025")
        assert panel_changes(connection, "answers", FIRMS, "y", statistic="mean", **YEARS)["n"][0] == 2

    def test_no_firm_in_both_has_no_change(self) -> None:
        connection = waves(OLD, {firm + 10: value for firm, value in NEW.items()})
        row = panel_changes(connection, "answers", FIRMS, "y", statistic="mean", **YEARS).iloc[0]
        assert row["n"] == 0 and row[["value", "median", "sign_p"]].isna().all()

    def test_a_panel_needs_firms(self) -> None:
        with pytest.raises(ValueError, match="firms"):
            panel_changes(waves(OLD, NEW), "answers", Design("w", "h"), "y", statistic="mean", **YEARS)


class TestStack:
    def edition(self, connection: duckdb.DuckDBPyConnection, name: str, **columns: Any) -> Wave:
        frame = pd.DataFrame(columns)  # noqa: F841 -- the statement reads it
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM frame')
        return Wave(name, f'"{name}"')

    def test_two_editions_become_one_table_and_its_design(self) -> None:
        connection = duckdb.connect()
        base = {"respondent": ["r1", "r2", "r3"], "weight": [2.0] * 3, "initial_weight": [1.5] * 3, "stratum": [""] * 3}
        old = self.edition(
            connection, "2024", **base, firm=["A", "B", None], population=[9.0] * 3, y=[1.0, 0, 1],
            auxiliary__size__big=[1.0, 0, 1],
        )  # fmt: skip
        new = self.edition(
            connection, "2025", **base, firm=["B", "C", None], population=[None] * 3, y=[0.0, 0, 1],
            size=["x", "y", None], auxiliary__size__big=[1.0, 1, 0],
        )  # fmt: skip
        table, design = stack(connection, "both editions", old, new)
        assert design == Design(
            "weight", "stratum", "population", "firm", initial_weight="initial_weight",
            calibration=("before__auxiliary__size__big", "after__auxiliary__size__big"),
        )  # fmt: skip
        rows = connection.execute(f"SELECT * FROM {table}").df().set_index(WAVE)
        assert len(set(rows["firm"])) == 5  # of the unknown, each is another
        assert rows.loc["2024", "before__auxiliary__size__big"].tolist() == [1, 0, 1]
        assert rows.loc["2024", "after__auxiliary__size__big"].tolist() == [0, 0, 0]
        assert rows.loc["2024", "size"].isna().all()
        row = changes(connection, table, design, "y", wave=WAVE, before="2024", after="2025").iloc[0]
        assert row["value"] == pytest.approx(-1 / 3) and row["se"] > 0
        assert panel_changes(connection, table, design, "y", wave=WAVE, before="2024", after="2025")["n"][0] == 1

    def test_no_margins_known_is_no_population_and_no_calibration(self) -> None:
        connection = duckdb.connect()
        columns = {
            "respondent": ["r1"], "firm": [None], "weight": [1.0], "initial_weight": [1.0], "stratum": [""],
            "population": [math.nan], "y": [1.0],
        }  # fmt: skip
        old, new = (self.edition(connection, name, **columns) for name in ("2024", "2025"))
        for wave in (old, new):
            connection.execute(f"UPDATE {wave.table} SET population = NULL")
        _, design = stack(connection, "answers", old, new)
        assert design.population is None and design.calibration == ()
        with pytest.raises(ValueError, match="two names"):
            stack(connection, "answers", old, old)


class TestHolm:
    def test_it_is_that_of_r(self) -> None:
        """p.adjust(c(0.01, 0.04, NA, 0.03, 0.005, 0.9), "holm"), by hand: 5 × 0.005, 4 × 0.01, 3 × 0.03, then 0.09."""
        found = holm([0.01, 0.04, math.nan, 0.03, 0.005, 0.9])
        assert found == pytest.approx([0.04, 0.09, math.nan, 0.09, 0.025, 0.9], nan_ok=True)
        assert holm([]).tolist() == [] and holm([0.6, 0.6]).tolist() == [1, 1]

    @given(st.lists(st.floats(0, 1) | st.just(math.nan), max_size=30))
    def test_it_keeps_the_order_and_never_lowers(self, p_values: list[float]) -> None:
        given_, adjusted = np.array(p_values), holm(p_values)
        assert (np.isnan(given_) == np.isnan(adjusted)).all()
        known = ~np.isnan(given_)
        assert (adjusted[known] >= given_[known]).all() and (adjusted[known] <= 1).all()
        order = np.argsort(given_[known], kind="stable")
        assert (np.diff(adjusted[known][order]) >= 0).all()


ANSWERS = st.dictionaries(st.integers(0, 12), st.integers(0, 9).map(float), min_size=2, max_size=10)


class TestProperties:
    @settings(max_examples=12, deadline=None)
    @given(ANSWERS, ANSWERS)
    def test_the_other_way_round_the_sign_changes_and_nothing_else(
        self, old: dict[int, float], new: dict[int, float]
    ) -> None:
        connection = waves(old, new, 30)
        connection.execute("UPDATE answers SET h = CASE WHEN firm % 2 = 0 THEN 'a' ELSE 'b' END")
        for design in (FIRMS, KNOWN, Design("w", "h", "N")):
            there = change(connection, design)
            back = change(connection, design, before=2025, after=2024)
            assert there["value"] == -back["value"]
            assert there["se"] == pytest.approx(back["se"], rel=1e-9, abs=1e-12) and there["se"] >= 0
            assert there["low"] == pytest.approx(-back["high"], rel=1e-9, abs=1e-12, nan_ok=True)

    @settings(max_examples=12, deadline=None)
    @given(ANSWERS, ANSWERS)
    def test_independent_waves_add_their_variances(self, old: dict[int, float], new: dict[int, float]) -> None:
        connection = waves(old, {firm + 100: value for firm, value in new.items()}, 30)
        alone = [
            estimate(connection, f"(FROM answers WHERE year = {year})", KNOWN, "mean", "y")["se"].iloc[0]
            for year in (2024, 2025)
        ]
        for design in (KNOWN, Design("w", "h", "N")):
            assert change(connection, design)["se"] == pytest.approx(math.hypot(*alone), rel=1e-9, abs=1e-12)

    @settings(max_examples=12, deadline=None)
    @given(ANSWERS)
    def test_the_same_wave_twice_has_not_changed(self, old: dict[int, float]) -> None:
        connection = waves(old, old, 30)
        connection.execute("UPDATE answers SET h = firm % 3")
        for design in (FIRMS, KNOWN):
            found = change(connection, design)
            assert (found["value"], found["se"]) == (0, 0)
