"""What `observatory check` says of each file."""

from __future__ import annotations

from pathlib import Path

import pytest

from observatory.check import check_edition
from observatory.editions.load import load_edition
from observatory.ingest.step import ingest
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
    lines, problems = check_edition("2025", places)
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
    lines, _ = check_edition("2025", places)
    assert [line.split(", ")[1] for line in lines[1:]] == ["déjà lu", "nouveau"]


def test_refused_files_have_their_line(places: Locations) -> None:
    (places.workspace.inbox("2025", "buyer") / "a.csv").write_text(EXPORT, encoding="utf-8")
    (places.workspace.inbox("2025", "buyer") / "b.csv").write_bytes(b"%PDF-1.7")
    lines, problems = check_edition("2025", places)
    assert lines[1:] == [
        "  a.csv : tableau, nouveau, 1 réponse, 5 questions trouvées sur 5",
        "  b.csv : refusé, 1 motif ci-dessous",
    ]
    assert [problem.file for problem in problems] == ["b.csv"]


def test_partners_and_contained_files_are_told(places: Locations) -> None:
    head, first = EXPORT.splitlines()
    inbox = places.workspace.inbox("2025", "buyer")
    (inbox / "Réseau A").mkdir()
    more = [f"{id},732829320,Petite,Aucun,{id}000,{id}00" for id in range(2, 5)]
    lines = {"Réseau A/1.csv": [head, first, *more[:1]], "Réseau A/2.csv": [head, first, *more]}
    for name, content in lines.items():
        (inbox / name).write_text("\n".join(content) + "\n", encoding="utf-8")
    told, _ = check_edition("2025", places)
    assert told[1:] == [
        (
            "  Réseau A/1.csv : tableau, nouveau, 2 réponses, 5 questions trouvées sur 5, partenaire : Réseau A, "
            "entièrement contenu dans Réseau A/2.csv : 2 répondants repris"
        ),
        "  Réseau A/2.csv : tableau, nouveau, 4 réponses, 5 questions trouvées sur 5, partenaire : Réseau A",
    ]
