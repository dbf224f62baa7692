"""What `observatory check` says of each file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from observatory.check import check_edition
from observatory.editions.load import load_edition
from observatory.ingest.step import ingest
from observatory.ingest.watch import inbox_state
from observatory.locations import Locations
from observatory.progress import Progress
from observatory.workspace import Workspace

EDITIONS = Path(__file__).parents[1] / "editions" / "tiny"
EXPORT = "id,SIREN,Taille,Vos freins,Achats totaux,Achats auprès de start-up\n1,732829320,Petite,Aucun,1000,100\n"


@pytest.fixture
def places(workspace: Workspace, tmp_path: Path) -> Locations:
    workspace.inbox("2025", "buyer").mkdir(parents=True)
    return Locations(workspace=workspace, schemas=EDITIONS, reports=tmp_path)


def test_one_line_a_file(places: Locations) -> None:
    for name in ("a.csv", "b.csv"):
        (places.workspace.inbox("2025", "buyer") / name).write_text(EXPORT, encoding="utf-8")
    lines, problems, _ = check_edition("2025", places)
    assert lines[1:] == [
        "  a.csv : tableau, nouveau, 1 réponse, 5 questions trouvées sur 5",
        "  b.csv : identique à a.csv, ignoré",
    ]
    assert not problems


def test_a_file_that_the_last_run_read_is_not_new(places: Locations) -> None:
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "a.csv").write_text(EXPORT, encoding="utf-8")
    ingest(load_edition(places.schemas, "2025"), "buyer", places.workspace, Progress())
    (inbox / "b.csv").write_text(EXPORT.replace("1,732829320", "2,552100554"), encoding="utf-8")
    lines, _, _ = check_edition("2025", places)
    assert [line.split(", ")[1] for line in lines[1:]] == ["déjà lu", "nouveau"]


def test_refused_files_have_their_line(places: Locations) -> None:
    (places.workspace.inbox("2025", "buyer") / "a.csv").write_text(EXPORT, encoding="utf-8")
    (places.workspace.inbox("2025", "buyer") / "b.csv").write_bytes(b"%PDF-1.7")
    lines, problems, _ = check_edition("2025", places)
    assert lines[1:] == [
        "  a.csv : tableau, nouveau, 1 réponse, 5 questions trouvées sur 5",
        "  b.csv : refusé, 1 motif ci-dessous",
    ]
    assert [problem.file for problem in problems] == ["b.csv"]


def test_every_deposit_has_its_line(places: Locations) -> None:
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "a.csv").write_text(EXPORT, encoding="utf-8")
    unread = ("notes.docx", "page.html", "photo.png", "plaquette.pdf", "reponses.json")
    for name in unread:
        (inbox / name).write_bytes(b"x")
    (inbox.parent / "egare.csv").write_text(EXPORT, encoding="utf-8")
    (inbox.parent.parent / "perdu.xlsx").write_bytes(b"x")
    (inbox.parent.parent / "buyer").mkdir()
    (inbox.parent.parent / "buyer" / "sans-edition.csv").write_text(EXPORT, encoding="utf-8")
    lines, problems, _ = check_edition("2025", places)
    assert [line.split(" : ")[0].strip() for line in lines[1:]] == [
        "a.csv",
        *unread,
        "Hors du dossier d'un public :",
        "egare.csv",
        "inbox/buyer/sans-edition.csv",
        "inbox/perdu.xlsx",
    ]
    assert lines[2] == "  notes.docx : non lu, un fichier .docx"
    assert all(problem.severity == "warning" for problem in problems)


def test_a_link_that_leads_nowhere_is_refused(places: Locations) -> None:
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "a.csv").write_text(EXPORT, encoding="utf-8")
    (inbox / "b.csv").symlink_to(inbox / "parti.csv")
    lines, problems, _ = check_edition("2025", places)
    assert lines[2] == "  b.csv : refusé, 1 motif ci-dessous"
    assert [(problem.file, problem.found) for problem in problems] == [("b.csv", "un lien qui ne mène à aucun fichier")]
    assert inbox_state(places.workspace, "2025").fingerprint


def test_empty_files_are_no_copies_of_one_another(places: Locations) -> None:
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "a.csv").write_text(EXPORT, encoding="utf-8")
    for name in ("vide.csv", "vide.xlsx"):
        (inbox / name).touch()
    lines, problems, _ = check_edition("2025", places)
    assert lines[2:] == [f"  {name} : refusé, 1 motif ci-dessous" for name in ("vide.csv", "vide.xlsx")]
    assert {problem.found for problem in problems} == {"un fichier vide"}


def test_partners_and_contained_files_are_told(places: Locations) -> None:
    head, first = EXPORT.splitlines()
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "Réseau A").mkdir()
    more = [f"{id},732829320,Petite,Aucun,{id}000,{id}00" for id in range(2, 5)]
    lines = {"Réseau A/1.csv": [head, first, *more[:1]], "Réseau A/2.csv": [head, first, *more]}
    for name, content in lines.items():
        (inbox / name).write_text("\n".join(content) + "\n", encoding="utf-8")
    told, _, _ = check_edition("2025", places)
    assert told[1:] == [
        (
            "  Réseau A/1.csv : tableau, nouveau, 2 réponses, 5 questions trouvées sur 5, partenaire : Réseau A, "
            "entièrement contenu dans Réseau A/2.csv : 2 répondants repris"
        ),
        "  Réseau A/2.csv : tableau, nouveau, 4 réponses, 5 questions trouvées sur 5, partenaire : Réseau A",
    ]


def test_before_the_answers_the_questionnaires_are_in_order(places: Locations) -> None:
    lines, problems, awaited = check_edition("2025", places)
    assert lines[1:] == ["  pas encore de réponses"]
    assert not problems
    assert awaited == ["buyer"]


def test_answers_in_the_wrong_folder_are_told_where_none_lies_in_the_right_one(places: Locations) -> None:
    (places.workspace.inbox("2025", "buyer").parent / "export.csv").write_text(EXPORT, encoding="utf-8")
    _, problems, awaited = check_edition("2025", places)
    assert ["export.csv" in problem.found for problem in problems] == [True]
    assert awaited == ["buyer"]


def test_a_file_without_answers_is_told(places: Locations) -> None:
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "a.csv").write_text(EXPORT, encoding="utf-8")
    (inbox / "vide.csv").write_text(EXPORT.splitlines()[0] + "\n", encoding="utf-8")
    _, problems, awaited = check_edition("2025", places)
    assert [(problem.file, problem.found, problem.severity) for problem in problems] == [
        ("vide.csv", "aucune réponse dans ce fichier", "warning")
    ]
    assert not awaited


@pytest.fixture
def chapter(places: Locations, tmp_path: Path) -> tuple[Locations, Path]:
    """The tiny edition in a folder of its own, and its chapter."""
    schemas = Path(shutil.copytree(EDITIONS, tmp_path / "schemas"))
    own = Locations(places.workspace, schemas, places.reports)
    return own, schemas / "2025" / "report" / "fr" / "chapters" / "summary.md"


@pytest.mark.parametrize("name", ["buyer.obstacels", "buyer.obstacles.mean"])
def test_prose_that_names_a_figure_never_computed_is_told_with_its_line(
    chapter: tuple[Locations, Path], name: str
) -> None:
    places, file = chapter
    text = file.read_text(encoding="utf-8") + "\n\n{{ ranking('" + name + "') }}\n"
    file.write_text(text, encoding="utf-8")
    (problem,) = check_edition("2025", places).problems
    assert (problem.file, problem.line) == ("2025/report/fr/chapters/summary.md", text.count("\n"))
    assert name in problem.found and problem.severity == "error"


def test_prose_for_editions_that_ask_more_is_left_alone(chapter: tuple[Locations, Path]) -> None:
    places, file = chapter
    more = "{% if asked('buyer.more') %}{{ figure('buyer.more.share', option='yes') }}{% endif %}\n"
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert check_edition("2025", places).problems == []
