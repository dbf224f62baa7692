"""Names, addresses, telephone numbers: recognised, reported, and never stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest

from observatory.database import connect
from observatory.editions.load import load_edition
from observatory.editions.model import Edition, Identity, PersonalData, Question
from observatory.ingest import read_inbox
from observatory.ingest.cells import MemoryColumns
from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.inspect import inspect_form
from observatory.ingest.personal import heading_kind, personal_columns
from observatory.ingest.protection import EMAIL_REMOVED, PHONE_REMOVED, keyed_hash, redactions
from observatory.ingest.step import ingest
from observatory.ingest.tools import read_form
from observatory.ingest.tools.form import Column
from observatory.problems import Problem, ProblemsError
from observatory.progress import Progress
from observatory.validate.corrections import read_corrections
from observatory.validate.pipeline import validate
from observatory.validate.quarantine import quarantine
from observatory.workspace import Workspace

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"

Drop = Callable[..., Path]
Shared = Callable[[str], Path]
AsCsv = Callable[..., str]

HEADINGS = {
    "name": [
        *("Nom", "Prénom", "Nom et prénom", "Votre nom", "Nom et prénom du représentant légal", "Quel est votre nom ?"),
        *("Name", "Your name", "First Name", "Last name", "Full name", "What is your name?", "RecipientLastName"),
        *("Nachname", "Vorname", "Nombre y apellidos", "Apellidos", "Nome", "Cognome", "Sobrenome", "children[1]/name"),
    ],
    "email": [
        *(
            "E-mail",
            "Courriel",
            "Adresse de messagerie",
            "Votre adresse électronique",
            "Email Address",
            "RecipientEmail",
        ),
        *("Ihre E-Mail-Adresse", "Correo electrónico", "Indirizzo e-mail", "Endereço de e-mail", "Submitter Email"),
    ],
    "phone": [
        *("Téléphone", "Numéro de téléphone portable", "Phone Number", "Mobile", "Telefonnummer", "Teléfono móvil"),
        *("Telefono", "Telefone", "tel/tel.office"),
    ],
    "ip": ["ipaddr", "IP Address", "IPAddress", "Adresse IP", "IP-Adresse", "Dirección IP", "Endereço IP"],
    "account": ["_submitted_by", "Username", "Nom d'utilisateur", "Benutzername", "Submitter"],
    "location": ["LocationLatitude", "_gps_longitude", "some_geopoint-Latitude"],
    "address": ["Adresse", "Adresse postale du contact", "Street address", "Anschrift", "Indirizzo"],
    "contact": [
        *("Vos coordonnées", "Contact", "Contacts", "Votre contact", "Dirigeant", "Dirigeante", "Interlocuteur"),
        *("Interlocuteur (privilégié)", "Votre interlocuteur privilégié", "Interlocuteur principal", "Votre identité"),
        *("Qui a rempli ce formulaire ?", "Qui remplit le questionnaire ?", "Rempli par", "Personne ayant répondu"),
        *("Noms des référents", "Nom du dirigeant", "Noms des contacts", "Référents", "Responsable"),
        *("Signataire", "Who filled in this form?"),
    ],
    None: [
        *("Trouver le bon interlocuteur", "Responsable achats dédié", "Type de contact", "Nombre de contacts"),
        *("Contact avec le médiateur", "Qui a pris la décision ?", "Qualité du contact", "Parité des dirigeants"),
        *("Nom de l'entreprise", "Nom de la start-up", "Nom du projet", "Nom commercial", "Raison sociale"),
        *("Company name", "Name der Firma", "Nombre de la empresa", "Nome da empresa", "Nome dell'azienda"),
        *("Nombre de salariés", "How did you hear the name of our programme?", "Were you named as the lead author?"),
        *(
            "Premier contact",
            "Prise de contact",
            "Do you own IP?",
            "Adresse de l'entreprise",
            "Location (Census Region)",
        ),
        *("What kind of user are you?", "Région", "Mobile app", "Smartphone personnel", "Numéro SIREN", "SIRET"),
        "Avez-vous l'impression de recevoir trop de messages promotionnels sur votre boîte mail ou votre téléphone ?",
    ],
}


@pytest.mark.parametrize(("kind", "heading"), [(kind, text) for kind, texts in HEADINGS.items() for text in texts])
def test_what_a_heading_says(kind: str | None, heading: str) -> None:
    assert heading_kind(Column(0, heading, heading)) == kind


def kinds(as_csv: AsCsv, heading: str, *cells: str) -> list[tuple[str, str]]:
    """Of a file with that one column, beside an empty one."""
    document = parse_document(as_csv([[heading, "Rien"], *([cell, ""] for cell in cells)]).encode(), "a.csv")
    return [(personal.kind, personal.reason) for personal in personal_columns(read_form(document))]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a@b.fr", "C.D@exemple.org", "e+f@g.io", "non"], "email"),
        (["a@b.fr", "je préfère ne pas le dire"], None),
        (["192.168.0.12", "2001:db8::1"], "ip"),
        (["06 12 34 56 78", "+49 30 901820", "01.42.34.56.78"], "phone"),
        (["48.8566 2.3522 0 0", "45.7640 4.8357 0 0"], "location"),
        (["a@b.fr", "je préfère le téléphone", "non", "oui"], None),
        (["732829320", "552100554", "732 829 320"], None),
        (["73282932000074", "552 100 554 00013", "0612345678"], None),
        (["612345678", "100000000", "250000"], None),
        (["01/02/2024", "2024-02-01 10:30:00"], None),
        (["2.7, 3.6", "3.6, 3.8"], None),
        (["10-49", "50-249"], None),
    ],
)
def test_what_cells_look_like(as_csv: AsCsv, cells: list[str], kind: str | None) -> None:
    assert kinds(as_csv, "Remarques", *cells) == ([] if kind is None else [(kind, "content")])


@pytest.mark.parametrize(
    ("heading", "cells", "found"),
    [
        ("E-mail", ["Oui", "Non"], False),
        ("E-mail", ["a@b.fr", "plus tard", "plus tard"], True),
        ("Adresse de messagerie", ["anonymous", "anonymous"], False),
        ("Téléphone", ["612345678"], True),
        ("Téléphone", ["X", ""], False),
        ("Nom", ["Dupont", "Martin"], True),
        ("Nom", ["X", "X"], False),
        ("Nombre", ["12", "40"], False),
        ("Adresse IP", ["[removed]"], False),
        ("Adresse IP", ["192.168.x.x"], True),
        ("Nom", [""], False),
        ("Contact", ["Jean Dupont 06 12 34 56 78", "Zoé Martin, 12 rue X"], True),
        ("Contact", ["Oui", "Non", "Oui"], False),
        ("Contact", ["3", "12"], False),
    ],
)
def test_cells_may_belie_a_heading(as_csv: AsCsv, heading: str, cells: list[str], found: bool) -> None:
    assert bool(kinds(as_csv, heading, *cells)) is found


REAL: dict[str, dict[str, str]] = {
    "excel_fr_csv/cp1252_semicolon_CRE4.csv": {
        "Nom et prénom du représentant légal": "name",
        "Nom et prénom du contact": "name",
        "Adresse postale du contact": "address",
        "Adresse électronique du contact": "email",
    },
    "kobo_odk/kobo_tutorial_w_repeats.csv": {
        "name": "name",
        "children[1]/childs_name": "name",
        "children[2]/childs_name": "name",
        "gps": "location",
        "_gps_latitude": "location",
        "_gps_longitude": "location",
        "_gps_altitude": "location",
        "_gps_precision": "location",
    },
    "kobo_odk/ona_childrens_survey.csv": {"name": "name", "tel/tel.office": "phone"},
    "kobo_odk/odk_briefcase_simple-form.csv": {},
    "googleforms/spack_2020.csv": {},
    "googleforms/spack_2022.csv": {},
    "googleforms/cncf_maintainer_2018h1.csv": {},
    "googleforms/dask_2020.csv.gz": {},
    "indico/coderefinery_pre_lille_2019.csv": {},
    "limesurvey/en_fulltext_sealuzh_results-survey.csv": {},
    "limesurvey/fr_fulltext_results-survey4914.xlsx": {},
    "limesurvey/derived_rse2017uk_public_data.csv": {},
    "msforms/rse_ah_2024_uk.csv": {},
    "surveymonkey/cncf_ambassadors_2019h1.csv": {},
    "surveymonkey/ospo_2018_excel-dates.csv": {},
    "surveymonkey/fte_starwars.csv": {},
    "typeform/fr_wave_snapshot2_2021-04-10.csv": {},
    "eusurvey/everse_2024_assigned-values.xls": {},
}


@pytest.mark.parametrize("file", REAL)
def test_personal_columns_of_real_exports(shared: Shared, file: str) -> None:
    path = shared(f"forms/{file}")
    form = read_form(open_document(path, path.name))
    found = {personal.column.heading: personal.kind for personal in personal_columns(form)}
    assert found == REAL[file]


def test_coordinates_are_taken_out_of_free_text_and_nothing_else() -> None:
    text = "Écrivez à Jean.Dupont@exemple.fr ou au 06 12 34 56 78 ; bureau : +33 (0)1 42 34 56 78."
    clean = f"Écrivez à {EMAIL_REMOVED} ou au {PHONE_REMOVED} ; bureau : {PHONE_REMOVED}."
    harmless = [
        "SIREN 732 829 320, SIRET 73282932000074 ou 732 829 320 00074",
        "de 10 000 000 à 50 000 000 €, soit 1 234 567 890 en 2023-2024",
        "le 01/02/2024 à 10h30",
        "kubernetes@v1.2, https://exemple.org/@moi",
    ]
    assert redactions([text, *harmless], free_text=True) == {text: clean}
    assert redactions(["a@b.fr", "612345678"], free_text=False) == {"a@b.fr": EMAIL_REMOVED}


# From the inbox to the database

SECRETS = ["dupont", "jean.dupont@exemple.fr", "612345678", "12 34 56 78", "203.0.113.77", "autre@exemple.org"]
HEAD = ["id", "ipaddr", "Nom", "Votre adresse électronique", "Téléphone", "siren", "comment", "first_contact[other]"]
FIRST = [
    *("7", "203.0.113.77", "Dupont", "Jean.Dupont@exemple.fr", "06 12 34 56 78", "732829320"),
    *("Appelez-moi au 06 12 34 56 78", "un message à autre@exemple.org"),
]


@dataclass
class Said(Progress):
    """Keeps what was said."""

    facts: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.facts.append(text)


def hashing(edition: Edition, **identity: str) -> Edition:
    """The same edition, which keeps hashes of e-mail addresses."""
    questionnaire = edition.questionnaires["startup"].model_copy(
        update={"personal": PersonalData(email="hash"), "identity": Identity(**identity)}
    )
    return edition.model_copy(update={"questionnaires": {"startup": questionnaire}})


def about(problems: Sequence[Problem], words: str) -> list[Problem]:
    return [problem for problem in problems if words in problem.found]


def hashes(edition: Edition, workspace: Workspace) -> list[str | None]:
    column = read_inbox(edition, "startup", workspace).table["email_hash"]
    return [None if pd.isna(cell) else str(cell) for cell in column]


def column_of(drop: Drop, *emails: str) -> None:
    drop("a.csv", [["siren", "Votre adresse électronique"], *(["732829320", email] for email in emails)])


@pytest.mark.parametrize("treatment", ["drop", "hash"])
def test_no_personal_datum_reaches_the_database_a_message_or_the_spreadsheet(
    edition: Edition, workspace: Workspace, drop: Drop, treatment: str
) -> None:
    wanted = hashing(edition, email="contact_email") if treatment == "hash" else edition
    second = ["8", "203.0.113.78", "Martin", "", "", "552100554", "Bien", ""]
    misplaced = ["9", "", "", "", "", "jean.dupont@exemple.fr", "", ""]
    drop("a.csv", [HEAD, FIRST, second, misplaced])
    progress = Said()
    ingest(wanted, "startup", workspace, progress)
    with connect(workspace, read_only=True) as connection:
        raw = connection.execute("SELECT * FROM raw.startup_2025").df()
    assert list(raw["comment"].dropna()) == [f"Appelez-moi au {PHONE_REMOVED}", "Bien"]
    assert raw["first_contact__other_text"].iloc[0] == f"un message à {EMAIL_REMOVED}"
    assert raw["email_hash"].notna().sum() == (1 if treatment == "hash" else 0)
    assert raw["phone_hash"].isna().all() and raw["name_hash"].isna().all()
    corrections, _ = read_corrections(workspace.corrections("2025"))
    sheet = workspace.review("2025") / "a-corriger.xlsx"
    sheet.parent.mkdir(parents=True, exist_ok=True)
    validated = validate(wanted, "startup", raw, corrections)
    assert EMAIL_REMOVED in list(validated.refused["found"])
    sheet.write_bytes(quarantine(wanted, [validated]))
    said = " ".join([*progress.facts, *(problem.render() for problem in progress.warnings)]).lower()
    stored = [path.read_bytes() for path in workspace.root.rglob("*") if path.is_file() and "inbox" not in path.parts]
    assert len(stored) >= 2
    for secret in SECRETS:
        assert not any(secret.encode() in content.lower() for content in stored), secret
        assert secret not in said


def test_personal_columns_are_one_warning_with_what_was_done(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [HEAD, FIRST])
    problems = read_inbox(edition, "startup", workspace).problems
    (listed,) = about(problems, "données personnelles")
    assert listed.found == (
        "des données personnelles : écartées : « ipaddr » (adresse IP), « Nom » (nom de personne), "
        "« Téléphone » (téléphone)"
    ), "the question that asks for the address is expected, and not worth a word"
    (inside,) = about(problems, "dans 2 réponses")
    assert "comment (1)" in inside.found and "first_contact__other_text (1)" in inside.found
    assert {listed.severity, inside.severity} == {"warning"}


def test_the_one_column_of_addresses_is_hashed_where_no_question_asks(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["siren", "Courriel pro"], ["732829320", "a@b.fr"]])
    (listed,) = about(read_inbox(hashing(edition), "startup", workspace).problems, "données personnelles")
    assert listed.found.endswith("remplacées par une empreinte : « Courriel pro » (adresse électronique)")
    assert hashes(hashing(edition), workspace) == [keyed_hash("email", "a@b.fr", workspace.personal_key())]
    drop("a.csv", [["siren", "Courriel pro", "Courriel privé"], ["732829320", "a@b.fr", "c@d.fr"]])
    assert about(read_inbox(hashing(edition), "startup", workspace).problems, "plusieurs colonnes")
    assert hashes(hashing(edition), workspace) == [None]


def test_one_address_is_one_hash_in_one_workspace(
    edition: Edition, workspace: Workspace, drop: Drop, tmp_path: Path
) -> None:
    wanted = hashing(edition, email="contact_email")
    column_of(drop, "a@b.fr", " A@B.FR ", "c@b.fr", "", "pas d'adresse")
    one, same, other, none, unreadable = hashes(wanted, workspace)
    assert one is not None and one == same != other and none is None and unreadable is None
    assert [one, same, other, None, None] == hashes(wanted, workspace)
    elsewhere = Workspace(tmp_path / "elsewhere")
    inbox = elsewhere.inbox("2025", "startup")
    inbox.parent.mkdir(parents=True)
    workspace.inbox("2025", "startup").rename(inbox)
    assert hashes(wanted, elsewhere)[0] not in {one, None}


def test_telephones_and_names_are_hashed_alike_however_written(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    questionnaire = edition.questionnaires["startup"].model_copy(
        update={"personal": PersonalData(phone="hash", name="hash")}
    )
    wanted = edition.model_copy(update={"questionnaires": {"startup": questionnaire}})
    people = [["06 12 34 56 78", "Élodie", "Dupont"], ["+33612345678", "elodie", "DUPONT"], ["0142345678", "Jean", ""]]
    drop("a.csv", [["siren", "Téléphone", "Prénom", "Nom"], *(["732829320", *person] for person in people)])
    table = read_inbox(wanted, "startup", workspace).table
    for name in ("phone_hash", "name_hash"):
        one, same, other = table[name]
        assert one == same != other
    assert table["email_hash"].isna().all()


def test_free_text_that_is_all_addresses_is_left_out_and_told(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    drop("a.csv", [["siren", "comment"], ["732829320", "10.0.0.1"], ["552100554", "10.0.0.2"]])
    ingested = read_inbox(edition, "startup", workspace)
    assert "comment" not in ingested.table
    (told,) = about(ingested.problems, "données personnelles")
    assert told.column == "comment" and "personal: true" in told.action and "startup.yaml" in told.action


def test_a_question_that_is_not_personal_is_kept_whatever_its_heading(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    questionnaire = edition.questionnaires["startup"]
    question = Question(id="scheme", section="all", type="text", label={"fr": "Nom"})
    asking = questionnaire.model_copy(update={"questions": (*questionnaire.questions, question)})
    drop("a.csv", [["siren", "Nom"], ["732829320", "Je choisis la French Tech"]])
    ingested = read_inbox(edition.model_copy(update={"questionnaires": {"startup": asking}}), "startup", workspace)
    assert list(ingested.table["scheme"]) == ["Je choisis la French Tech"] and not about(ingested.problems, "personnel")


@pytest.mark.parametrize("treatment", ["drop", "hash"])
def test_ids_that_are_addresses_are_not_kept(
    edition: Edition, workspace: Workspace, drop: Drop, treatment: str
) -> None:
    drop("a.csv", [["id", "siren"], ["a@b.fr", "732829320"], ["c@d.fr", "552100554"]])
    kept = read_inbox(hashing(edition) if treatment == "hash" else edition, "startup", workspace).table["tool_id"]
    assert not kept.astype("str").str.contains("@").any()
    assert kept.nunique() == (2 if treatment == "hash" else 0)


def test_a_heading_that_is_an_address_is_not_repeated(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["siren", "relation_12m", "x@exemple.fr"], ["732829320", "Oui", "a@b.fr"]])
    (listed,) = about(read_inbox(edition, "startup", workspace).problems, "données personnelles")
    assert "colonne C" in listed.found and "@" not in listed.render()


# The key


def test_the_key_is_made_once_for_its_owner_alone(workspace: Workspace) -> None:
    key = workspace.personal_key()
    assert len(key) == 32 and workspace.personal_key() == key
    assert workspace.personal_key_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in workspace.root.iterdir()] == ["personal.key"]
    workspace.personal_key_file.write_bytes(b"short")
    with pytest.raises(ProblemsError, match="incomplète"):
        workspace.personal_key()


def test_no_key_is_made_by_a_check_nor_where_nothing_is_hashed(
    edition: Edition, workspace: Workspace, drop: Drop
) -> None:
    column_of(drop, "a@b.fr")
    read_inbox(edition, "startup", workspace)
    table = read_inbox(hashing(edition, email="contact_email"), "startup", workspace, propose=False).table
    assert table["email_hash"].isna().all()
    assert not workspace.personal_key_file.exists()


@pytest.mark.parametrize("name", ["2023", "2024", "2025"])
def test_shipped_editions_that_ask_for_an_address_keep_its_hash(name: str) -> None:
    for questionnaire in load_edition(SCHEMAS, name).questionnaires.values():
        assert questionnaire.identity.email is not None and questionnaire.personal.email == "hash"
        assert questionnaire.question(questionnaire.identity.email).personal


@pytest.mark.parametrize("typed", ["06 99 33 22 03", "+33 6 99 33 22 03", "0699332203"])
def test_a_telephone_number_typed_in_a_closed_question_is_not_stored(
    edition: Edition, workspace: Workspace, drop: Drop, typed: str
) -> None:
    head = ["id", "Quel est votre numéro SIREN ?", "Avez-vous travaillé avec un grand compte ces 12 derniers mois ?"]
    drop(
        "a.csv",
        [
            [*head, "Chiffre d'affaires 2024 (en euros)"],
            ["1", "732829320", typed, typed],
            ["2", "552100554", "Oui", "0123"],
        ],
    )
    table = read_inbox(edition, "startup", workspace).table
    assert list(table["relation_12m"]) == [PHONE_REMOVED, "Oui"]
    assert list(table["revenue_last"]) == [PHONE_REMOVED, "0123"]


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Bretagne, 07 55 66 77 25", f"Bretagne, {PHONE_REMOVED}"),
        ("Bretagne (tél 0655667728)", f"Bretagne (tél {PHONE_REMOVED})"),
        ("Bretagne / +33 6 55 66 77 29", f"Bretagne / {PHONE_REMOVED}"),
        ("100000 (07 55 66 77 32)", f"100000 ({PHONE_REMOVED})"),
    ],
)
def test_a_telephone_number_beside_other_text_is_taken_out_of_a_closed_question(typed: str, left: str) -> None:
    assert MemoryColumns([(typed,)], 1).may_hold_contacts(0)
    assert redactions([typed], free_text=False) == {typed: left}


@pytest.mark.parametrize(
    "kept",
    [
        "le 01/02/2025 10:30",
        "de 0 à 10 000 000",
        "1250000",
        "0,5",
        "01/02/2025 10:30",
        "005520135",
        "00552013500012",
        "0000000000",
    ],
)
def test_amounts_dates_and_firm_numbers_are_no_telephone_numbers(kept: str) -> None:
    assert redactions([kept], free_text=False) == {}


PERSONS = ["Vos coordonnées", "Contact", "Noms des référents", "Dirigeant", "Interlocuteur privilégié"]
PERSONS += ["Qui a rempli ce formulaire ?"]


def test_columns_of_persons_are_dropped_and_never_proposed(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    drop("a.csv", [["siren", *PERSONS], *(["732829320", *["Zoé Marchandeau"] * len(PERSONS)] for _ in range(4))])
    ingested = read_inbox(edition, "startup", workspace)
    (listed,) = about(ingested.problems, "données personnelles")
    assert all(f"« {heading} »" in listed.found for heading in PERSONS)
    assert not any(match.asked for match in ingested.mapping)
    assert not (workspace.review("2025") / "mapping-startup.yaml").exists()


def test_an_inspection_does_not_list_the_names_of_persons_as_options(as_csv: AsCsv) -> None:
    rows = [["N° SIREN", *PERSONS, "Canal"], *(["732829320", *["Zoé Marchandeau"] * 6, "Salon"] for _ in range(4))]
    inspection = inspect_form(read_form(parse_document(as_csv(rows).encode(), "a.csv")))
    assert [person.column.heading for person in inspection.personal_data] == PERSONS
    assert {question.text: question.options for question in inspection.questions if question.options} == {
        "Canal": ("Salon",)
    }


# The partner


def partners(edition: Edition, workspace: Workspace) -> list[str | None]:
    return [None if pd.isna(cell) else str(cell) for cell in read_inbox(edition, "startup", workspace).table["partner"]]


@pytest.mark.parametrize(
    "cells",
    [
        ["Jeanne Dupontel", "jd1@secretmail.fr", "Jeanne Dupontel", "Jeanne Dupontel"],
        ["Réseau A", "06 12 34 56 78", "Réseau A", "Réseau A"],
        ["Jeanne Dupontel", "Karim Benzarti", "Zoé Marchandeau", "Élodie Quintavalle", "Jean Dupont"],
    ],
)
@pytest.mark.parametrize("folder", ["", "Réseau B"])
def test_a_partner_who_is_a_person_is_not_stored(
    edition: Edition, workspace: Workspace, drop: Drop, cells: list[str], folder: str
) -> None:
    rows = [["732829320", f"avis {number}", cell] for number, cell in enumerate(cells)]
    drop(f"{folder}/a.csv" if folder else "a.csv", [["siren", "comment", "Partenaire"], *rows])
    assert partners(edition, workspace) == [folder or None] * len(cells)
    ingested = read_inbox(edition, "startup", workspace)
    (told,) = about(ingested.problems, "et non des partenaires")
    assert told.severity == "warning" and told.column == "Partenaire"
    assert not any(cell in problem.render() for problem in ingested.problems for cell in cells)
    assert list(ingested.files["partner"]) == [folder]


def test_a_partner_who_collected_several_answers_is_kept(edition: Edition, workspace: Workspace, drop: Drop) -> None:
    cells = ["Réseau A", "Réseau A", "Réseau B", "Réseau B", "Réseau A", ""]
    drop("C/a.csv", [["siren", "comment", "Partenaire"], *(["732829320", f"{n}", c] for n, c in enumerate(cells))])
    assert partners(edition, workspace) == [*cells[:5], "C"]


# File names


@pytest.mark.parametrize("name", ["export jean.dupont@exemple.fr.csv", "jean.dupont@exemple.fr/a.csv"])
def test_a_file_named_after_an_address_is_refused_without_repeating_it(
    edition: Edition, workspace: Workspace, drop: Drop, name: str
) -> None:
    drop(name, [["siren", "comment"], ["732829320", "Bien"]])
    drop("b.csv", [["siren", "comment"], ["552100554", "Bien"]])
    with pytest.raises(ProblemsError, match="renommez") as caught:
        read_inbox(edition, "startup", workspace)
    assert "dupont" not in str(caught.value)
    assert EMAIL_REMOVED in caught.value.problems[0].file
