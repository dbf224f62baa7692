"""The questionnaires that the observatory fields: survey_schemas/ as shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Audience, Edition, Question

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"
EDITIONS = {name: load_edition(SCHEMAS, name) for name in edition_names(SCHEMAS)}
QUESTIONNAIRES = [(edition, audience) for edition in EDITIONS.values() for audience in edition.audiences]
LISTS = {name: choices for edition in EDITIONS.values() for name, choices in edition.lists.items()}

CHANGES = {
    ("2024", "startup", "innovative_purchase_known"): "new",
    ("2024", "startup", "first_contact"): "reworded",
    ("2024", "startup", "payment_delay"): "bracket_changed",
    ("2024", "buyer", "innovative_purchase_used"): "new",
    ("2024", "buyer", "startup_policy"): "reworded",
    ("2024", "buyer", "sourcing"): "option_added",
    ("2024", "buyer", "payment_delay"): "bracket_changed",
    ("2025", "startup", "mediator_known"): "new",
    ("2025", "startup", "obstacles"): "option_added, comparable",
    ("2025", "startup", "sales_cycle"): "bracket_changed",
    ("2025", "startup", "sat_follow_up"): "reworded, comparable",
    ("2025", "buyer", "mediator_known"): "new",
    ("2025", "buyer", "obstacles"): "option_added, comparable",
    ("2025", "buyer", "sat_security"): "reworded",
}

WRONG_FRENCH = re.compile(r"'|[^\u202f][?!;%]|[^\u00a0]:(?=\s|$)|«[^\u00a0]|[^\u00a0]»")


def describe(question: Question) -> str:
    lineage = question.lineage
    if lineage is None:
        return "new"
    return f"{lineage.change}, comparable" if lineage.comparable else lineage.change


def texts(data: object) -> Iterator[dict[str, str]]:
    """Every wording of a file: the mappings whose keys are languages."""
    if isinstance(data, dict):
        if "fr" in data or "en" in data:
            yield data
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)


@pytest.mark.parametrize(("edition", "audience"), QUESTIONNAIRES, ids=lambda item: getattr(item, "name", item))
def test_a_questionnaire_can_be_answered_in_one_sitting(edition: Edition, audience: Audience) -> None:
    assert 25 <= len(edition.questionnaires[audience].questions) <= 35


@pytest.mark.parametrize("file", sorted(SCHEMAS.rglob("*.yaml")), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_wording_is_in_french_and_english_and_well_set(file: Path) -> None:
    for text in texts(yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)):
        assert set(text) == {"fr", "en"}
        assert not WRONG_FRENCH.search(text["fr"]), text["fr"]
        assert "'" not in text["en"], text["en"]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_the_codes_and_the_wordings_of_a_list_are_told_apart(name: str) -> None:
    choices = LISTS[name].choices
    assert len({choice.code for choice in choices}) == len(choices)
    for edition in EDITIONS:
        offered = LISTS[name].of_edition(edition)
        wordings = [{*choice.label.values(), *choice.aliases} for choice in offered]
        assert len(set().union(*wordings)) == sum(map(len, wordings))


def test_every_list_is_used() -> None:
    used = {
        question.choices.list
        for edition, audience in QUESTIONNAIRES
        for question in edition.questionnaires[audience].questions
        if question.choices is not None
    }
    assert used == set(LISTS)


def test_editions_differ_as_intended_and_only_so() -> None:
    found: dict[tuple[str, str, str], str] = {}
    for edition, audience in QUESTIONNAIRES:
        questions = edition.questionnaires[audience].questions
        if edition.config.previous is None:
            assert not [question.id for question in questions if question.lineage is not None]
            continue
        before = {question.id for question in EDITIONS[edition.config.previous].questionnaires[audience].questions}
        assert before <= {question.id for question in questions}
        for question in questions:
            if question.id in before:
                assert question.lineage is not None, question.id
                assert question.lineage.same_as == f"{edition.config.previous}.{question.id}"
            found[edition.name, audience, question.id] = describe(question)
    assert {place: change for place, change in found.items() if change != "none"} == CHANGES


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=lambda edition: edition.name)
def test_public_and_private_buyers_are_those_of_the_list(edition: Edition) -> None:
    groups: dict[str, set[str]] = {"public": set(), "private": set()}
    for choice in edition.lists["buyer_categories"].choices:
        groups[str(choice.group)].add(choice.code)
    for group, codes in groups.items():
        restricted = [item for item in edition.indicators if item.id.startswith(f"buyer.{group}.")]
        assert restricted
        for indicator in restricted:
            assert set(re.findall(r"'(\w+)'", indicator.where or "")) == codes
    if edition.name >= "2024":
        asked = edition.questionnaires["buyer"].question("innovative_purchase_used").show_if or ""
        assert set(re.findall(r"'(\w+)'", asked)) == groups["public"]


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=lambda edition: edition.name)
def test_each_choice_question_has_its_distribution(edition: Edition) -> None:
    expected = {
        f"{audience}.{question.id}"
        for audience in edition.audiences
        for question in edition.questionnaires[audience].questions
        if question.choices is not None and question.id != "consent"
    }
    assert expected <= {item.id for item in edition.indicators if item.kind == "distribution"}


@pytest.mark.parametrize("edition", EDITIONS.values(), ids=lambda edition: edition.name)
def test_the_report_follows_the_collection(edition: Edition) -> None:
    collection = edition.config.collection
    assert str(collection.opens.year) == edition.name
    assert collection.opens < collection.closes <= edition.config.report.date
