"""Finding a tool's headers, and that no tool takes another's export for its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from observatory.ingest.documents import open_document, parse_document
from observatory.ingest.tools import (
    demarches_simplifiees,
    eusurvey,
    framaforms,
    google_forms,
    indico,
    limesurvey,
    microsoft_forms,
    sphinx,
)
from observatory.ingest.tools.form import Tool
from observatory.ingest.tools.signature import header_row, run_of, under

TOOLS = [
    module.TOOL
    for module in (
        demarches_simplifiees,
        eusurvey,
        framaforms,
        google_forms,
        indico,
        limesurvey,
        microsoft_forms,
        sphinx,
    )
]
OTHERS = ("qualtrics", "surveymonkey", "typeform", "kobo_odk", "grist", "spss", "excel_fr_csv")


@pytest.mark.parametrize("folder", OTHERS)
def test_exports_of_other_tools_are_not_claimed(folder: str, shared: Callable[[str], Path]) -> None:
    for path in sorted(shared(f"forms/{folder}").iterdir()):
        document = open_document(path)
        assert {tool.name for tool in TOOLS if tool.recognise(document)} == set(), path.name


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@pytest.mark.parametrize(
    "text", ["a\n", "a;b\n", "\n\n;;\nid;submitdate\n", "Timestamp\n", "Submitter\nx;y;z\n", "N°Obs\n;a\n"]
)
def test_recognising_raises_nothing(tool: Tool, text: str) -> None:
    assert 0 <= tool.recognise(parse_document(text.encode(), "export.csv")) < 1


def test_headers_stand_below_lines_that_a_team_typed() -> None:
    table = parse_document("Données simulées;;\n\nHorodateur;Âge;\n1;2;3\n".encode(), "export.csv").table
    row = header_row(table, lambda names: names[0] == "horodateur")
    assert row == 1
    layout = under(table, row)
    assert (layout.titles, layout.header_rows, layout.numbers) == (("Données simulées",), 2, (4,))


def test_metadata_end_where_a_heading_comes_again() -> None:
    assert run_of(["", "id", "nom", "nom", "id"], {"id", "nom"}) == 3
    assert run_of(["id", "âge"], {"id", "nom"}) == 1
    assert run_of(["id", "nom"], {"id", "nom"}) == 2
