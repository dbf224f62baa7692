"""Two real waves of a survey of organizations, from raw CSV to figures and PDF, beside two other accounts of them.

One is a recount of the raw files by column position, with nothing of ours. The other is what the publisher printed
(`tests/editions/ospo/published.csv`, read off its charts). Needs the shared data; skipped without them.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from observatory.editions.load import load_edition
from observatory.ingest.inbox import read_inbox
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import validate
from observatory.workspace import Workspace

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "surveys" / "ospo"
SCHEMAS = ROOT / "tests" / "editions" / "ospo"
PUBLISHED = SCHEMAS / "published.csv"
WAVES = ("2018", "2019")
FEWEST = 10

pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason="the shared survey files are not here"),
    pytest.mark.xdist_group("ospo"),
]


@dataclass(frozen=True)
class Several:
    """A question with one column an option: first and last of them, and the column of texts beside « other »."""

    first: int
    last: int
    other: int | None = None
    part: str = ""


@dataclass(frozen=True)
class One:
    """A question with one column."""

    column: int
    part: str = ""


Asked = Several | One
ACTIVITIES = ("act_upstream", "act_internal", "act_commercial", "act_recruit", "act_train", "act_create", "act_events")
POLICIES = ("policy_use", "policy_release", "policy_licenses", "policy_upstream", "policy_sponsor")
CITIZENS = [
    "aws",
    "comcast",
    "facebook",
    "google",
    "ibm",
    "intel",
    "microsoft",
    "pivotal",
    "salesforce",
    "sap",
    "vmware",
]
HAVE, PLAN = "Yes", "No, but planning one"
PROGRAM = {"2018": 23, "2019": 24}
HEADER_ROWS = {"2018": 2, "2019": 3}
ASKED: dict[str, dict[str, Asked]] = {
    "2018": {
        "journey": Several(4, 9),
        "size": One(10),
        **{name: One(11 + i) for i, name in enumerate(ACTIVITIES)},
        **{name: One(18 + i) for i, name in enumerate(POLICIES)},
        "program": One(23),
        "responsibilities": Several(24, 33, 34, HAVE),
        "structure": One(35, HAVE),
        "location": One(36, HAVE),
        "role": One(39, HAVE),
        "program_age": One(41, HAVE),
        "benefits": Several(42, 55, 56, HAVE),
        "success": Several(57, 67, 68, HAVE),
        "challenges": Several(69, 77, None, HAVE),
        "critical": One(78, HAVE),
        "impact": One(79, HAVE),
        "plan_start": One(81, PLAN),
        "plan_structure": One(82, PLAN),
        "plan_location": One(83, PLAN),
        "plan_role": One(85, PLAN),
        "aims": Several(86, 99, 100, PLAN),
        "plan_success": Several(101, 111, 112, PLAN),
        "establishing": Several(113, 123, None, PLAN),
        "reasons": Several(126, 135, 136),
        "would_benefit": One(137),
        "expected_benefits": Several(138, 151, 152),
        "why_not": Several(153, 161, 162),
        "projects": One(163),
        "release_frequency": One(164),
        "release_interval": One(165),
        "repositories": Several(166, 169, 170),
        "job": One(172),
        "industry": One(173),
    },
    "2019": {
        "journey": Several(3, 9),
        "size": One(10),
        **{name: One(11 + i) for i, name in enumerate(ACTIVITIES)},
        **{name: One(18 + i) for i, name in enumerate(POLICIES)},
        "program": One(24),
        "responsibilities": Several(25, 34, 35, HAVE),
        "structure": One(36, HAVE),
        "location": One(37, HAVE),
        "role": One(39, HAVE),
        "program_age": One(41, HAVE),
        "benefits": Several(42, 55, 56, HAVE),
        "success": Several(57, 67, 68, HAVE),
        "challenges": Several(69, 77, None, HAVE),
        "critical": One(78, HAVE),
        "impact": One(79, HAVE),
        "plan_start": One(81, PLAN),
        "plan_structure": One(82, PLAN),
        "plan_location": One(83, PLAN),
        "plan_role": One(85, PLAN),
        "aims": Several(86, 99, 100, PLAN),
        "plan_success": Several(101, 111, 112, PLAN),
        "establishing": Several(113, 123, None, PLAN),
        "reasons": Several(126, 135, 136),
        "would_benefit": One(137),
        "expected_benefits": Several(139, 152, 153),
        "why_not": Several(154, 162, 163),
        **{f"citizen_{name}": One(166 + i) for i, name in enumerate(CITIZENS)},
        "buying_influence": One(177),
        "reward": One(178),
        "foundation_member": One(179),
        "foundation_value": One(180),
        "projects": One(181),
        "release_frequency": One(182),
        "contributors": One(183),
        "cla": One(184),
        "license": One(185),
        "compliance_methods": Several(187, 190, 192),
        "scanning_tools": Several(193, 203, 204),
        "repositories": Several(205, 208, 209),
        "oss_benefits": Several(210, 218, 219),
        "job": One(220),
        "industry": One(221),
    },
}
BROKEN = {"journey", "program_age", "impact", "projects"}
"""Questions whose options or meaning changed: no change between the waves is computed."""
SLIPS = {
    ("2018", "act_upstream", "no", "frequently"),
    ("2018", "act_upstream", "yes", "frequently"),
    ("2019", "citizen_microsoft", "", "above_average"),
    ("2019", "citizen_facebook", "", "above_average"),
}
"""Printed figures that are up to a point off the publisher's own file."""
DATES = {"43475": "1-10", "43470": "1-5", "43626": "6-10"}
"""Labels that a spreadsheet turned into dates, as the file of 2019 has them."""
OTHER = "other (please specify)"
FLAT = str.maketrans({"\u00a0": " ", "’": "'"})


def flat(text: str) -> str:
    """A wording without what differs between header, cell and label: case, no-break spaces, apostrophes."""
    return re.sub(r"\s+", " ", DATES.get(text, text).translate(FLAT)).strip().casefold()


@cache
def raw(wave: str) -> tuple[list[str], list[list[str]]]:
    """The row of headings that stands above the answers, and the answers."""
    with (DATA / f"{wave}_results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    return rows[HEADER_ROWS[wave] - 1], rows[HEADER_ROWS[wave] :]


def heading(wave: str, column: int) -> str:
    """An option's heading; that of 2019 may end in a number which tells equal headings apart."""
    text = raw(wave)[0][column]
    return flat(re.sub(r"(?<=[a-zA-Z)])[0-9]+$", "", text) if wave == "2019" else text)


def members(wave: str, name: str, within: dict[str, str]) -> Iterator[list[str]]:
    """The rows asked this question whose answer to each question of `within` is the one given."""
    part = ASKED[wave][name].part
    for row in raw(wave)[1]:
        if part and row[PROGRAM[wave]] != part:
            continue
        if all(flat(row[ASKED[wave][by].column]) == value for by, value in within.items()):  # type: ignore[union-attr]
            yield row


def recount(wave: str, name: str, within: dict[str, str] | None = None) -> tuple[Counter[str], int]:
    """How many chose each option, by its wording, and how many answered; a text beside « other » is an answer."""
    asked, chosen, base = ASKED[wave][name], Counter[str](), 0
    for row in members(wave, name, within or {}):
        if isinstance(asked, One):
            answers = [flat(row[asked.column])] if row[asked.column].strip() else []
        else:
            answers = [heading(wave, c) for c in range(asked.first, asked.last + 1) if row[c].strip()]
            if asked.other is not None and row[asked.other].strip():
                answers.append(OTHER)
        chosen.update(answers)
        base += bool(answers)
    return chosen, base


def wordings(wave: str, name: str) -> set[str]:
    """Every option of a question, as the file words it."""
    asked = ASKED[wave][name]
    if isinstance(asked, One):
        return set(recount(wave, name)[0])
    own = {heading(wave, column) for column in range(asked.first, asked.last + 1)}
    return own | {OTHER} if asked.other is not None else own


@dataclass(frozen=True)
class Figures:
    """The figures that the command prints, by (indicator, breakdown, category, option, statistic)."""

    rows: dict[tuple[str, str, str, str, str], dict[str, str]]

    def of(self, name: str, statistic: str, breakdown: str = "", category: str = "") -> dict[str, dict[str, str]]:
        """The rows of one question in one domain, by option."""
        wanted = (f"buyer.{name}", breakdown, category, statistic)
        return {key[3]: row for key, row in self.rows.items() if (*key[:3], key[4]) == wanted}


def observatory(*arguments: str | Path) -> str:
    """Run the command as a user does; returns what it prints."""
    command = [sys.executable, "-m", "observatory.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace on which both waves were run, oldest first."""
    folder = tmp_path_factory.mktemp("ospo")
    for wave in WAVES:
        inbox = folder / "inbox" / wave / "buyer"
        inbox.mkdir(parents=True)
        shutil.copy(DATA / f"{wave}_results.csv", inbox)
        observatory("run", wave, "--schemas", SCHEMAS, "--workspace", folder)
    return folder


@pytest.fixture(scope="module")
def printed(workspace: Path) -> dict[str, Figures]:
    """The figures of each wave, as the command prints them."""
    waves = {}
    for wave in WAVES:
        text = observatory("figures", wave, "--format", "csv", "--schemas", SCHEMAS, "--workspace", workspace)
        keys = ("indicator", "breakdown", "category", "option", "statistic")
        rows = [row for row in csv.DictReader(io.StringIO(text)) if row["edition"] == wave]
        waves[wave] = Figures({tuple(row[key] for key in keys): row for row in rows})  # type: ignore[misc]
    return waves


QUESTIONS = [(wave, name) for wave in WAVES for name in ASKED[wave]]
BROKEN_DOWN = ("challenges", "establishing", "reasons", "program")
BREAKDOWNS = [(wave, name, by) for wave in WAVES for name in BROKEN_DOWN for by in ("size", "industry")]


def labelled(rows: Iterable[dict[str, str]], known: set[str]) -> dict[str, str]:
    """Option codes by the file's wording. Labels and wordings that differ in punctuation only are the same."""
    bare = {re.sub(r"[^a-z0-9]+", " ", text): text for text in known}
    found = {}
    for row in rows:
        text = flat(row["label"])
        found[text if text in known else bare.get(re.sub(r"[^a-z0-9]+", " ", text), text)] = row["option"]
    return found


@pytest.mark.parametrize(("wave", "name"), QUESTIONS)
def test_every_option_of_every_question_is_counted_as_in_the_file(
    printed: dict[str, Figures], wave: str, name: str
) -> None:
    chosen, base = recount(wave, name)
    shares, counts = (printed[wave].of(name, statistic) for statistic in ("share", "count"))
    codes = labelled(shares.values(), wordings(wave, name))
    assert wordings(wave, name) <= set(codes), "an option of the file has no figure"
    if isinstance(ASKED[wave][name], Several):
        assert wordings(wave, name) == set(codes), "an option is not in the file"
    for wording, code in codes.items():
        assert int(shares[code]["n"]) == base
        assert float(counts[code]["value"]) == chosen[wording], wording
        assert float(shares[code]["value"]) == pytest.approx(chosen[wording] / base, abs=1e-12), wording


@pytest.mark.parametrize(("wave", "name", "by"), BREAKDOWNS)
def test_breakdowns_are_counted_as_in_the_file(printed: dict[str, Figures], wave: str, name: str, by: str) -> None:
    overall = labelled(printed[wave].of(name, "share").values(), wordings(wave, name))
    for category, group in labelled(printed[wave].of(by, "share").values(), wordings(wave, by)).items():
        chosen, base = recount(wave, name, {by: category})
        for wording, code in overall.items():
            row = printed[wave].of(name, "share", by, group)[code]
            if base < FEWEST:
                assert (row["value"], row["n"], row["suppressed"].lower()) == ("", "", "true")
            else:
                assert int(row["n"]) == base
                assert float(row["value"]) == pytest.approx(chosen[wording] / base, abs=1e-12)


@pytest.mark.parametrize("name", sorted(set(ASKED["2018"]) & set(ASKED["2019"]) - BROKEN))
def test_the_change_is_the_difference_of_the_two_recounts(printed: dict[str, Figures], name: str) -> None:
    changes = printed["2019"].of(name, "change")
    shares: dict[str, dict[str, float]] = {}
    for wave in WAVES:
        chosen, base = recount(wave, name)
        codes = labelled(printed[wave].of(name, "share").values(), wordings(wave, name))
        shares[wave] = {code: chosen[wording] / base for wording, code in codes.items()}
    assert set(changes) == set(shares["2018"]) & set(shares["2019"])
    for code, row in changes.items():
        assert float(row["value"]) == pytest.approx(shares["2019"][code] - shares["2018"][code], abs=1e-12)
        assert "b" not in row["flag"]


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_question_has_no_change(printed: dict[str, Figures], name: str) -> None:
    changes = printed["2019"].of(name, "change")
    assert changes
    assert all(row["value"] == "" and "b" in row["flag"] for row in changes.values())


def test_every_respondent_counts(printed: dict[str, Figures]) -> None:
    for wave in WAVES:
        assert float(printed[wave].of("respondents", "count")[""]["value"]) == len(raw(wave)[1])


def test_an_edition_may_declare_the_column_that_excludes(tmp_path: Path) -> None:
    """The rule that the questionnaire holds as a comment: the publisher had it in the file and did not apply it."""
    schemas = tmp_path / "editions"
    shutil.copytree(SCHEMAS, schemas)
    questionnaire = schemas / "2019" / "buyer.yaml"
    text = questionnaire.read_text(encoding="utf-8")
    declared = re.sub(r"^# (exclude:|  - column:|    values:|    reason:)", r"\1", text, flags=re.MULTILINE)
    questionnaire.write_text(declared, encoding="utf-8")
    inbox = tmp_path / "inbox" / "2019" / "buyer"
    inbox.mkdir(parents=True)
    shutil.copy(DATA / "2019_results.csv", inbox)
    edition, workspace = load_edition(schemas, "2019"), Workspace(tmp_path)
    corrections, _ = read_corrections(workspace.corrections("2019"))
    validated = validate(edition, "buyer", read_inbox(edition, "buyer", workspace).table, corrections)
    excluded = sum(row[2] == "Duplicate, exclude" for row in raw("2019")[1])
    assert excluded
    assert len(validated.removed) == excluded
    assert len(validated.table) == len(raw("2019")[1]) - excluded


def published() -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", published(), ids=lambda row: "-".join(list(row.values())[:6]))
def test_the_figures_are_those_the_publisher_printed(printed: dict[str, Figures], row: dict[str, str]) -> None:
    figure = printed[row["edition"]].of(row["indicator"], "share", row["breakdown"], row["category"])[row["option"]]
    rounding = 0.5 / 10 ** len(row["percent"].partition(".")[2])
    slip = tuple(row[key] for key in ("edition", "indicator", "category", "option")) in SLIPS
    assert 100 * float(figure["value"]) == pytest.approx(float(row["percent"]), abs=1 if slip else rounding + 1e-9)
    if row["n"]:
        assert int(figure["n"]) == int(row["n"])


def test_the_report_of_each_wave_is_made(workspace: Path) -> None:
    for wave in WAVES:
        output = workspace / "output" / wave
        assert (output / f"barometre-{wave}.pdf").read_bytes().startswith(b"%PDF")
        assert (output / f"barometre-{wave}.html").is_file()
