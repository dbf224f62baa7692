"""A question that means something else under the same code is never compared by accident: every way is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from observatory.editions.load import load_edition
from observatory.editions.new_edition import create_edition
from observatory.problems import Problem, ProblemsError

TINY = Path(__file__).parent / "tiny"

QUESTIONS = """
  - id: relation
    section: all
    type: single
    label: {fr: Avez-vous acheté à une start-up ?}
    choices:
      options:
        - {code: "yes", label: {fr: Oui}}
        - {code: "no", label: {fr: Non}}
  - id: delay
    section: all
    grid: delays
    type: bracket
    label: {fr: Le vôtre}
    help: {fr: En jours calendaires}
    show_if: relation = 'yes'
    choices:
      options:
        - {code: short, label: {fr: Moins de 30 jours}, high: 30}
        - {code: long, label: {fr: 30 jours et plus}, low: 30}
  - id: share
    section: all
    type: percent
    min: 0
    max: 1
    reference_year: last
    label: {fr: "Part en {reference_year}"}
  - {id: sector, section: all, type: single, label: {fr: Secteur}, choices: {list: sectors}}
"""

INDICATORS = """
  - {id: buyer.delay, question: delay, label: {fr: Délais}, where: size = 'large', perimeter: {fr: grands}}
  - {id: buyer.rate, kind: rate, numerators: [bought], denominators: [total], label: {fr: Part}}
  - {id: buyer.relation, question: relation, label: {fr: Relations}}
"""

SECTORS = """
id: sectors
label: {fr: Secteurs}
nomenclature: NAF rév. 2
choices: [{code: "01", label: {fr: Agriculture}}, {code: "02", label: {fr: Forêts}}]
"""


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """An edition and the next, still its copy."""
    schemas = Path(shutil.copytree(TINY, tmp_path / "schemas"))
    (schemas / "lists").mkdir()
    for name, text in (("sectors", SECTORS), ("other_sectors", SECTORS.replace("id: sectors", "id: other_sectors"))):
        (schemas / "lists" / f"{name}.yaml").write_text(text.replace("NAF rév. 2", _NAF[name]), encoding="utf-8")
    grids = "grids: [{id: delays, label: {fr: Vos délais}}]\n"
    buyer = schemas / "2025" / "buyer.yaml"
    buyer.write_text(buyer.read_text(encoding="utf-8").replace("strata:", f"{grids}strata:") + QUESTIONS, "utf-8")
    with (schemas / "2025" / "indicators.yaml").open("a", encoding="utf-8") as file:
        file.write(INDICATORS)
    create_edition(schemas, "2026")
    load_edition(schemas, "2026")
    return schemas


_NAF = {"sectors": "NAF rév. 2", "other_sectors": "NAF 2025"}


def replace(schemas: Path, old: str, new: str, name: str = "buyer.yaml") -> None:
    file = schemas / "2026" / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in the edition: change this test"
    file.write_text(text.replace(old, new), encoding="utf-8")


def refused(schemas: Path) -> Problem:
    with pytest.raises(ProblemsError) as caught:
        load_edition(schemas, "2026")
    problem = caught.value.problems[0]
    assert problem.line is not None and problem.action
    return problem


RELATION = "id: relation\n    section: all\n"

NOT_NONE = {  # what is replaced in a question that keeps `change: none`, and what the refusal says
    "its wording": ("Avez-vous acheté à une start-up ?", "Avez-vous payé une start-up ?", "formulation"),
    "its language": ("{fr: Avez-vous acheté à une start-up ?}", "{fr: Bought?, en: Bought?}", "formulation"),
    "the stem of its grid": ("Vos délais", "Vos délais de signature", "formulation de la grille"),
    "what introduces its section": (
        "title: {fr: Vos relations}}",
        "title: {fr: Vos relations}, introduction: {fr: En milliers de dollars}}",
        "introduction de sa section",
    ),
    "its help": ("En jours calendaires", "En jours ouvrés", "aide"),
    "an option's label": ("{fr: Oui}", "{fr: Souvent}", "libellé de l'option « yes »"),
    "an option that is gone": ('\n        - {code: "no", label: {fr: Non}}', "", "options"),
    "an option that is new": (
        "{code: sourcing, label: {fr: Trouver des start-up}}",
        "{code: sourcing, label: {fr: Trouver des start-up}}\n        - {code: time, label: {fr: Temps}}",
        "options",
    ),
    "an option that excludes the others": ("{fr: Aucun}, exclusive: true", "{fr: Aucun}", "rôle"),
    "an option that has no rank": ("{fr: Non}", "{fr: Non}, substantive: false", "rôle"),
    "the bounds of a bracket": ("{fr: Moins de 30 jours}, high: 30", "{fr: Moins de 30 jours}, high: 29", "bornes"),
    "the number of choices": ("max_choices: 2", "max_choices: 3", "nombre de choix"),
    "the base": ("type: multiple\n", "type: multiple\n    base: shown\n", "base"),
    "the type": (f"{RELATION}    type: single", f"{RELATION}    type: likert", "type"),
    "the values it admits": ("max: 1\n", "max: 100\n", "valeurs admises"),
    "the year it is about": ("reference_year: last", "reference_year: first", "année de référence"),
    "who is asked it": ("show_if: relation = 'yes'", "show_if: relation = 'no'", "condition"),
    "the nomenclature of its options": ("list: sectors", "list: other_sectors", "nomenclature"),
}  # fmt: skip


@pytest.mark.parametrize("what", NOT_NONE)
def test_a_question_said_unchanged_can_change_nothing_of_its_meaning(schemas: Path, what: str) -> None:
    old, new, said = NOT_NONE[what]
    replace(schemas, old, new)
    problem = refused(schemas)
    assert problem.file == "2026/buyer.yaml"
    assert "change: none" in problem.found and said in problem.found


def test_two_editions_in_other_languages_say_nothing_in_common(schemas: Path) -> None:
    """Without a language in common, nothing says that the words mean the same."""
    for name in ("buyer.yaml", "indicators.yaml", "edition.yaml"):
        file = schemas / "2026" / name
        text = file.read_text(encoding="utf-8").replace("{fr: ", "{en: ").replace("[fr]", "[en]")
        file.write_text(text, encoding="utf-8")
    for file in (schemas / "lists").glob("*.yaml"):
        file.write_text(file.read_text(encoding="utf-8").replace("{fr: ", "{en: x, fr: "), encoding="utf-8")
    assert "formulation" in refused(schemas).found


def test_the_years_of_an_edition_that_looks_further_back_are_not_compared(schemas: Path) -> None:
    replace(schemas, "report: {date:", "reference_years: [2022, 2023]\nreport: {date:", "edition.yaml")
    assert "année de référence" in refused(schemas).found


def test_who_is_asked_depends_on_the_meaning_of_the_condition(schemas: Path) -> None:
    """The condition reads the same; the question that it is about doesn't."""
    replace(schemas, "Avez-vous acheté à une start-up ?", "Connaissez-vous une start-up ?")
    replace(schemas, "{same_as: 2025.relation}", "{same_as: 2025.relation, change: reworded}")
    problem = refused(schemas)
    assert "« relation », dont dépend sa condition d'affichage" in problem.found
    replace(schemas, "{same_as: 2025.delay}", "{same_as: 2025.delay, change: routing_changed}")
    assert load_edition(schemas, "2026")


COMPARABLE = "change: reworded, comparable: true, reason: {fr: Le sens est le même.}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{fr: Oui}", "{fr: Oui}, exclusive: true", None),
        ('\n        - {code: "no", label: {fr: Non}}', "", "options"),
        ("{fr: Non}}", '{fr: Non}}\n        - {code: "maybe", label: {fr: Peut-être}}', "options"),
        (RELATION, f"{RELATION}    base: shown\n", "base"),
        (RELATION, f"{RELATION}    show_if: size = 'large'\n", "condition"),
    ],
)  # fmt: skip
def test_a_change_said_comparable_covers_no_other(schemas: Path, old: str, new: str, said: str | None) -> None:
    replace(schemas, "Avez-vous acheté à une start-up ?", "Avez-vous acheté auprès d’une start-up ?")
    replace(schemas, "{same_as: 2025.relation}", f"{{same_as: 2025.relation, {COMPARABLE}}}")
    assert load_edition(schemas, "2026")
    replace(schemas, old, new)
    if said is None:
        assert load_edition(schemas, "2026")
    else:
        problem = refused(schemas)
        assert "comparable" in problem.found and said in problem.found


def test_several_changes_can_be_compared_when_all_are_said(schemas: Path) -> None:
    declared = COMPARABLE.replace("reworded", "reworded, also: [option_added]")
    replace(schemas, "{same_as: 2025.relation}", f"{{same_as: 2025.relation, {declared}}}")
    replace(schemas, "{fr: Non}}", '{fr: Non}}\n        - {code: "maybe", label: {fr: Peut-être}}')
    assert load_edition(schemas, "2026")
    replace(schemas, RELATION, f"{RELATION}    base: shown\n")
    problem = refused(schemas)
    assert "base" in problem.found and "also" not in problem.action


@pytest.mark.parametrize("also", ["none", "break"])
def test_a_break_is_no_further_change(schemas: Path, also: str) -> None:
    declared = COMPARABLE.replace("reworded", f"reworded, also: [{also}]")
    replace(schemas, "{same_as: 2025.relation}", f"{{same_as: 2025.relation, {declared}}}")
    assert "also" in refused(schemas).expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n    lineage: {same_as: 2025.relation}", ""),
        ("same_as: 2025.relation", "same_as: 2025.size, change: break"),
    ],
)
def test_an_identifier_is_not_used_again_for_something_else(schemas: Path, old: str, new: str) -> None:
    """Neither without a lineage, nor with another question's, which would leave the old and the new in one chart."""
    replace(schemas, old, new)
    if "break" not in new:
        replace(schemas, "{same_as: 2025.delay}", "{same_as: 2025.delay, change: routing_changed}")
    else:
        replace(schemas, "{same_as: 2025.delay}", "{same_as: 2025.delay, change: break}")
    problem = refused(schemas)
    assert problem.file == "2026/buyer.yaml"
    assert "« relation », qui existait en 2025" in problem.found and "2025.relation" in problem.expected


def test_an_identifier_is_not_used_again_though_no_previous_edition_is_named(schemas: Path) -> None:
    """The charts over time still put both in one line."""
    replace(schemas, "previous: '2025'\n", "", "edition.yaml")
    replace(schemas, "\n    lineage: {same_as: 2025.relation}", "")
    replace(schemas, "{same_as: 2025.delay}", "{same_as: 2025.delay, change: routing_changed}")
    assert "« relation », qui existait en 2025" in refused(schemas).found


def test_a_break_in_the_meaning_of_an_identifier_is_said(schemas: Path) -> None:
    replace(schemas, "same_as: 2025.obstacles", "same_as: 2025.obstacles, change: break")
    replace(schemas, "Vos freins", "Vos difficultés de paiement")
    assert load_edition(schemas, "2026")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: buyer.relation, question: relation", "id: buyer.relation, question: sector", "relation"),
        ("where: size = 'large'", "where: size = 'small'", "where"),
        (", where: size = 'large'", "", "where"),
        ("kind: amount, question: bought", "kind: amount, question: total", "bought"),
        ("numerators: [bought]", "numerators: [total]", "bought"),
        ("denominators: [total]", "denominators: [bought]", "total"),
        ("label: {fr: Achats}", "label: {fr: Achats}, unit: days", "unité"),
        ("kind: respondents, label", "kind: amount, question: total, label", "kind"),
        ("question: bought, label", "questions: [bought, share], label", "nombre de questions"),
    ],
)
def test_an_indicator_keeps_what_it_measures(schemas: Path, old: str, new: str, said: str) -> None:
    replace(schemas, old, new, "indicators.yaml")
    problem = refused(schemas)
    assert problem.file == "2026/indicators.yaml"
    assert "qui existait en 2025" in problem.found and said in problem.found


def test_another_identifier_measures_something_else(schemas: Path) -> None:
    replace(
        schemas, "id: buyer.relation, question: relation", "id: buyer.by_sector, question: sector", "indicators.yaml"
    )
    assert load_edition(schemas, "2026")


def test_an_indicator_follows_a_question_that_was_renamed(schemas: Path) -> None:
    replace(schemas, "id: obstacles\n", "id: hindrances\n")
    replace(schemas, "question: obstacles", "question: hindrances", "indicators.yaml")
    assert load_edition(schemas, "2026")
    replace(schemas, "same_as: 2025.obstacles", "same_as: 2025.size, change: break")
    assert "« hindrances » n'est pas issue de « obstacles »" in refused(schemas).found


def test_the_previous_edition_is_an_earlier_one(schemas: Path) -> None:
    replace(schemas, "previous: '2025'", "previous: '2026'", "edition.yaml")
    assert refused(schemas).column == "previous"
