"""Weights of others on the same data: Insee's Calmar2, R `survey`, R `sampling`.

Belongs here: each case as data, margins and options, and what is said where ours can't be compared. The figures lie
outside the project, in the shared data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from observatory.aggregate.calibration import Bounds, Method
from observatory.aggregate.weights import Margins

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
CALIBRATION = SHARED / "calibration"
ESTIMATES = SHARED / "stats" / "est"

RELATIVE = 1e-6

Read = Callable[[], tuple[pd.DataFrame, "pd.Series[float]", Margins]]


@dataclass(frozen=True)
class Case:
    """`read` gives the frame, with its initial weights in `weight`, the reference weights and the margins. `decimals`:
    as many as the reference prints, where that is less than what is compared elsewhere."""

    name: str
    source: str
    method: Method
    read: Read
    bounds: Bounds | None = None
    decimals: int | None = None


@dataclass(frozen=True)
class Apart:
    """A reference that ours does not give: by definition, or because it is not offered."""

    name: str
    source: str
    verdict: str
    reason: str


def _margins(file: str, counts: tuple[str, ...], totals: dict[str, str] | None = None) -> Margins:
    table = pd.read_csv(ESTIMATES / "data" / file)
    known = {name: table[table["margin"] == name] for name in counts}
    return Margins(
        {name: dict(zip(rows["level"], rows["total"].astype(float), strict=True)) for name, rows in known.items()},
        {
            column: float(table.loc[table["margin"] == margin, "total"].iloc[0])
            for column, margin in (totals or {}).items()
        },
    )


def _expected(case: str, file: str, margins: Margins) -> tuple[pd.DataFrame, pd.Series[float], Margins]:
    frame = pd.read_csv(ESTIMATES / "data" / file)
    table = pd.read_csv(ESTIMATES / "expected" / "expected_weights.csv")
    rows = table[table["case"] == case].reset_index(drop=True)
    return frame.assign(weight=rows["w0"]), rows["w1"], margins


def _schools(case: str, counts: tuple[str, ...], totals: dict[str, str] | None = None) -> Read:
    return lambda: _expected(case, "apiclus1.csv", _margins("api_margins.csv", counts, totals))


def _barometer(case: str, counts: tuple[str, ...], totals: dict[str, str] | None = None) -> Read:
    return lambda: _expected(case, "barometre_2026.csv", _margins("barometre_margins.csv", counts, totals))


def _older_schools(column: str, margins: Margins) -> Read:
    def read() -> tuple[pd.DataFrame, pd.Series[float], Margins]:
        reference = pd.read_csv(CALIBRATION / "rsurvey_apiclus1_reference_weights.csv")
        frame = pd.read_csv(CALIBRATION / "rsurvey_apiclus1.csv").assign(weight=reference["w0"])
        return frame, reference[column], margins

    return read


def _employees(column: str) -> Read:
    def read() -> tuple[pd.DataFrame, pd.Series[float], Margins]:
        kinds = dict.fromkeys(("categ", "sexe", "service"), "str")
        frame = pd.read_csv(CALIBRATION / "icarus_employees_sample15.csv", dtype=kinds).set_index("id", drop=False)
        reference = pd.read_csv(CALIBRATION / "icarus_employees_calmar2_weights.csv").set_index("id")
        margins = Margins(
            {
                "categ": {"1": 80, "2": 90, "3": 60},
                "sexe": {"1": 140, "2": 90},
                "service": {"1": 100, "2": 130},
            },
            {"salaire": 470_000},
        )
        return frame.drop(columns="weight").rename(columns={"poids": "weight"}), reference[column], margins

    return read


def _businesses() -> tuple[pd.DataFrame, pd.Series[float], Margins]:
    """The firms found in scope: the totals asked are those of the population's file less what is out of it."""
    frame = pd.read_csv(CALIBRATION / "gustave_ict_sample.csv", dtype={"division": "str"})
    frame = frame[frame["calib"]].reset_index(drop=True).rename(columns={"w_nrc": "weight"})
    names = [f"turnover_{division}" for division in sorted(frame["division"].unique())]
    reached = frame["w_calib"]
    counts = reached.groupby(frame["division"]).sum().round()
    totals = {name: float((reached * frame[name]).sum()) for name in names}
    return frame, reached, Margins({"division": counts.to_dict()}, totals)


@dataclass(frozen=True)
class Response:
    """Weights of the non-response step alone: the column of the strata, their populations, the weights to find."""

    name: str
    source: str
    stratum: str
    read: Callable[[], tuple[pd.DataFrame, dict[str, float], pd.Series[float]]]


def _response_groups() -> tuple[pd.DataFrame, dict[str, float], pd.Series[float]]:
    """Response groups inside the divisions: what stands for their population is what the sample says of it."""
    frame = pd.read_csv(CALIBRATION / "gustave_ict_sample.csv")
    population = frame[frame["nrc"]].groupby("hrg")["w_sample"].sum()
    answered = frame[frame["resp"] & frame["nrc"]].reset_index(drop=True)
    return answered, population.to_dict(), answered["w_nrc"]


def _barometer_strata(file: str) -> Callable[[], tuple[pd.DataFrame, dict[str, float], pd.Series[float]]]:
    def read() -> tuple[pd.DataFrame, dict[str, float], pd.Series[float]]:
        frame = pd.read_csv(ESTIMATES / "data" / file)
        return frame, dict(_margins("barometre_margins.csv", ("strate",)).counts["strate"]), frame["w0"]

    return read


STYPE: dict[str, float] = {"E": 4421, "H": 755, "M": 1018}
SCH_WIDE: dict[str, float] = {"No": 1072, "Yes": 5122}

CASES: tuple[Case, ...] = (
    Case("B1_poststrat", "R postStratify", "raking", _schools("B1_poststrat", ("stype",))),
    Case("B2_rake", "R rake, epsilon 1e-13", "raking", _schools("B2_rake", ("stype", "sch.wide"))),
    Case("B3_cal_linear", "R calibrate", "linear", _schools("B3_cal_linear", ("stype",), {"api99": "api99"})),
    Case(
        "B4_cal_linear_bounded",
        "R calibrate",
        "linear",
        _schools("B4_cal_linear_bounded", ("stype",), {"api99": "api99"}),
        bounds=(0.5, 1.6),
    ),
    Case("B5_cal_raking", "R calibrate", "raking", _schools("B5_cal_raking", ("stype", "sch.wide"))),
    Case("B6_cal_logit", "R calibrate", "logit", _schools("B6_cal_logit", ("stype", "sch.wide")), bounds=(0.4, 2.5)),
    Case("B7_cal_raking3", "R calibrate", "raking", _schools("B7_cal_raking3", ("stype", "sch.wide", "awards"))),
    Case(
        "E5_cal_raking",
        "R calibrate, three collinear margins",
        "raking",
        _barometer("E5_cal_raking", ("strate", "secteur", "region")),
    ),
    Case(
        "E6_cal_logit",
        "R calibrate, an amount (in millions there, in euros here)",
        "logit",
        _barometer("E6_cal_logit", ("strate", "region"), {"achats": "achats_2026"}),
        bounds=(0.3, 3),
    ),
    Case("icarus wLinear", "Calmar2, 4 decimals printed", "linear", _employees("wLinear"), decimals=4),
    Case("icarus wRaking", "Calmar2, 4 decimals printed", "raking", _employees("wRaking"), decimals=4),
    Case("icarus wLogit", "Calmar2, 4 decimals printed", "logit", _employees("wLogit"), bounds=(0.4, 2.2), decimals=4),
    Case("rsurvey w_ps", "R postStratify", "raking", _older_schools("w_ps", Margins({"stype": STYPE}))),
    Case(
        "rsurvey w_lin",
        "R calibrate",
        "linear",
        _older_schools("w_lin", Margins({"stype": STYPE}, {"api99": 3_914_069})),
    ),
    Case(
        "rsurvey w_raking",
        "R calibrate",
        "raking",
        _older_schools("w_raking", Margins({"stype": STYPE}, {"api99": 3_914_069})),
    ),
    Case("gustave w_calib", "R sampling::calib", "raking", _businesses),
)

RESPONSES = (
    Response("barometre_2025 w0", "N_h / n_h", "strate", _barometer_strata("barometre_2025.csv")),
    Response("barometre_2026 w0", "N_h / n_h", "strate", _barometer_strata("barometre_2026.csv")),
    Response("gustave w_nrc", "response groups", "hrg", _response_groups),
)


def _stopped_early() -> tuple[pd.DataFrame, pd.Series[float], Margins]:
    return _older_schools("w_rake", Margins({"stype": STYPE, "sch.wide": SCH_WIDE}))()


RAKE_DEFAULT = Case("rsurvey w_rake", "R rake, epsilon 1", "raking", _stopped_early)
"""Compared too, to hold that it differs by no more than what its own margins miss."""

APART = (
    Apart(
        "B8_trim",
        "R trimWeights",
        "not offered",
        "trimming shares out what it cuts off and misses the margins again; ours bounds the ratios instead",
    ),
    Apart(
        "E5b_rake_se",
        "R rake",
        "equal weights, standard errors different by definition",
        "its weights are E5's, found equal above; its standard errors iterate unweighted residuals (estimates' report)",
    ),
    Apart(
        "icarus_margins_1, icarus_margins_2",
        "Calmar2",
        "not offered",
        "margins without the sample they calibrate; and margins in percent: ours are counts and totals",
    ),
)
