"""Editions to make forms of, and faultless answers to send back through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from observatory.editions.columns import validated_columns
from observatory.editions.load import edition_names, load_edition
from observatory.editions.model import Audience, Edition, Question
from observatory.ingest.inbox import Ingested, read_inbox
from observatory.simulate.answers import draw_answers
from observatory.simulate.population import firms
from observatory.simulate.shares import read_shares
from observatory.simulate.step import SEED
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import validate
from observatory.workspace import Workspace

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "survey_schemas"
ELSEWHERE = ROOT / "tests" / "editions"

EDITION = """
edition: "2031"
title: {fr: "Une autre enquête", en: "Another survey"}
languages: [fr, en]
publisher: {name: Someone}
collection: {opens: 2031-01-01, closes: 2031-01-31}
report: {date: 2031-03-01}
"""
INDICATORS = "indicators: [{id: buyer.respondents, kind: respondents, label: {fr: Répondants, en: Respondents}}]"
QUESTIONNAIRE = """
audience: buyer
title: {fr: "Une autre enquête", en: "Another survey"}
introduction: {fr: "R&D : plus de 10 % < 20 % ?", en: "R&D: above 10% < 20%?"}
sections:
  - {id: only, title: {fr: Une partie, en: Only}}
  - {id: more, title: {fr: Une autre, en: More}, introduction: {fr: "À lire", en: "To read"}}
grids:
  - {id: views, label: {fr: "Que pensez-vous de ceci ?", en: "What do you think of these?"}}
  - {id: habits, label: {fr: "À quel rythme ?", en: "How often?"}}
identity: {siren: company, email: mail}
strata: [size]
questions:
  - {id: company, section: only, type: siren, required: true, label: {fr: "Numéro SIREN", en: "Company number"}}
  - {id: mail, section: only, type: email, personal: true, label: {fr: "Courriel", en: "E-mail"}}
  - id: size
    section: only
    type: single
    label: {fr: "De quelle taille êtes-vous ?", en: "How large are you?"}
    choices:
      other: true
      options:
        - {code: small, label: {fr: Petite, en: Small}}
        - {code: very_very_large, label: {fr: "Grande, ou très grande", en: "Large, or very large"}}
  - id: reasons_for_which_you_buy
    section: more
    type: multiple
    max_choices: 2
    label: {fr: "Pourquoi ?", en: "Why?"}
    choices:
      other: true
      options:
        - {code: cost, label: {fr: "Coût ; délai", en: "Cost, time"}}
        - {code: a_reason_that_needs_many_words, label: {fr: "Goût du risque", en: "Taste for risk"}}
        - {code: nothing, label: {fr: "Aucune raison", en: "No reason"}, exclusive: true}
    show_if: size = 'very_very_large'
  - id: view
    section: more
    type: likert
    grid: views
    label: {fr: "Le temps", en: "The weather"}
    choices: &levels
      options:
        - {code: bad, label: {fr: Mauvais, en: Bad}}
        - {code: rather_good, label: {fr: "Plutôt bon", en: Rather good}}
        - {code: unsure, label: {fr: "Je ne sais pas", en: Unsure}, substantive: false}
  - {id: view_sea, section: more, type: likert, grid: views, label: {fr: "La mer", en: "The sea"}, choices: *levels}
  - id: habit
    section: more
    type: likert
    grid: habits
    label: {fr: "Lire", en: "Reading"}
    choices: *levels
    show_if: view = 'bad'
  - {id: habit_walk, section: more, type: likert, grid: habits, label: {fr: "Marcher", en: "Walking"}, choices: *levels}
  - id: spent
    section: more
    type: amount
    label: {fr: "Dépensé en {reference_year}", en: "Spent in {reference_year}"}
    reference_year: last
    min: 0
    max: 60000000000
  - id: saved
    section: more
    type: amount
    label: {fr: "Économisé en {reference_year}", en: "Saved in {reference_year}"}
    reference_year: last
    check:
      - {rule: saved <= spent, message: {fr: "Plus d'« économies » que de dépenses", en: 'More "saved" than spent'}}
    show_if: reasons_for_which_you_buy__cost or spent > 1000
  - {id: part, section: more, type: percent, label: {fr: "Quelle part ?", en: "Which part?"}, min: 0, max: 100}
  - id: wait
    section: more
    type: bracket
    label: {fr: "Quelle durée ?", en: "How long?"}
    choices:
      options:
        - {code: "01", label: {fr: "Moins de 10", en: "Under 10"}, high: 10}
        - {code: "2A", label: {fr: "10 ou plus", en: "10 or more"}, low: 10}
  - id: order
    section: more
    type: ranking
    label: {fr: "Dans quel ordre ?", en: "In which order?"}
    choices:
      options:
        - {code: first_one, label: {fr: "D'abord, puis", en: "First, then"}}
        - {code: b, label: {fr: Ensuite, en: Second}}
        - {code: c, label: {fr: Enfin, en: Last}}
  - {id: since, section: more, type: date, label: {fr: "Depuis quand ?", en: "Since when?"}}
  - {id: words, section: more, type: text, label: {fr: "Autre chose ?", en: "Anything else?"}}
"""
"""Every type of question, and what form tools have no room for: long codes, codes of digits, signs of HTML."""

Write = Callable[..., Path]


@dataclass(frozen=True)
class Answers:
    """Answers to one questionnaire as given: `table` has the validated columns, and one a personal question."""

    edition: Edition
    audience: Audience
    table: pd.DataFrame

    @property
    def questions(self) -> tuple[Question, ...]:
        return self.edition.questionnaires[self.audience].questions


def write_schemas(folder: Path, questionnaire: str = QUESTIONNAIRE) -> Path:
    """An edition of one questionnaire written into a folder of editions; returns that folder."""
    (folder / "2031").mkdir(parents=True, exist_ok=True)
    for name, text in (("edition", EDITION), ("indicators", INDICATORS), ("buyer", questionnaire)):
        (folder / "2031" / f"{name}.yaml").write_text(text.lstrip(), encoding="utf-8")
    return folder


@pytest.fixture
def write_edition(tmp_path: Path) -> Write:
    return partial(write_schemas, tmp_path / "editions")


@pytest.fixture(scope="session")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return load_edition(write_schemas(tmp_path_factory.mktemp("editions")), "2031")


def known_editions() -> Iterator[Any]:
    """The editions shipped, and those of the other surveys that tests know."""
    for schemas in (SCHEMAS, ELSEWHERE / "ospo", ELSEWHERE / "tiny"):
        for name in edition_names(schemas):
            for audience in load_edition(schemas, name).audiences:
                yield pytest.param((schemas, name, audience), id=f"{schemas.name}-{name}-{audience}")


@pytest.fixture(params=known_editions())
def questionnaire(request: pytest.FixtureRequest) -> tuple[Edition, Audience]:
    schemas, name, audience = request.param
    return load_edition(schemas, name), audience


@pytest.fixture(scope="session")
def answers_to() -> Callable[[Edition, Audience], Answers]:
    """Answers without fault to a questionnaire: routing, bounds and limits are respected, blanks are left."""
    drawn: dict[tuple[Path, Audience], Answers] = {}
    shares = read_shares()

    def draw(edition: Edition, audience: Audience) -> Answers:
        if (edition.folder, audience) not in drawn:
            population = firms(audience, int(edition.name), shares, SEED)
            table = draw_answers(edition, population, shares, SEED).head(150)
            drawn[edition.folder, audience] = Answers(edition, audience, table)
        return drawn[edition.folder, audience]

    return draw


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def differences(answers: Answers, workspace: Workspace) -> list[tuple[object, ...]]:
    """Import what the inbox holds, and say what did not come back as it was given: response, column, given, back."""
    edition, audience = answers.edition, answers.audience
    ingested = read_inbox(edition, audience, workspace)
    assert unmatched(ingested) == []
    corrections, _ = read_corrections(workspace.corrections(edition.name))
    back = validate(edition, audience, ingested.table, corrections)
    assert back.refused.empty
    back_table = back.table.set_index(pd.Index(back.table["row"].astype(int) - 2))
    assert sorted(back_table.index) == list(range(len(answers.table)))
    different = []
    for column in validated_columns(edition, audience):
        for response in range(len(answers.table)):
            given, found = answers.table[column].iloc[response], back_table.at[response, column]
            missing = [pd.isna(given), pd.isna(found)]
            if not (all(missing) or (not any(missing) and (given == found or str(given) == str(found)[:10]))):
                different.append((response, column, given, found))
    return different


def unmatched(ingested: Ingested) -> list[tuple[str, str]]:
    """The headings that a person would have to look at."""
    return [
        (match.column.heading, match.status) for match in ingested.mapping if match.status not in {"certain", "ignored"}
    ]
