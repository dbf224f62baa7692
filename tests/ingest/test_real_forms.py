"""Every real file, read as its index says; cut anywhere, it is read as far as it goes or refused, and never fails."""

from __future__ import annotations

import csv
import io
import random
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
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

SMALL = 200_000
"""Bytes up to which a file is also cut far from its beginning: larger ones take too long."""

END = "<end>"
"""A line put after a text: it comes back within a cell where a quote was left open before it."""

WITHOUT_END = frozenset({"xml", "lss", "lsg", "lsq", "tsv", "txt"})
"""Definitions of forms: refused for what they are, wherever they end."""

DELIMITED = [name for name in READ if name.endswith((".csv", ".tsv"))]
CONTAINERS = [name for name in INDEX if name not in DELIMITED and name.rpartition(".")[2] not in WITHOUT_END]


def record_ends(text: str, delimiter: str) -> list[int]:
    """How many characters each record and those before it take, told by the csv module."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter)
    until = list(accumulate(map(len, lines)))
    return [until[reader.line_num - 1] for _ in reader]


def decoded(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        return data.decode("cp1252"), "cp1252"


def some(draw: random.Random, places: Sequence[int], number: int) -> list[int]:
    return draw.sample(list(places), min(number, len(places)))


@pytest.mark.parametrize("name", DELIMITED)
def test_a_cut_at_the_end_of_a_record_reads_the_records_present(name: str, shared: Shared) -> None:
    path = shared(f"forms/{name}")
    data = path.read_bytes()
    whole = read_form(parse_document(data, path.name))
    text, encoding = decoded(data)
    ends = record_ends(text, whole.table.delimiter)
    # What is header and what is answer is hardest to tell where there are few answers.
    kept = {*range(5), *(some(random.Random(name), range(len(ends)), 4) if len(data) < SMALL else ())}
    for records in sorted(kept.intersection(range(len(ends)))):
        numbers = [number for number in whole.numbers if number <= records + 1]
        if not numbers:
            continue
        form = read_form(parse_document(text[: ends[records]].encode(encoding), path.name))
        assert list(form.numbers) == numbers, records
        assert [list(cells) for cells in form.cells] == [list(cells[: len(numbers)]) for cells in whole.cells], records
        assert [column.heading for column in form.columns] == [column.heading for column in whole.columns]


@pytest.mark.parametrize("name", DELIMITED)
def test_a_cut_within_a_record_is_never_silent(name: str, shared: Shared) -> None:
    path = shared(f"forms/{name}")
    whole = inspected(path)
    text, encoding = decoded(path.read_bytes())
    delimiter, draw = str(whole.delimiter), random.Random(name)
    ends = [0, *record_ends(text, delimiter)]
    quotes = [place for place, character in enumerate(text[:SMALL]) if character == '"']
    places = [
        *(end - 1 for end in some(draw, ends, 3)),
        *(end + draw.randrange(1, 30) for end in some(draw, ends, 6)),
        *(place + step for place in some(draw, quotes, 4) for step in (0, 1)),
    ]
    for place in places:
        record = bisect_right(ends, place) - 1
        if place in ends or not 0 < place < min(len(text), SMALL):
            continue
        (cells, *_), (whole_cells, *_) = (
            list(csv.reader(io.StringIO(f"{part}\n{END}", newline=""), delimiter=delimiter))
            for part in (text[ends[record] : place], text[ends[record] : ends[record + 1]])
        )
        if END not in cells[-1] and len(cells) == len(whole_cells):
            continue  # A record that has all its cells: the end of the last one can't be told.
        try:
            form = inspect_form(read_form(parse_document(text[:place].encode(encoding), path.name)))
        except ProblemsError:
            continue
        news = {problem.found for problem in form.warnings} - {problem.found for problem in whole.warnings}
        assert any(re.search("coupé|plus courtes|aucune réponse", told) for told in news), place
        as_text(form, 100)


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_cut_container_is_refused_without_a_trace(
    name: str, shared: Shared, capfd: pytest.CaptureFixture[str]
) -> None:
    path = shared(f"forms/{name}")
    data = path.read_bytes()
    draw = random.Random(name)
    places = {1, 8, 40, len(data) // 512 * 511, *(len(data) - back for back in (1, 2, 22, 100, 511, 513, 600, 1025))}
    places |= set(some(draw, range(len(data) // 512), 6)) | {draw.randrange(len(data)) for _ in range(6)}
    for place in sorted(place for place in places if 0 < place < len(data)):
        with pytest.raises(ProblemsError):
            # What is no container any more, but a text, is no table of answers.
            inspect_form(read_form(parse_document(data[:place], path.name)))
    assert capfd.readouterr().err == ""
