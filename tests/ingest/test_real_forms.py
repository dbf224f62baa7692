"""Every real file, read as its index says; cut anywhere, it is refused or read, and never fails."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.inspect import Inspection, inspect_form
from observatory.ingest.questions import AskedQuestion
from observatory.ingest.tools import read_form
from observatory.inspection import as_json, as_text
from observatory.problems import ProblemsError

INDEX: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("real_forms.yaml").read_text("utf-8"))
READ = {name: facts for name, facts in INDEX.items() if "refused" not in facts}
REFUSED = {name: facts["refused"] for name, facts in INDEX.items() if "refused" in facts}
CUTS = 40

Shared = Callable[[str], Path]


@cache
def inspected(path: Path) -> Inspection:
    return inspect_form(read_form(open_document(path)))


def question(found: Inspection, start: str) -> AskedQuestion:
    """The one question whose text starts so."""
    (asked,) = [asked for asked in found.questions if asked.text.startswith(start)]
    return asked


# Each file


def test_every_real_file_is_described(shared: Shared) -> None:
    folder = shared("forms")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there - {"INDEX.md"} == set(INDEX)


@pytest.mark.parametrize("name", READ)
def test_each_file_is_read_as_its_index_says(name: str, shared: Shared) -> None:
    found = inspected(shared(f"forms/{name}"))
    expected = dict(READ[name])
    tool, warned = expected.pop("tool"), expected.pop("warned", "")
    told = as_json(found)
    assert found.tool in ([tool] if isinstance(tool, str) else tool)
    assert {fact: told[fact] for fact in expected} == {
        fact: value.isoformat() if hasattr(value, "isoformat") else value for fact, value in expected.items()
    }
    assert not warned or any(re.search(warned, warning) for warning in told["warnings"])


@pytest.mark.parametrize("name", READ)
def test_each_file_is_told_to_a_person(name: str, shared: Shared) -> None:
    found = inspected(shared(f"forms/{name}"))
    counts = (found.complete, found.partial, found.test)
    if None not in counts:
        assert found.rows == sum(count or 0 for count in counts) + found.empty
    text = as_text(found, 120)
    assert "Ensuite :" in text
    assert not any(len(line) > 120 for line in text.splitlines() if not line.startswith("Ensuite"))


@pytest.mark.parametrize("name", REFUSED)
def test_each_definition_is_refused_with_what_to_export(name: str, shared: Shared) -> None:
    with pytest.raises(ProblemsError) as caught:
        inspected(shared(f"forms/{name}"))
    (problem,) = caught.value.problems
    assert re.search(REFUSED[name], problem.found)
    assert re.search(r"export|télécharg|download", problem.action, re.IGNORECASE)
    assert re.search(r"réponses|responses|données|soumissions", f"{problem.expected} {problem.action}")


# What single files teach


def test_a_grid_of_google_forms(shared: Shared) -> None:
    found = inspected(shared("forms/googleforms/spack_2020.csv"))
    grid = [asked for asked in found.questions if asked.text.endswith("]")]
    assert len(grid) == 16
    assert {asked.kind for asked in grid} == {"single"}


def test_the_same_wave_as_a_workbook_asks_the_same(shared: Shared) -> None:
    one, two = (inspected(shared(f"forms/googleforms/spack_2022.{kind}")) for kind in ("csv", "xlsx"))
    assert [(asked.text, asked.kind) for asked in one.questions] == [
        (asked.text, asked.kind) for asked in two.questions
    ]
    assert (one.first_date, one.last_date) == (two.first_date, two.last_date)


def test_options_of_google_forms_hold_their_separator(shared: Shared) -> None:
    spack = inspected(shared("forms/googleforms/spack_2020.csv"))
    workshop = question(spack, "If we had a (virtual) workshop")
    assert (workshop.kind, workshop.options) == (
        "single",
        ("Yes, I'd attend", "Maybe", "Yes, I'd present something!", "No"),
    )
    assert question(spack, "What Python version(s)").kind == "multiple"
    help_needed = question(inspected(shared("forms/googleforms/cncf_maintainer_2018h1.csv")), "6.")
    assert "Social (Twitter)" in help_needed.options


def test_what_was_not_asked_is_no_option(shared: Shared) -> None:
    for name in ("googleforms/ptbr_survey-responses.xlsx", "limesurvey/fr_fulltext_results-survey4914.xlsx"):
        options = {option for asked in inspected(shared(f"forms/{name}")).questions for option in asked.options}
        assert not options & {"---", "N/A"}


def test_multiple_questions_of_microsoft_forms(shared: Shared) -> None:
    found = inspected(shared("forms/msforms/rse_ah_2024_uk.csv"))
    # The index counts from 1, after Id and the two times.
    several = {
        position + 4: asked.kind
        for position, asked in enumerate(found.questions)
        if asked.kind in {"multiple", "ranking"}
    }
    assert set(several) == {5, 8, 17, 26, 39, 48, 49}


def test_multiple_questions_of_limesurvey(shared: Shared) -> None:
    found = inspected(shared("forms/limesurvey/fr_fulltext_results-survey4914.xlsx"))
    assert [len(asked.options) for asked in found.questions if asked.kind == "multiple"] == [4, 2, 4]
    country = question(found, "Vous habitez dans quel pays")
    assert (country.kind, "Norwegen" in country.options) == ("single", False)


def test_questions_of_surveymonkey(shared: Shared) -> None:
    maintainers = inspected(shared("forms/surveymonkey/cncf_maintainer_2019h1.csv"))
    # The index counts 20 texts in the first row of headers: 16 questions, and 4 that are none.
    assert len(maintainers.questions) == 16
    assert len(question(maintainers, "Which CNCF Project(s)").options) == 31
    ambassadors = inspected(shared("forms/surveymonkey/cncf_ambassadors_2019h1.csv"))
    assert len(question(ambassadors, "Which CNCF Project").options) == 35
    assert question(inspected(shared("forms/surveymonkey/fte_starwars.csv")), "Have you seen any").options == (
        "Yes",
        "No",
    )


def test_labels_that_sphinx_packs_to_the_left(shared: Shared) -> None:
    found = inspected(shared("forms/sphinx/sphinx_iq_annecy.xlsx"))
    for start in ("Si oui, lesquels", "Quelles informations rech"):
        asked = question(found, start)
        assert asked.kind == "multiple"
        assert asked.options
        assert not any(option.isdigit() for option in asked.options)


def test_empty_headings_of_an_excel_table_leave_their_column_out(shared: Shared) -> None:
    assert len(inspected(shared("forms/excel_fr_csv/cp1252_semicolon_CRE4.csv")).questions) < 180


# Cut anywhere


CUT = [
    "eusurvey/everse_2024_assigned-values.xls",
    "googleforms/cncf_maintainer_2018h1.csv",
    "googleforms/dask_2020.csv.gz",
    "grist/FieldSettings.grist",
    "indico/coderefinery_post_2018.csv",
    "kobo_odk/odk_briefcase_all-data-types.csv",
    "kobo_odk/xlsform_or_other.xlsx",
    "limesurvey/def_citric_group.lsg",
    "limesurvey/fr_fulltext_results-survey4914.xlsx",
    "msforms/rse_ah_2024_uk.csv",
    "qualtrics/qt_better_sample.csv",
    "qualtrics/qt_better_sample.qsf",
    "sphinx/sphinx_iq_annecy.xlsx",
    "spss/ona_children.sav",
    "surveymonkey/cncf_ambassadors_2019h1.csv",
    "typeform/fr_wave_snapshot1_old.csv",
]


@pytest.mark.parametrize("name", CUT)
def test_a_cut_file_is_read_or_refused_but_never_fails(name: str, shared: Shared) -> None:
    path = shared(f"forms/{name}")
    data = path.read_bytes()
    draw = random.Random(name)
    whole = INDEX[name].get("rows", 0)
    for cut in sorted(draw.randrange(1, len(data)) for _ in range(CUTS)):
        try:
            found = inspect_form(read_form(parse_document(data[:cut], path.name)))
        except ProblemsError:
            continue
        assert found.rows <= whole, cut
        as_text(found, 100)


@pytest.mark.parametrize("name", [name for name in CUT if name.endswith(".csv")])
def test_a_cut_within_quotes_or_a_record_is_never_silent(name: str, shared: Shared) -> None:
    path = shared(f"forms/{name}")
    data = path.read_bytes()
    draw = random.Random(name)
    outcomes = Counter[str]()
    for cut in sorted(draw.randrange(len(data) // 2, len(data)) for _ in range(CUTS)):
        part = data[:cut]
        if ends_within_quotes(part):
            kind = "quoted"
        elif data[cut - 1 : cut] not in {b"\n", b"\r"} and b"," in data[cut : data.find(b"\n", cut)]:
            kind = "record"
        else:
            continue
        try:
            warnings = inspect_form(read_form(parse_document(part, path.name))).warnings
        except ProblemsError:
            outcomes[f"{kind} refused"] += 1
        else:
            outcomes[f"{kind} {'warned' if warnings else 'silent'}"] += 1
    assert outcomes.total()
    assert not outcomes["quoted silent"] and not outcomes["record silent"], outcomes


def ends_within_quotes(data: bytes) -> bool:
    return data.count(b'"') % 2 == 1
