"""An edition's folder is read as a whole; each fault is named with its file, its line and what was expected."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from observatory.editions.load import edition_names, load_edition
from observatory.problems import Problem, ProblemsError

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEMAS, tmp_path / "survey_schemas"))


def refused(schemas: Path, name: str = "2025") -> tuple[Problem, ...]:
    with pytest.raises(ProblemsError) as caught:
        load_edition(schemas, name)
    return caught.value.problems


def replace(file: Path, old: str, new: str) -> int:
    """Replace the first occurrence; returns its line."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"the questionnaire no longer has {old!r}: change this test"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("name", edition_names(SCHEMAS))
def test_every_edition_of_the_project_loads(name: str) -> None:
    assert load_edition(SCHEMAS, name).audiences == ("startup", "buyer")


FAULTS = {
    "an unknown key": ("startup.yaml", "    type: multiple", "    tipe: multiple\n    type: multiple", "tipe", "type"),
    "an unknown type": ("startup.yaml", "    type: multiple", "    type: multipel", "multipel", "multiple"),
    "an unknown list": (
        "startup.yaml",
        "list: startup_obstacles",
        "list: startup_obstacle",
        "startup_obstacle",
        "startup_obstacles",
    ),
    "an unknown name in a condition": (
        "startup.yaml",
        "relation_12m in",
        "relation_12n in",
        "relation_12n",
        "relation_12m",
    ),
    "an unknown code in a condition": (
        "startup.yaml",
        "relation_12m in ('yes'",
        "relation_12m in ('yess'",
        "yess",
        "yes",
    ),
    "a function in a condition": (
        "startup.yaml",
        "show_if: relation_12m in",
        "show_if: read_csv(relation_12m) and relation_12m in",
        "relation_12m",
        "comparaisons",
    ),
    "an unknown question of an indicator": (
        "indicators.yaml",
        "question: obstacles",
        "question: obstacels",
        "obstacels",
        "obstacles",
    ),
    "a number where a text is expected": ("edition.yaml", "minimum_base: 10", "minimum_base: dix", "dix", "entier"),
    "a date that is none": ("edition.yaml", "opens: 2025-11-17", "opens: 2025-13-17", "2025-13-17", "date"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_file_line_found_and_expected(schemas: Path, fault: str) -> None:
    name, old, new, found, expected = FAULTS[fault]
    line = replace(schemas / "2025" / name, old, new)
    problems = refused(schemas)
    assert next(problem.file for problem in problems) == f"2025/{name}"
    assert abs((problems[0].line or 0) - line) <= 12
    said = problems[0].found + problems[0].column
    assert found in said
    assert expected in problems[0].expected + problems[0].action


def test_broken_yaml_names_its_line(schemas: Path) -> None:
    line = replace(schemas / "2025" / "startup.yaml", "questions:", "questions: [")
    problem = refused(schemas)[0]
    assert problem.file == "2025/startup.yaml"
    assert problem.line is not None and problem.line >= line
    assert "YAML" in problem.found


def test_a_key_given_twice_is_refused(schemas: Path) -> None:
    line = replace(schemas / "2025" / "startup.yaml", "    type: multiple\n", "    type: multiple\n    type: single\n")
    problem = refused(schemas)[0]
    assert (problem.line, problem.column) == (line + 1, "type")


def test_all_faults_come_at_once(schemas: Path) -> None:
    replace(schemas / "2025" / "edition.yaml", "minimum_base: 10", "minimum_base: dix")
    replace(schemas / "2025" / "startup.yaml", "    type: multiple", "    type: multipel")
    assert {problem.file for problem in refused(schemas)} == {"2025/edition.yaml", "2025/startup.yaml"}


def test_an_unknown_edition_lists_those_there_are() -> None:
    problem = refused(SCHEMAS, "1999")[0]
    assert all(name in problem.expected for name in edition_names(SCHEMAS))


def test_codes_that_yaml_1_1_would_change_stay_as_typed() -> None:
    edition = load_edition(SCHEMAS, "2025")
    questionnaire = edition.questionnaires["startup"]
    assert [choice.code for choice in edition.choices(questionnaire.question("relation_12m"))] == ["yes", "tried", "no"]
    assert "01" in [choice.code for choice in edition.choices(questionnaire.question("region"))]


def test_a_question_said_unchanged_whose_wording_changed_is_refused(schemas: Path) -> None:
    text = (schemas / "2025" / "startup.yaml").read_text(encoding="utf-8")
    start = text.index("  - id: relation_12m")
    changed = text[:start] + text[start:].replace("fr: ", "fr: Tout bien pesé, ", 1)
    (schemas / "2025" / "startup.yaml").write_text(changed, encoding="utf-8")
    (problem,) = refused(schemas)
    assert "formulation" in problem.found
    assert "comparable" in problem.action


def test_a_lineage_to_a_question_that_never_was_is_refused(schemas: Path) -> None:
    replace(schemas / "2025" / "startup.yaml", "same_as: 2024.sector", "same_as: 2024.sektor")
    (problem,) = refused(schemas)
    assert "sektor" in problem.found and "sector" in problem.action
