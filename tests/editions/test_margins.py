"""Known margins are read with their edition, and each fault is named with its file, its line and what was expected."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
import yaml

from observatory.editions.documents import read_document
from observatory.editions.json_schema import json_schemas
from observatory.editions.load import edition_names, load_edition
from observatory.problems import Problem, ProblemsError

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"
TINY = Path(__file__).parent / "tiny"
REFERENCE = Path(__file__).parents[2].parent / "shared" / "data" / "reference"

WHOLE = """\
audience: buyer
strata:
  question: size
  counts: {small: 40, large: 10}
  source: Registre d’essai
  date: 2024-12-31
method: logit
bounds: [0.3, 3]
counts:
  - question: size
    counts: {small: 40, large: 10}
    source: Registre d’essai
    date: 2024-12-31
totals:
  - question: total
    total: 36966000000
    source: Registre d’essai
    date: 2024-12-31
"""


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "schemas"))


def write(schemas: Path, text: str, name: str = "buyer.yaml", edition: str = "2025") -> None:
    folder = schemas / edition / "margins"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def refused(schemas: Path) -> tuple[Problem, ...]:
    with pytest.raises(ProblemsError) as caught:
        load_edition(schemas, "2025")
    return caught.value.problems


def test_margins_are_read_with_their_source_and_date(schemas: Path) -> None:
    write(schemas, WHOLE)
    margins = load_edition(schemas, "2025").margins["buyer"]
    assert margins.strata is not None and margins.strata.counts == {"small": 40, "large": 10}
    assert (margins.method, margins.bounds) == ("logit", (0.3, 3))
    (total,) = margins.totals
    assert (total.question, total.total, total.source, str(total.date)) == (
        "total",
        36_966_000_000,
        "Registre d’essai",
        "2024-12-31",
    )


def test_an_editor_accepts_margins(schemas: Path) -> None:
    write(schemas, WHOLE)
    data = read_document(schemas / "2025" / "margins" / "buyer.yaml").data
    jsonschema.validate(data, json.loads(json_schemas()["margins.schema.json"]))


def test_the_example_of_the_guide_is_read() -> None:
    """Its keys are those of the model; its questions are those of nobody."""
    guide = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    example = guide.split("## Pondérer")[1].split("```yaml\n")[1].split("```")[0]
    data = yaml.load(example, yaml.BaseLoader)
    data["totals"][0]["total"] = float(data["totals"][0]["total"])
    for known in (data["strata"], *data["counts"]):
        known["counts"] = {code: float(count) for code, count in known["counts"].items()}
    jsonschema.validate(data, json.loads(json_schemas()["margins.schema.json"]))


@pytest.mark.parametrize("name", edition_names(SCHEMAS))
def test_the_project_ships_no_margins_it_does_not_know(name: str) -> None:
    assert load_edition(SCHEMAS, name).margins == {}


def test_options_counted_together_make_one_category(schemas: Path) -> None:
    write(schemas, "audience: buyer\n" + counts("counts: {all: 50}\n    groups: {all: [small, large]}"))
    (known,) = load_edition(schemas, "2025").margins["buyer"].counts
    assert [known.category_of(code) for code in ("small", "large", "none")] == ["all", "all", None]


def counts(body: str, question: str = "size") -> str:
    return f"counts:\n  - question: {question}\n    {body}\n    source: s\n    date: 2024-12-31\n"


STRATA = "strata: {question: size, counts: {small: 40, large: 10}, source: s, date: 2024-12-31}\n"

FAULTS = {
    "an unknown question": (counts("counts: {small: 1}", question="siz"), 3, "siz", "size"),
    "a question of several answers": (counts("counts: {sourcing: 1}", question="obstacles"), 3, "obstacles", "unique"),
    "an unknown option": (counts("counts: {small: 1, large: 2, larje: 3}"), 4, "larje", "large"),
    "an option without a count": (counts("counts: {small: 1}"), 4, "large", "chaque option"),
    "an option counted twice": (
        counts("counts: {small: 1, large: 2, all: 3}\n    groups: {all: [small]}"),
        5,
        "small",
        "un seul groupe",
    ),
    "a group without a count": (
        counts("counts: {large: 2}\n    groups: {others: [small]}"),
        5,
        "un groupe sans effectif",
        "counts",
    ),
    "a group named as an option": (
        counts("counts: {small: 1}\n    groups: {small: [large]}"),
        5,
        "small",
        "un nom de groupe",
    ),
    "two populations": (STRATA + counts("counts: {small: 40, large: 11}"), 5, "51", "50, la population"),
    "a question given twice": (
        counts("counts: {small: 1, large: 1}")
        + "  - {question: size, counts: {small: 1, large: 1}, source: s, date: 2024-12-31}\n",
        7,
        "deuxième fois",
        "une marge par question",
    ),
    "a total of a question that is no number": (
        "totals:\n  - {question: size, total: 3, source: s, date: 2024-12-31}\n",
        3,
        "size",
        "numérique",
    ),
    "a negative count": (counts("counts: {small: -1, large: 2}"), 4, "-1", "au moins 0"),
    "a count that is no number": (counts("counts: {small: beaucoup, large: 2}"), 4, "beaucoup", "un nombre"),
    "an infinite total": (
        "totals:\n  - {question: total, total: inf, source: s, date: 2024-12-31}\n",
        3,
        "inf",
        "nombre",
    ),
    "no source": ("totals:\n  - {question: total, total: 3, date: 2024-12-31}\n", 3, "rien", "source"),
    "raking with bounds": (STRATA + "bounds: [0.5, 2]\n", 1, "", "raking n'a pas de bornes"),
    "logit without bounds": (STRATA + "method: logit\n", 1, "", "demande des bornes"),
    "bounds on one side of 1": (STRATA + "method: linear\nbounds: [1.1, 2]\n", 1, "", "sous 1"),
    "an unknown method": (STRATA + "method: rakin\n", 3, "rakin", "raking"),
    "nothing": ("", 1, "", "au moins strata, counts ou totals"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_file_line_found_and_expected(schemas: Path, fault: str) -> None:
    body, line, found, expected = FAULTS[fault]
    write(schemas, "audience: buyer\n" + body)
    problem = refused(schemas)[0]
    assert (problem.file, problem.line) == ("2025/margins/buyer.yaml", line)
    assert found in problem.found + problem.column
    assert expected in problem.expected + problem.action


def test_a_file_that_nothing_reads_is_said(schemas: Path) -> None:
    """Misspelt, it would leave answers unweighted without a word."""
    write(schemas, WHOLE, "buyers.yaml")
    (problem,) = refused(schemas)
    assert problem.file == "2025/margins/buyers.yaml"
    assert "buyer.yaml" in problem.expected


def test_margins_of_another_audience_are_refused(schemas: Path) -> None:
    write(schemas, WHOLE, "startup.yaml")
    (problem,) = refused(schemas)
    assert (problem.file, problem.column) == ("2025/margins/startup.yaml", "audience")


def test_margins_of_an_audience_without_questionnaire_are_refused(schemas: Path) -> None:
    write(schemas, WHOLE.replace("audience: buyer", "audience: startup"), "startup.yaml")
    (problem,) = refused(schemas)
    assert "un public de cette édition : buyer" in problem.expected


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the shared data are not beside this checkout")
def test_establishments_by_region_are_margins_of_the_projects_own_questionnaire(tmp_path: Path) -> None:
    """Insee's establishments of 2014, from communes of the old regions to those of the list."""
    schemas = Path(shutil.copytree(SCHEMAS, tmp_path / "survey_schemas"))
    region = json.loads((REFERENCE / "dep_to_reg.json").read_text("utf-8"))
    known: Counter[str] = Counter()
    with (REFERENCE / "insee_etablissements_2014_commune_x_taille.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            known[region[row["DEP"].zfill(2)]] += int(row["E14TST"])
    listed = ", ".join(f'"{code}": {count}' for code, count in sorted(known.items()))
    write(schemas, "audience: startup\n" + counts(f"counts: {{{listed}}}", "region"), "startup.yaml")
    (margin,) = load_edition(schemas, "2025").margins["startup"].counts
    assert len(margin.counts) == 18 and margin.counts["01"] == known["01"]
