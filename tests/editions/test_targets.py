"""A target is compared with the survey on its own denominator only, and each fault names file, line and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from observatory.editions.load import load_edition
from observatory.problems import Problem, ProblemsError

TINY = Path(__file__).parent / "tiny"

TARGETS = """
targets:
  - id: goal
    label: {fr: Cible}
    unit: UNIT
    base_year: 2022
    base_value: 0.1
    target_year: 2027
    target_value: 0.4
    source: Plan d’essai
"""

INDICATORS = """
  - {id: buyer.rate, kind: rate, numerators: [bought], denominators: [total], label: {fr: Part}, perimeter: {fr: tous}}
  - {id: buyer.spent, kind: amount, question: bought, label: {fr: Achats}, perimeter: {fr: tous}}
  - {id: buyer.days, kind: amount, question: bought, label: {fr: Jours}, perimeter: {fr: tous}, unit: days}
  - {id: buyer.hindered, question: obstacles, label: {fr: Freins}, perimeter: {fr: tous}}
"""


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "schemas"))


def write(schemas: Path, *lines: str, unit: str = "share") -> int:
    """Give the edition a target with these lines; returns the line it begins at."""
    with (schemas / "2025" / "indicators.yaml").open("a", encoding="utf-8") as file:
        file.write(INDICATORS)
    edition = schemas / "2025" / "edition.yaml"
    before = edition.read_text(encoding="utf-8")
    more = "".join(f"    {line}\n" for line in lines)
    edition.write_text(before + TARGETS.replace("UNIT", unit) + more, encoding="utf-8")
    return before.count("\n") + 3


def refused(schemas: Path) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        load_edition(schemas, "2025")
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("unit", "lines", "statistic"),
    [
        ("share", ["indicator: buyer.rate", "perimeter: {fr: tous}"], "ratio"),
        ("share", ["indicator: buyer.rate", "perimeter: {fr: tous}", "statistic: median"], "median"),
        ("EUR", ["indicator: buyer.spent", "perimeter: {fr: tous}"], "total"),
        (
            "share",
            ["indicator: buyer.hindered", "perimeter: {fr: tous}", "statistic: share", "option: rules"],
            "share",
        ),
        ("share", [], "ratio"),
    ],
)
def test_a_target_and_an_indicator_of_one_thing_are_compared(
    schemas: Path, unit: str, lines: list[str], statistic: str
) -> None:
    write(schemas, *lines, unit=unit)
    (target,) = load_edition(schemas, "2025").config.targets
    assert target.compared == statistic


FAULTS = {
    "an indicator that there is not": ("share", ["indicator: buyer.rata"], "buyer.rata", "buyer.rate"),
    "a statistic that it has not": ("share", ["indicator: buyer.spent"], "ratio", "total"),
    "another unit": (
        "share",
        ["indicator: buyer.spent", "statistic: mean", "perimeter: {fr: tous}"],
        "share",
        "même unité",
    ),
    "a number that is no amount": ("EUR", ["indicator: buyer.days", "perimeter: {fr: tous}"], "days", "même unité"),
    "counted respondents": (
        "share",
        ["indicator: buyer.respondents", "statistic: count"],
        "respondents",
        "même unité",
    ),
    "a distribution without an option": (
        "share",
        ["indicator: buyer.hindered", "statistic: share", "perimeter: {fr: tous}"],
        "répartition",
        "rules",
    ),
    "an option that there is not": (
        "share",
        ["indicator: buyer.hindered", "statistic: share", "option: rulez", "perimeter: {fr: tous}"],
        "rulez",
        "rules",
    ),
    "an option of no distribution": (
        "share",
        ["indicator: buyer.rate", "option: rules", "perimeter: {fr: tous}"],
        "option",
        "répartition",
    ),
    "another field": ("share", ["indicator: buyer.rate", "perimeter: {fr: l’État}"], "l’État", "même champ"),
    "a field that it does not say": ("share", ["indicator: buyer.rate"], "sans champ", "même champ"),
    "an indicator that does not say its field": (
        "EUR",
        ["indicator: buyer.bought", "perimeter: {fr: tous}"],
        "sans champ",
        "même champ",
    ),
    "a field in another language": ("share", ["indicator: buyer.rate", "perimeter: {en: all}"], "all", "même champ"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_target_of_another_denominator_is_refused(schemas: Path, fault: str) -> None:
    unit, lines, found, expected = FAULTS[fault]
    line = write(schemas, *lines, unit=unit)
    problem = refused(schemas)
    assert problem.file == "2025/edition.yaml" and line <= (problem.line or 0) <= line + 14
    assert found in problem.found
    assert expected in problem.expected + problem.action


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("target_year: 2027", "target_year: 2022", "postérieure"),
        ("target_value: 0.4", "target_value: 0.1", "autre que celle de départ"),
        ("source: Plan d’essai", "source: Plan d’essai\n    statistic: ratio", "indicator"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(schemas: Path, old: str, new: str, expected: str) -> None:
    write(schemas)
    edition = schemas / "2025" / "edition.yaml"
    text = edition.read_text(encoding="utf-8")
    assert old in text
    edition.write_text(text.replace(old, new), encoding="utf-8")
    assert expected in refused(schemas).expected
