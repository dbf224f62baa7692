"""An edition nobody has heard of, with every type of question, can be simulated and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from observatory.editions.load import load_edition
from observatory.ingest.inbox import read_inbox
from observatory.simulate.answers import draw_answers
from observatory.simulate.population import firms
from observatory.simulate.shares import Shares
from observatory.simulate.step import SEED, simulate
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import validate
from observatory.workspace import Workspace

EDITION = """
edition: "2031"
title: {en: "Another survey"}
languages: [en]
publisher: {name: Someone}
collection: {opens: 2031-01-01, closes: 2031-01-31}
report: {date: 2031-03-01}
"""
INDICATORS = "indicators: [{id: buyer.respondents, kind: respondents, label: {en: Respondents}}]"
QUESTIONNAIRE = """
audience: buyer
title: {en: "Another survey"}
sections: [{id: only, title: {en: Only}}, {id: more, title: {en: More}}, {id: last, title: {en: Last}}]
grids: [{id: views, label: {en: "What do you think of these, all in all?"}}]
identity: {siren: company, email: mail}
exclude: [{column: [Leave out], values: ["x"], reason: {en: trial}}]
strata: [size]
questions:
  - {id: company, section: only, type: siren, required: true, label: {en: "Company number"}}
  - {id: mail, section: only, type: email, personal: true, label: {en: "E-mail"}}
  - id: size
    section: only
    type: single
    label: {en: "How large, in your own words?"}
    choices: {options: [{code: small, label: {en: Small}}, {code: large, label: {en: "Large, or very large"}}]}
  - id: reasons
    section: more
    type: multiple
    max_choices: 2
    label: {en: "Why?"}
    choices:
      other: true
      options:
        - {code: cost, label: {en: "Cost, time"}}
        - {code: risk, label: {en: "Risk; doubt"}}
        - {code: habit, label: {en: Habit}}
        - {code: nothing, label: {en: "No reason"}, exclusive: true}
    show_if: size = 'large'
  - id: order
    section: more
    type: ranking
    label: {en: "In which order?"}
    choices:
      options: [{code: a, label: {en: "First, then"}}, {code: b, label: {en: "Second"}}, {code: c, label: {en: C}}]
  - id: view
    section: more
    type: likert
    grid: views
    label: {en: "The weather"}
    choices:
      options:
        - {code: bad, label: {en: Bad}}
        - {code: good, label: {en: Good}}
        - {code: unsure, label: {en: Unsure}, substantive: false}
  - {id: staff, section: more, type: number, label: {en: "How many?"}, min: 1, max: 20}
  - {id: spent, section: more, type: amount, label: {en: "Spent in {reference_year}"}, reference_year: last, min: 0}
  - id: saved
    section: more
    type: amount
    label: {en: "Saved in {reference_year}"}
    reference_year: last
    check: [{rule: saved <= spent, message: {en: "More saved than spent"}}]
    show_if: reasons__cost
  - {id: part, section: last, type: percent, label: {en: "Which part, in percent?"}, min: 0, max: 100}
  - id: wait
    section: last
    type: bracket
    label: {en: "How long?"}
    choices:
      options: [{code: short, label: {en: "Under 10"}, high: 10}, {code: long, label: {en: "10 or more"}, low: 10}]
  - {id: since, section: last, type: date, label: {en: "Since when?"}}
  - {id: words, section: last, type: text, label: {en: "Anything else?"}}
"""


@pytest.fixture(scope="module")
def unknown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    schemas = tmp_path_factory.mktemp("schemas")
    folder = schemas / "2031"
    folder.mkdir()
    (schemas / "lists").mkdir()
    for name, text in (("edition", EDITION), ("indicators", INDICATORS), ("buyer", QUESTIONNAIRE)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return schemas


def test_every_type_of_question_is_answered(unknown: Path, shares: Shares) -> None:
    edition = load_edition(unknown, "2031")
    table = draw_answers(edition, firms("buyer", 2031, shares, SEED), shares, SEED)
    for question in edition.questionnaires["buyer"].questions:
        assert table[f"{question.id}__state"].eq("answered").sum() > 10, question.id
    assert table["staff"].dropna().between(1, 20).all()
    assert table["part"].dropna().between(0, 100).all()
    assert set(table["order__a"].dropna()) == {1, 2, 3}


def test_it_is_read_back_whole(unknown: Path, shares: Shares, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    simulate(unknown, ["2031"], workspace)
    edition = load_edition(unknown, "2031")
    ingested = read_inbox(edition, "buyer", workspace)
    assert {match.status for match in ingested.mapping} == {"certain", "ignored"}
    corrections, _ = read_corrections(workspace.corrections("2031"))
    validated = validate(edition, "buyer", ingested.table, corrections)
    # Without a declared perimeter, both answers of one organisation stay until a person decides.
    assert len(validated.table) == shares.audiences["buyer"].respondents + len(validated.decisions) / 2
    assert sorted(validated.refused["rule"]) == [
        "company.siren",
        "company.siren",
        "saved.check_1",
        "saved.check_1",
        "staff.number",
        "staff.number",
        "wait.choice",
    ]
