"""A new year starts as a copy of the last, each question descending from its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from observatory.cli import main_group
from observatory.editions.load import edition_names, load_edition
from observatory.editions.new_edition import create_edition
from observatory.ingest.mapping import accepted_mapping
from observatory.problems import ProblemsError

SCHEMAS = Path(__file__).parents[2] / "survey_schemas"


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEMAS, tmp_path / "survey_schemas"))


def test_the_new_edition_loads_and_every_question_is_comparable_with_its_ancestor(schemas: Path) -> None:
    last = edition_names(schemas)[-1]
    following = str(int(last) + 1)
    create_edition(schemas, following)
    edition = load_edition(schemas, following)
    assert edition.config.previous == last
    assert edition.reference_years == (int(following) - 2, int(following) - 1)
    for audience in edition.audiences:
        for question in edition.questionnaires[audience].questions:
            assert question.lineage is not None and question.lineage.same_as == f"{last}.{question.id}"
            assert question.lineage.allows_change


def test_comments_of_the_team_are_kept(schemas: Path) -> None:
    last = edition_names(schemas)[-1]
    file = schemas / last / "buyer.yaml"
    file.write_text("# note de l'équipe\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    folder, _ = create_edition(schemas, str(int(last) + 1))
    assert "# note de l'équipe" in (folder / "buyer.yaml").read_text(encoding="utf-8")


def test_the_next_edition_starts_from_the_columns_accepted(schemas: Path) -> None:
    last = edition_names(schemas)[-1]
    mappings = schemas / last / "mappings"
    mappings.mkdir(exist_ok=True)
    (mappings / "buyer.yaml").write_text(
        f"# édition {last}\ncolumns:\n"
        "  - {heading: Votre n° SIREN, target: siren, accepted_by: CD, accepted_on: 2025-11-12}\n"
        "  - {heading: Commentaire interne, target: ignore, accepted_by: CD, accepted_on: 2025-11-12}\n"
        "  - {heading: Question abandonnée, target: abandoned, accepted_by: CD, accepted_on: 2024-11-12}\n",
        encoding="utf-8",
    )
    following = str(int(last) + 1)
    told = CliRunner().invoke(main_group, ["new-edition", following, "--schemas", str(schemas)])
    assert told.exit_code == 0, told.output
    assert "reprises : 2 ; laissées, faute de question ou d'option : abandoned" in told.output
    edition = load_edition(schemas, following)
    assert accepted_mapping(edition, "buyer") == {("votre n° siren", 1): "siren", ("commentaire interne", 1): "ignore"}
    text = (edition.folder / "mappings" / "buyer.yaml").read_text(encoding="utf-8")
    assert f"édition {following}" in text and "CD" in text and "2025-11-12" in text
    assert accepted_mapping(load_edition(schemas, last), "buyer").keys() >= {("question abandonnée", 1)}


@pytest.mark.parametrize("name", ["2025", "vingt", "2020"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(schemas: Path, name: str) -> None:
    before = sorted(path.name for path in schemas.iterdir())
    with pytest.raises(ProblemsError):
        create_edition(schemas, name)
    assert sorted(path.name for path in schemas.iterdir()) == before


def test_a_source_that_does_not_load_leaves_no_folder(schemas: Path) -> None:
    last = edition_names(schemas)[-1]
    (schemas / last / "buyer.yaml").write_text("questions: [", encoding="utf-8")
    with pytest.raises(ProblemsError):
        create_edition(schemas, str(int(last) + 1))
    assert not (schemas / str(int(last) + 1)).exists()
