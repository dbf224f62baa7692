"""An inbox as a whole: what is kept, what is said, what stops the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from observatory.editions.model import Consent, Edition, Question
from observatory.ingest import accept, read_inbox
from observatory.ingest.fillers import SURE
from observatory.ingest.inbox import InboxError
from observatory.problems import ProblemsError
from observatory.workspace import Workspace
from tests.ingest.conftest import QUESTIONS

Drop = Callable[..., Path]

OPTIONS = ["Lenteur des décisions", "Trouver le bon interlocuteur", "Horizon de 1-5 ans", "Aucun"]
HEAD = [
    "id",
    "submitdate",
    "lastpage",
    "startlanguage",
    "siren",
    "obstacles[slow]",
    "obstacles[contact]",
    "obstacles[other]",
]


def answer(id: str, siren: str, when: str = "2025-10-01 10:00:00", *cells: str) -> list[str]:
    return [id, when, "5", "fr", siren, *(cells or ("Oui", "Non", ""))]


def found(error: ProblemsError) -> str:
    return "\n".join(problem.render() for problem in error.problems)


def decide(workspace: Workspace, *targets: str) -> None:
    """Fill in the proposal's columns that wait for a decision, in order."""
    file = workspace.review("2025") / "mapping-startup.yaml"
    text = file.read_text(encoding="utf-8")
    for target in targets:
        text = text.replace('target: ""', f"target: {target}", 1)
    file.write_text(text, encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_limesurvey_export_becomes_a_raw_table(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop(
        "export.csv",
        [
            [*HEAD, "contact_email", "comment", "À écarter", "simulated"],
            [*answer("1", "732829320"), "a@b.fr", "Bien", "", "true"],
            [*answer("2", "552100554", "", "N/A", "N/A", "N/A"), "c@d.fr", "", "Oui", ""],
        ],
    )
    ingested = read_inbox(edition, "startup", workspace)
    table = ingested.table
    assert not any(str(column).startswith("contact_email") for column in table.columns)
    assert "a@b.fr" not in table.to_csv()
    assert list(table["row"]) == [2, 3]
    first, second = table.iloc[0], table.iloc[1]
    assert (first["tool"], first["tool_id"], first["submitted_at"]) == ("limesurvey", "1", "2025-10-01T10:00:00")
    assert (first["complete"], second["complete"]) == ("true", "false")
    assert (first["simulated"], second["exclude_reason"]) == ("true", "Écartée par l'équipe")
    assert (first["obstacles__slow"], first["obstacles__contact"]) == ("Oui", "Non")
    assert pd.isna(second["obstacles__slow"])
    assert second["obstacles__shown"] == "false"
    assert pd.isna(first["obstacles__shown"])
    assert {str(dtype) for name, dtype in table.dtypes.items() if name != "row"} == {"str"}
    assert table["respondent"].str.fullmatch("[0-9a-f]{12}").all()


def test_nothing_in_the_inbox_is_changed_and_reading_twice_gives_the_same(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("export.csv", [HEAD, answer("1", "732829320"), answer("2", "552100554")])
    before = tree(workspace.root)
    first, second = (read_inbox(edition, "startup", workspace).table for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert tree(workspace.root) == before


def test_same_file_twice_counts_once(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    rows = [HEAD, answer("1", "732829320")]
    drop("a.csv", rows)
    drop("b.csv", rows)
    ingested = read_inbox(edition, "startup", workspace)
    assert len(ingested.table) == 1
    assert list(ingested.files["used"]) == [True, False]
    assert "identique à a.csv" in ingested.files["note"].iloc[1]


def test_growing_snapshots_are_one_survey(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("1.csv", [HEAD, answer("1", "732829320"), answer("2", "552100554", "")])
    drop(
        "2.csv",
        [HEAD, answer("1", "732829320"), answer("2", "552100554", "2025-10-03 09:00:00"), answer("3", "542051180")],
    )
    ingested = read_inbox(edition, "startup", workspace)
    assert sorted(ingested.table["tool_id"]) == ["1", "2", "3"]
    assert set(ingested.table["file"]) == {"2.csv"}
    assert list(ingested.replaced["file"]) == ["1.csv", "1.csv"]
    assert "2 répondants" in ingested.files["note"].iloc[0]


def test_two_surveys_with_small_ids_stay_apart(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("partner-a.csv", [HEAD, answer("1", "732829320"), answer("2", "552100554", "2025-10-02 10:00:00")])
    drop(
        "partner-b.csv",
        [HEAD, answer("1", "542051180", "2025-10-05 08:00:00"), answer("2", "775670417", "2025-10-06 08:00:00")],
    )
    table = read_inbox(edition, "startup", workspace).table
    assert len(table) == table["respondent"].nunique() == 4


def test_a_new_file_does_not_change_the_keys_of_earlier_respondents(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [HEAD, answer("1", "732829320")])
    before = set(read_inbox(edition, "startup", workspace).table["respondent"])
    drop("b.csv", [["siren", "comment"], ["542051180", "Bien"]])
    assert before < set(read_inbox(edition, "startup", workspace).table["respondent"])


def test_respondents_without_id_who_answer_alike_both_count(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["siren", "comment"], ["732829320", "Bien"], ["732829320", "Bien"]])
    assert len(read_inbox(edition, "startup", workspace).table) == 2


def test_ids_ruined_by_a_spreadsheet_are_not_trusted(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["Respondent ID", "siren"], ["1.14083E+11", "732829320"], ["1.14083E+11", "542051180"]])
    ingested = read_inbox(edition, "startup", workspace)
    assert len(ingested.table) == 2
    assert any("tableur" in problem.found for problem in ingested.problems)


def test_hidden_and_lock_files_are_passed_over_and_others_said(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [HEAD, answer("1", "732829320")])
    drop("~$a.xlsx", b"lock")
    drop(".a.csv.swp", b"hidden")
    drop("notes.docx", b"PK")
    problems = read_inbox(edition, "startup", workspace).problems
    assert [problem.file for problem in problems if "d'un type" in problem.found] == ["notes.docx"]


def test_every_refused_file_is_told_at_once(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("good.csv", [HEAD, answer("1", "732829320")])
    drop("empty.csv", b"")
    drop("report.csv", b"%PDF-1.4")
    before = tree(workspace.root)
    with pytest.raises(ProblemsError) as caught:
        read_inbox(edition, "startup", workspace)
    assert {problem.file for problem in caught.value.problems} == {"empty.csv", "report.csv"}
    assert tree(workspace.root) == before


@pytest.mark.parametrize("content", [None, [HEAD], [HEAD, ["", *[""] * 7]], [HEAD, answer("1", "", "", " ", "", "")]])
def test_no_answers_at_all(edition: Edition, workspace: Workspace, drop: Drop, content: list[list[str]] | None) -> None:
    if content is not None:
        drop("a.csv", content)
    with pytest.raises(ProblemsError, match="inbox/2025/startup"):
        read_inbox(edition, "startup", workspace)


def test_file_of_another_survey(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["Plat préféré", "Dessert préféré"], ["Gratin", "Flan"]])
    with pytest.raises(ProblemsError, match="aucune ne correspond"):
        read_inbox(edition, "startup", workspace)


@pytest.mark.parametrize("more", ["Plat préféré", "Votre adresse électronique"])
def test_a_survey_of_which_a_heading_or_two_are_like_questions_is_another_in_one_message(
    edition: Edition, workspace: Workspace, drop: Drop, more: str
) -> None:
    drop("a.csv", [["Vos remarquees", "Dessert préféré", more], ["Bien", "Flan", "x"]])
    with pytest.raises(InboxError) as caught:
        read_inbox(edition, "startup", workspace)
    (problem,) = caught.value.problems
    assert "3 colonnes, dont aucune ne correspond à une question" in problem.found
    assert "relation_12m" not in "".join(said.render() for said in (problem, *caught.value.warnings))
    # A person who knows better has a way in.
    assert "mapping accept" in problem.action
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    with pytest.raises(ProblemsError, match="siren"):
        read_inbox(edition, "startup", workspace)


def test_required_question_without_column_stops_until_a_person_accepts(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["Votre numéro SIREN, s'il vous plaît", "comment"], ["732829320", "Bien"]])
    with pytest.raises(ProblemsError) as caught:
        read_inbox(edition, "startup", workspace)
    message = found(caught.value)
    assert all(part in message for part in ("siren", "aucune colonne certaine", "mapping accept"))
    assert "732829320" not in message
    proposal = workspace.review("2025") / "mapping-startup.yaml"
    text = proposal.read_text(encoding="utf-8")
    assert all(part in text for part in ("Votre numéro SIREN", "siren :"))
    proposal.write_text(text.replace('target: ""', "target: siren"), encoding="utf-8")
    written = accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert written == edition.folder / "mappings" / "startup.yaml"
    assert "AB" in written.read_text(encoding="utf-8")
    table = read_inbox(edition, "startup", workspace).table
    assert list(table["siren"]) == ["732829320"]


def test_required_question_is_told_the_columns_that_are_really_near(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["Numéro SIREN", "Plutôt contente", "comment"], ["732829320", "1", "Bien"]])
    with pytest.raises(ProblemsError) as caught:
        read_inbox(edition, "startup", workspace)
    assert "« Numéro SIREN » (80)" in found(caught.value)
    assert "Plutôt contente" not in found(caught.value)


@pytest.mark.parametrize(("cell", "proposed"), [("1", True), ("", False)])
def test_a_required_column_that_nothing_resembles_is_proposed_if_a_column_is_left(
    edition: Edition, workspace: Workspace, drop: Drop, cell: str, proposed: bool
) -> None:
    drop("a.csv", [["Plutôt contente", "comment"], [cell, "Bien"]])
    with pytest.raises(ProblemsError) as caught:
        read_inbox(edition, "startup", workspace)
    assert "exportez de nouveau" in found(caught.value)
    assert ("mapping accept" in found(caught.value)) == proposed
    assert "Plutôt contente" not in found(caught.value)


@pytest.mark.parametrize(
    "answers",
    [
        ["7", "2025-10-01 10:00:00", "5", "fr", "732829320", "Oui", "Lenteur des décisions"],
        ["Gratin du chef", "Quel numéro de SIREN est le vôtre ?", "732 829 320", "Très lent"],
        ["Gratin du chef", "Très lent", "lea@gratin.example"],
        ["Gratin du chef", "Oui", "Satisfait", "Peu satisfait", "Un salon"],
        ["Gratin du chef", "12", "350 000", "2025-10-01", "12,5 %"],
    ],
)
def test_an_export_without_headers_is_told_without_its_answers(
    edition: Edition, workspace: Workspace, drop: Drop, answers: list[str]
) -> None:
    drop("a.csv", [answers, *[[f"{cell} {row}" for cell in answers] for row in range(3)]])
    with pytest.raises(ProblemsError) as caught:
        read_inbox(edition, "startup", workspace)
    assert len(caught.value.problems) == 1
    assert "pas de ligne d'en-tête ?" in found(caught.value)
    proposals = "".join(content.decode() for content in tree(workspace.review("2025")).values())
    said = found(caught.value) + proposals
    assert not [cell for cell in answers if len(cell) > 2 and cell in said]


def test_answers_that_an_earlier_run_proposed_are_taken_back(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    proposal = workspace.review("2025") / "mapping-startup.yaml"
    proposal.parent.mkdir(parents=True)
    proposal.write_text('columns:\n  - heading: "Gratin du chef"\n    target: ""\n', encoding="utf-8")
    drop("a.csv", [["Gratin du chef", "732829320"], ["Flan", "552100554"]])
    with pytest.raises(ProblemsError, match="pas de ligne d'en-tête"):
        read_inbox(edition, "startup", workspace)
    assert "Gratin" not in proposal.read_text(encoding="utf-8")


def test_an_exclusion_column_that_is_not_there_is_passed_over(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["siren", "Qualité"], ["732829320", "oui"]])
    assert not [problem for problem in read_inbox(edition, "startup", workspace).problems if "exclu" in problem.found]


def test_an_exclusion_column_under_a_similar_name_is_said_file_by_file(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["siren", "À écarter"], ["732829320", "oui"]])
    drop("b.csv", [["siren", "À écarter ou non"], ["552100554", "oui"]])
    drop("c.csv", [["siren", "Qualité"], ["542051180", "oui"]])
    problems = read_inbox(edition, "startup", workspace).problems
    assert [problem.file for problem in problems if "exclusion" in problem.found] == ["b.csv"]


def test_doubtful_column_is_left_out_said_and_proposed(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["siren", "comment. Votre avis sur tout autre chose"], ["732829320", "Secret"]])
    ingested = read_inbox(edition, "startup", workspace)
    assert "comment" not in ingested.table.columns
    assert any("douteuse" in problem.found and "mapping accept" in problem.action for problem in ingested.problems)
    assert "Secret" not in "".join(problem.render() for problem in ingested.problems)
    decide(workspace, "comment")
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert list(read_inbox(edition, "startup", workspace).table["comment"]) == ["Secret"]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("comment. Votre avis sur tout autre chose", '""'),
        ("Lenteur des décisions", '""'),
        ("Les remarques", '""'),
        ("Vos remarquees", "comment"),
        ("Ignorez-vous si vous avez travaillé avec un grand compte ces 12 derniers mois ?", '""'),
    ],
)
def test_only_all_but_the_same_wording_is_filled_in(
    edition: Edition, workspace: Workspace, drop: Drop, heading: str, target: str
) -> None:
    drop("a.csv", [["siren", heading], ["732829320", "x"]])
    read_inbox(edition, "startup", workspace)
    text = (workspace.review("2025") / "mapping-startup.yaml").read_text(encoding="utf-8")
    assert f'heading: "{heading}"\n    target: {target}\n' in text
    assert text.count("  #   ") == 3


@pytest.mark.parametrize(
    ("label", "heading"),
    [("Nom du contacts", "Nom du contact"), ("La facilité à trouver le bon interlocuteur", "Interlocuteur")],
)
def test_a_column_of_names_is_never_filled_in(
    edition: Edition, workspace: Workspace, drop: Drop, label: str, heading: str
) -> None:
    contact = Question(id="contact", section="all", type="text", label={"fr": label})
    questionnaire = edition.questionnaires["startup"]
    asked = questionnaire.model_copy(update={"questions": (*questionnaire.questions, contact)})
    edition = edition.model_copy(update={"questionnaires": {"startup": asked}})
    drop("a.csv", [["siren", heading], ["732829320", "Zoé"]])
    read_inbox(edition, "startup", workspace)
    text = (workspace.review("2025") / "mapping-startup.yaml").read_text(encoding="utf-8")
    assert f'heading: "{heading}"\n    target: ""' in text


def test_a_short_form_is_read_once_a_person_has_decided_on_its_columns(
    edition: Edition, workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("observatory.ingest.inbox.FEWEST_FOUND", 0.5)
    drop("a.csv", [["siren", "comment. Votre avis", "Branche"], ["732829320", "Bien", "Santé"]])
    for targets in ((), ("comment",)):
        with pytest.raises(ProblemsError) as caught:
            read_inbox(edition, "startup", workspace)
        assert "seulement" in found(caught.value) and "cela suffit" in found(caught.value)
        decide(workspace, *targets)
        if targets:
            accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    with pytest.raises(ProblemsError, match="seulement"):
        read_inbox(edition, "startup", workspace)
    decide(workspace, "ignore")
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert list(read_inbox(edition, "startup", workspace).table["comment"]) == ["Bien"]


def test_a_short_form_without_any_doubt_has_a_column_to_confirm(
    edition: Edition, workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("observatory.ingest.inbox.FEWEST_FOUND", 0.5)
    buyers = edition.questionnaires["startup"].model_copy(update={"questions": QUESTIONS[:1]})
    edition = edition.model_copy(update={"questionnaires": {**edition.questionnaires, "buyer": buyers}})
    drop("a.csv", [["siren", "comment"], ["732829320", "Bien"]])
    with pytest.raises(ProblemsError, match="seulement"):
        read_inbox(edition, "startup", workspace)
    text = (workspace.review("2025") / "mapping-startup.yaml").read_text(encoding="utf-8")
    assert 'heading: "comment"\n    target: ""' in text and text.count("heading:") == 1
    decide(workspace, "comment")
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert list(read_inbox(edition, "startup", workspace).table["siren"]) == ["732829320"]


@pytest.mark.parametrize("more", [[], ["Branche"]])
def test_a_form_without_the_consent_is_told_what_it_costs(
    edition: Edition, workspace: Workspace, drop: Drop, more: list[str]
) -> None:
    questionnaire = edition.questionnaires["startup"]
    identity = questionnaire.identity.model_copy(
        update={"consent": Consent(question="relation_12m", accepted=("yes",))}
    )
    asked = questionnaire.model_copy(update={"identity": identity})
    edition = edition.model_copy(update={"questionnaires": {"startup": asked}})
    drop("a.csv", [["siren", "comment", *more], ["732829320", "Bien", *["x" for _ in more]]])
    (said,) = [p for p in read_inbox(edition, "startup", workspace).problems if "relation_12m" in p.found]
    assert "question d'accord (relation_12m), toutes ces réponses seront écartées" in said.action


def test_options_that_nobody_chose_are_not_missed(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    question = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
    drop(
        "a.csv",
        [
            ["siren", *(f"{question} [{option}]" for option in OPTIONS[:3]), *OPTIONS[3:]],
            ["542051180", "x", "", "", ""],
        ],
    )
    ingested = read_inbox(edition, "startup", workspace)
    assert not [problem for problem in ingested.problems if "pas de colonne" in problem.found]
    assert ingested.mapping[-1].target == "obstacles__none"


def test_checking_writes_nothing(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["siren", "comment. Votre avis sur tout autre chose"], ["732829320", "Bien"]])
    before = tree(workspace.root)
    read_inbox(edition, "startup", workspace, propose=False)
    assert tree(workspace.root) == before


def test_what_a_person_typed_survives_the_next_run(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["siren", "comment. Votre avis sur tout autre chose"], ["732829320", "Bien"]])
    read_inbox(edition, "startup", workspace)
    proposal = workspace.review("2025") / "mapping-startup.yaml"
    edited = proposal.read_text(encoding="utf-8").replace('target: ""', "target: ignore")
    proposal.write_text(edited, encoding="utf-8")
    read_inbox(edition, "startup", workspace)
    assert proposal.read_text(encoding="utf-8") == edited
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    ingested = read_inbox(edition, "startup", workspace)
    assert not any("douteuse" in problem.found for problem in ingested.problems)


@pytest.mark.parametrize("headings", [(" 1", " 2", " 3"), ("", "", "")])
def test_accepted_columns_of_choices_are_one_answer(
    edition: Edition, workspace: Workspace, drop: Drop, headings: tuple[str, ...]
) -> None:
    question = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
    slots = [f"{question}{number}" for number in headings]
    drop(
        "a.csv",
        [
            ["siren", *slots],
            ["732829320", "Lenteur des décisions", "Trouver le bon interlocuteur", ""],
            ["552100554", "Trouver le bon interlocuteur", "Horizon de 1-5 ans", "Lenteur des décisions"],
        ],
    )
    ingested = read_inbox(edition, "startup", workspace)
    assert "obstacles" not in ingested.table
    assert [match.candidates[0].target for match in ingested.mapping[1:]] == ["obstacles"] * 3
    decide(workspace, "obstacles", "obstacles", "obstacles")
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert list(read_inbox(edition, "startup", workspace).table["obstacles"]) == [
        "Lenteur des décisions\nTrouver le bon interlocuteur",
        "Trouver le bon interlocuteur\nHorizon de 1-5 ans\nLenteur des décisions",
    ]


def test_a_column_of_choices_left_undecided_beside_accepted_ones_is_asked_about_again(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    question = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
    drop("a.csv", [["siren", f"{question} 1", f"{question} 2"], ["732829320", "Lenteur des décisions", "Aucun"]])
    read_inbox(edition, "startup", workspace)
    decide(workspace, "obstacles")
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert [match.status for match in read_inbox(edition, "startup", workspace).mapping][1:] == ["accepted", "doubtful"]


def test_two_columns_accepted_for_an_answer_of_one_column_are_refused(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["siren", "comment. Votre avis", "Autres mots"], ["732829320", "Bien", "Très"]])
    read_inbox(edition, "startup", workspace)
    text = (workspace.review("2025") / "mapping-startup.yaml").read_text(encoding="utf-8")
    assert text.count("heading:") == 2
    decide(workspace, "comment", "comment")
    accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    with pytest.raises(ProblemsError, match="deux colonnes acceptées pour « comment »"):
        read_inbox(edition, "startup", workspace)


@pytest.mark.parametrize(("target", "message"), [("sirenn", "sirenn"), ("", "aucune colonne décidée")])
def test_accepting_needs_known_targets(
    edition: Edition, workspace: Workspace, drop: Drop, target: str, message: str
) -> None:
    drop("a.csv", [["siren", "comment. Votre avis sur tout autre chose"], ["732829320", "Bien"]])
    read_inbox(edition, "startup", workspace)
    proposal = workspace.review("2025") / "mapping-startup.yaml"
    text = proposal.read_text(encoding="utf-8")
    proposal.write_text(text.replace('target: ""', f'target: "{target}"'), encoding="utf-8")
    with pytest.raises(ProblemsError, match=message):
        accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))
    assert not (edition.folder / "mappings").exists()


def test_accepting_nothing_is_refused(edition: Edition, workspace: Workspace) -> None:
    with pytest.raises(ProblemsError, match=r"aucune proposition(?s:.*)observatory run"):
        accept(edition, "startup", workspace, "AB", dt.date(2025, 11, 3))


def test_wide_headers_in_both_languages_of_two_tools(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["What is your SIREN number?", "Your remarks"], ["732829320", "Fine"]], ",")
    drop("b.csv", [["Quel est votre numéro SIREN ?", "Vos remarques"], ["542051180", "Bien"]])
    assert list(read_inbox(edition, "startup", workspace).table["comment"]) == ["Fine", "Bien"]


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from(';,\t\n"'), max_size=15
).filter(lambda text: "@" not in text and sum(map(str.isdigit, text)) < 4 and text.strip().lower() not in SURE)
"""What no address or telephone number is in, and what says something: the rest is taken out."""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answers=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6), delimiter=st.sampled_from(",;\t|"))
def test_what_respondents_typed_arrives_unchanged(
    edition: Edition,
    workspace: Workspace,
    drop: Drop,
    answers: list[tuple[str, str]],
    delimiter: str,
    as_csv: Callable[..., str],
) -> None:
    rows = [["siren", "comment", "Comment s'est fait le premier contact ? [Autre]"]]
    rows += [["732829320", comment, other] for comment, other in answers]
    drop("a.csv", as_csv(rows, delimiter).encode())
    table = read_inbox(edition, "startup", workspace).table
    for name, expected in (("comment", 0), ("first_contact__other_text", 1)):
        kept = [None if pd.isna(cell) else cell for cell in table[name]] if name in table else [None] * len(answers)
        assert kept == [answer[expected] if answer[expected].strip() else None for answer in answers]


def test_options_packed_into_several_columns_are_one_answer(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    """LimeSurvey's rankings and Sphinx's multiple questions: the column says nothing of the option."""
    question = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
    head = ["ID réponse", "Quel est votre numéro SIREN ?", f"{question} [Rang 1]", f"{question} [Rang 2]"]
    chosen = [("Lenteur des décisions", "Trouver le bon interlocuteur"), ("Aucun", ""), ("", "")]
    rows = [[str(number), f"73282932{number % 10}", *chosen[number % 3]] for number in range(1, 19)]
    drop("a.csv", [head, *rows])
    table = read_inbox(edition, "startup", workspace).table
    assert list(table["obstacles"].head(3).fillna("")) == ["Aucun", "", "\n".join(chosen[0])]


def test_a_newer_export_without_a_column_says_what_is_lost(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    head = ["ID de la réponse", "Date de soumission", "Quel est votre numéro SIREN ?"]
    old = [["1", "2025-10-01 10:00:00", "732829320", "Bien"], ["2", "2025-10-02 10:00:00", "552100554", ""]]
    drop("1.csv", [[*head, "Vos remarques"], *old])
    drop("2.csv", [head, *(row[:3] for row in old), ["3", "2025-10-03 10:00:00", "005520135"]])
    ingested = read_inbox(edition, "startup", workspace)
    assert ingested.rows == 3
    (problem,) = [problem for problem in ingested.problems if "remplacées" in problem.found]
    assert problem.file == "1.csv" and problem.found.endswith("comment")
