"""Which column answers which question."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from observatory.editions.model import Edition
from observatory.ingest.catalogue import catalogue
from observatory.ingest.documents import parse_document
from observatory.ingest.matching import Match, match_columns, open_candidates
from observatory.ingest.tools import read_form

OBSTACLES = "Quels sont vos principaux freins pour travailler avec de grands comptes ?"
PAST = "Quels freins avez-vous rencontrés pour créer votre entreprise ?"


Matches = Callable[..., list[Match]]


@pytest.fixture
def matches(edition: Edition, as_csv: Callable[..., str]) -> Matches:
    """The matches of a table's columns, from its rows."""

    def of(*rows: list[str]) -> list[Match]:
        form = read_form(parse_document(as_csv(rows).encode(), "export.csv"))
        return match_columns(form, catalogue(edition, "startup"), {})

    return of


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("siren", "siren"),
        ("Quel est votre numéro SIREN ?", "siren"),
        ("quel est votre numero siren", "siren"),
        ("What is your SIREN number?", "siren"),
        ("N° SIREN", "siren"),
        ("siren. Quel est votre numéro SIREN ?", "siren"),
        ("relation12m", "relation_12m"),
        (OBSTACLES, "obstacles"),
        (f"{OBSTACLES} [Lenteur des décisions]", "obstacles__slow"),
        (f"{OBSTACLES} [Décisions lentes]", "obstacles__slow"),
        (f"obstacles[slow]. {OBSTACLES} [Lenteur des décisions]", "obstacles__slow"),
        (f"obstacles[SQ001]. {OBSTACLES} [Lenteur des décisions]", "obstacles__slow"),
        ("obstacles[slow]", "obstacles__slow"),
        ("obstacles__slow", "obstacles__slow"),
        ("obstacles/slow", "obstacles__slow"),
        (f"{OBSTACLES} - Lenteur des décisions", "obstacles__slow"),
        (f"{OBSTACLES}/Lenteur des décisions", "obstacles__slow"),
        ("Êtes-vous satisfait de :/Paiement", "sat_payment"),
        (f"{OBSTACLES} [Horizon de 1-5 ans]", "obstacles__plan_1_5"),
        (f"{OBSTACLES} [Autre]", "obstacles__other"),
        ("obstacles[other]", "obstacles__other"),
        (f"{PAST} [Lenteur des décisions]", "past_obstacles__slow"),
        ("Êtes-vous satisfait de : [Paiement]", "sat_payment"),
        ("satisfaction[sat_payment]", "sat_payment"),
        ("Paiement", "sat_payment"),
        ("Comment s'est fait le premier contact ? [Autre]", "first_contact__other_text"),
        ("Chiffre d'affaires 2023 (en euros)", "revenue_first"),
        ("Chiffre d’affaires 2024 (en euros) :", "revenue_last"),
    ],
)
def test_certain(matches: Matches, heading: str, target: str) -> None:
    found = matches([heading, "Autre chose"], ["Oui", "Oui"])
    assert [match.target for match in found] == [target, ""]


@pytest.mark.parametrize(
    ("heading", "candidate"),
    [
        ("siren. Combien de salariés avez-vous ?", "siren"),
        ("relation_12m. Avez-vous travaillé avec un grand compte ces 24 derniers mois ?", "relation_12m"),
        ("siren. Vos remarques", "siren"),
        ("Avez-vous travaillé avec un grand compte durant ces 12 derniers mois ?", "relation_12m"),
        (f"{OBSTACLES} [Trouver un bon interlocuteur]", "obstacles__contact"),
        ("Chiffre d'affaires 2022 (en euros)", "revenue_first"),
    ],
)
def test_doubtful(matches: Matches, heading: str, candidate: str) -> None:
    match = matches([heading, "Autre chose"], ["a", "b"])[0]
    assert (match.status, match.target) == ("doubtful", "")
    assert 1 <= len(match.candidates) <= 3
    assert match.candidates[0].target == candidate


def test_columns_of_other_questions_are_not_taken(matches: Matches) -> None:
    headings = ["Nombre de salariés", f"{PAST} [Aucun rapport]", "Lenteur des décisions", "Identifiant"]
    assert [match.target for match in matches(headings, ["a", "b", "c", "d"])] == [""] * 4


def test_same_options_under_two_questions_stay_apart(matches: Matches) -> None:
    rows = (
        [OBSTACLES, "", PAST, ""],
        ["Lenteur des décisions", "Aucun", "Lenteur des décisions2", "Fonds"],
        ["Lenteur des décisions", "", "Lenteur des décisions", ""],
        ["", "Aucun", "", "Fonds"],
    )
    assert [match.target for match in matches(*rows)] == [
        "obstacles__slow",
        "obstacles__none",
        "past_obstacles__slow",
        "past_obstacles__funds",
    ]


def test_lookalike_question_is_ignored_when_the_true_one_is_there(matches: Matches) -> None:
    found = matches([OBSTACLES, OBSTACLES.replace("principaux", "premiers")], ["a", "b"])
    assert [(match.status, match.target) for match in found] == [("certain", "obstacles"), ("ignored", "")]


def test_two_columns_for_one_question_are_doubtful(matches: Matches) -> None:
    found = matches(["siren", "N° SIREN"], ["732829320", "732829320"])
    assert [(match.status, match.candidates[0].target) for match in found] == [("doubtful", "siren")] * 2


def test_empty_twin_column_gives_way(matches: Matches) -> None:
    found = matches(["siren", "N° SIREN"], ["", "732829320"])
    assert [match.target for match in found] == ["", "siren"]


def test_other_ticked_and_other_typed_are_told_apart(matches: Matches) -> None:
    heading = f"{OBSTACLES} [Autre (précisez)]"
    found = matches([heading, heading], ["Autre (précisez)", "Le stationnement"], ["", ""])
    assert [match.target for match in found] == ["obstacles__other", "obstacles__other_text"]


def test_main_column_beside_other_typed(matches: Matches) -> None:
    question = "Comment s'est fait le premier contact ?"
    rows = ([question, ""], ["Response", "Other (please specify)"], ["Un salon", ""], ["", "Un ami"])
    assert [match.target for match in matches(*rows)] == ["first_contact", "first_contact__other_text"]


def of_limesurvey(edition: Edition, text: str, code: str) -> Match:
    """The match of a column of a VV file, whose option is in the question's text."""
    head = ["id", "submitdate", "lastpage", "startlanguage", "seed"]
    rows = [[*head, text], [*head, code], ["1", "2025-10-01 10:00:00", "3", "fr", "9", "Un ami"]]
    content = "\n".join("\t".join(row) for row in rows).encode()
    form = read_form(parse_document(content, "vvexport_1.csv"))
    assert form.tool == "limesurvey"
    return match_columns(form, catalogue(edition, "startup"), {})[-1]


@pytest.mark.parametrize(
    ("text", "code", "target"),
    [
        (f"{OBSTACLES} [Lenteur des décisions]", "obstacles_slow", "obstacles__slow"),
        (f"{OBSTACLES} (Lenteur des décisions)", "obstacles_slow", "obstacles__slow"),
        (f"{OBSTACLES} : Lenteur des décisions", "obstacles_slow", "obstacles__slow"),
        (f"{OBSTACLES} [Autre]", "obstacles_other", "obstacles__other_text"),
        ("Comment s'est fait le premier contact ? [Autre]", "firstcontact_other", "first_contact__other_text"),
        ("Êtes-vous satisfait de : [Paiement]", "satisfaction_satpayment", "sat_payment"),
    ],
)
def test_option_within_the_text_of_a_known_code(edition: Edition, text: str, code: str, target: str) -> None:
    match = of_limesurvey(edition, text, code)
    assert (match.status, match.target) == ("certain", target)


def test_other_of_a_question_reworded_is_proposed_as_text(edition: Edition) -> None:
    match = of_limesurvey(edition, "Qui vous a présentés ? [Autre]", "firstcontact_other")
    assert (match.status, match.candidates[0].target) == ("doubtful", "first_contact__other_text")


def test_a_known_code_over_another_wording_scores_its_wording(matches: Matches) -> None:
    match = matches(["comment. Votre numéro SIREN", "Autre chose"], ["a", "b"])[0]
    assert [candidate.target for candidate in match.candidates[:2]] == ["comment", "siren"]
    assert len(match.candidates) == 3
    assert match.candidates[0].score < 50 < match.candidates[1].score


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("Freins", "obstacles"),
        ("Contact", "first_contact"),
        ("Grand compte", "relation_12m"),
        ("Past", "past_obstacles"),
    ],
)
def test_short_headings_list_the_questions_that_hold_their_words(
    edition: Edition, matches: Matches, heading: str, target: str
) -> None:
    column = matches([heading, "siren"], ["a", "b"])[0].column
    known = catalogue(edition, "startup")
    assert target in {candidate.target for candidate in open_candidates(column, [*known.questions], known)}


TYPEFORM = ["#", "Quel est votre numéro SIREN ?"]
DATES = ["Start Date (UTC)", "Submit Date (UTC)", "Network ID"]
OPTIONS = ["Lenteur des décisions", "Trouver le bon interlocuteur", "Horizon de 1-5 ans", "Aucun"]


@pytest.fixture
def of_typeform(edition: Edition, as_csv: Callable[..., str]) -> Matches:
    """The matches of the questions of a Typeform export: of each heading, whether its first respondent chose it."""

    def of(*columns: tuple[str, str]) -> list[Match]:
        rows = [
            [*TYPEFORM, *(heading for heading, _ in columns), *DATES],
            ["a1", "732829320", *(cell for _, cell in columns), "2025-10-01 10:00:00", "2025-10-01 10:05:00", "n"],
            ["a2", "552100554", *("" for _ in columns), "2025-10-01 10:00:00", "2025-10-01 10:05:00", "n"],
        ]
        form = read_form(parse_document(as_csv(rows, ",").encode(), "responses.csv"))
        assert form.tool == "typeform"
        return match_columns(form, catalogue(edition, "startup"), {})[2 : 2 + len(columns)]

    return of


def chosen(*labels: str) -> list[tuple[str, str]]:
    return [(label, label) for label in labels]


def test_typeform_options_of_one_question_are_certain(of_typeform: Matches) -> None:
    found = of_typeform(*chosen(*OPTIONS[1:3]), (OPTIONS[3], ""), ("Vos remarques", "Bien"))
    assert [match.target for match in found] == [
        "obstacles__contact",
        "obstacles__plan_1_5",
        "obstacles__none",
        "comment",
    ]


def test_typeform_options_of_two_questions_are_doubtful(of_typeform: Matches) -> None:
    found = of_typeform(*chosen(*OPTIONS), ("Vos remarques", "Bien"), *chosen("Lenteur des décisions", "Fonds"))
    assert [match.status for match in found] == ["doubtful", *["certain"] * 4, "doubtful", "certain"]
    assert {candidate.target for candidate in found[0].candidates} >= {"obstacles__slow", "past_obstacles__slow"}


def test_a_typeform_option_far_from_the_others_is_doubtful(of_typeform: Matches) -> None:
    found = of_typeform(*chosen(OPTIONS[1]), ("Vos remarques", "Bien"), *chosen(OPTIONS[2], OPTIONS[3]))
    assert [match.status for match in found] == ["doubtful", "certain", "certain", "certain"]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([(OPTIONS[0], ""), *chosen(*OPTIONS[1:])], ("certain", "obstacles__other_text", [])),
        (chosen(*OPTIONS[1:]), ("doubtful", "", ["obstacles__other_text"])),
        (chosen("Lenteur des décisions", "Fonds"), ("doubtful", "", [])),
        (chosen("Ancienne option"), ("doubtful", "", [])),
        ([], ("doubtful", "", [])),
    ],
)
def test_typeform_other_goes_to_the_question_before_it(
    of_typeform: Matches, columns: list[tuple[str, str]], found: tuple[str, str, list[str]]
) -> None:
    match = of_typeform(*columns, ("Other", "Le stationnement"), ("Vos remarques", "Bien"))[-2]
    assert (match.status, match.target, [candidate.target for candidate in match.candidates][:1]) == found


def plain(matches: Matches, *columns: tuple[str, str]) -> list[Match]:
    """The matches of these columns of a plain table: of each heading, what its first respondent has below it."""
    rows = [["siren", *(heading for heading, _ in columns)], ["732829320", *(cell for _, cell in columns)]]
    return matches(*rows, ["552100554", *("" for _ in columns)])[1:]


@pytest.mark.parametrize("tick", ["x", "1", "Vrai", "label"])
def test_ticked_columns_headed_by_the_options_alone_are_the_question(matches: Matches, tick: str) -> None:
    labels = [*OPTIONS[1:3]]
    columns = [(label, label if tick == "label" else tick) for label in labels]
    found = plain(matches, *columns, (OPTIONS[3], ""), ("Vos remarques", "Bien"))
    assert [match.target for match in found] == [
        "obstacles__contact",
        "obstacles__plan_1_5",
        "obstacles__none",
        "comment",
    ]


def test_an_option_of_two_questions_is_put_before_a_person_in_a_plain_table(matches: Matches) -> None:
    found = plain(matches, *((label, "x") for label in OPTIONS))
    assert [match.status for match in found] == ["doubtful", "certain", "certain", "certain"]
    assert {candidate.target for candidate in found[0].candidates} >= {"obstacles__slow", "past_obstacles__slow"}


def test_an_options_column_that_holds_words_is_put_before_a_person(matches: Matches) -> None:
    found = plain(matches, (OPTIONS[1], "x"), (OPTIONS[2], "surtout en fin d'année"), (OPTIONS[3], "x"))
    assert [(match.status, match.target) for match in found] == [
        ("certain", "obstacles__contact"),
        ("doubtful", ""),
        ("certain", "obstacles__none"),
    ]
    assert found[1].candidates[0].target == "obstacles__plan_1_5"


def test_an_option_alone_beside_a_question_answered_whole_is_a_note(matches: Matches) -> None:
    found = plain(matches, (PAST, "Fonds"), ("Vos remarques", "Bien"), ("Fonds", "Oui"))
    assert [match.status for match in found] == ["certain", "certain", "ignored"]


@pytest.mark.parametrize(
    "heading",
    [
        "Quels sont vos principaux freins?pour travailler avec de grands comptes??",
        "Quels?sont vos principaux freins pour travailler avec de grands comptes?? [Lenteur?des décisions]",
        "Chiffre d'affaires?2024 (en?euros)",
    ],
)
def test_a_space_that_excel_made_a_question_mark_is_a_space(matches: Matches, heading: str) -> None:
    assert matches(["siren", heading], ["732829320", ""])[1].status == "certain"
