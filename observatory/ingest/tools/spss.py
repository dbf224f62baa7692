"""SPSS data files (.sav, .zsav), whichever tool wrote them.

Belongs here: labels in place of values, multiple-response sets, missing values, dates. Variables of LimeSurvey,
Qualtrics or Kobo keep the roles that those tools' names tell. Does not belong here: portable files (.por).
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from observatory.ingest.cells import Cells, MemoryColumns
from observatory.ingest.documents import Document
from observatory.ingest.files import Table, cell_text, refuse
from observatory.ingest.headers import Heading, Layout
from observatory.ingest.tools.form import Column, Form, QuestionKind, Role, Tool, make_form, role_among, role_of
from observatory.ingest.tools.tool_columns import is_qualtrics_test, kobo_role, qualtrics_role
from observatory.phrases import listed
from observatory.problems import Problem


@dataclass(frozen=True)
class _Set:
    """A multiple-response set: with `counted`, a variable an option; without, each variable holds one label chosen."""

    code: str
    question: str
    counted: str | None
    variables: tuple[str, ...]


def _recognise(document: Document) -> float:
    return 0.95 if document.kind == "spss" else 0.0


def _read(document: Document) -> Form:
    values, metadata = _open(document)
    names: list[str] = list(metadata.column_names)
    labels = {name: str(metadata.column_names_to_labels.get(name) or "").strip() for name in names}
    sets = _sets(metadata)
    of = {name: one for one in sets for name in one.variables}
    cells: list[Cells] = []
    columns = []
    unlabelled = []
    for position, name in enumerate(names):
        meanings: Mapping[Any, str] = metadata.variable_value_labels.get(name, {})
        found = values[name]
        one = of.get(name)
        cells.append(_ticks(found, one.counted) if one and one.counted is not None else _texts(found, meanings))
        columns.append(_column(position, name, labels, meanings, one, names))
        if meanings and columns[-1].role is None and not _all_labelled(found, meanings):
            unlabelled.append(name)
    rows = len(next(iter(values.values()), ()))
    headings = tuple(Heading(column.heading) for column in columns)
    layout = Layout((), 0, headings, tuple(range(1, rows + 1)), MemoryColumns(cells, rows), ())
    table = Table(document.file, document.sha256, "", "", ())
    warnings = [_some_unlabelled(document.file, unlabelled)] if unlabelled else []
    return make_form(
        "spss",
        table,
        layout,
        columns,
        complete=None,
        test=_tests(names, columns, cells),
        warnings=(*document.warnings, *warnings),
    )


def _open(document: Document) -> tuple[Mapping[str, Sequence[Any]], Any]:
    """Each variable's values, and what the file says of them. Values that the file declares missing are None."""
    # Loaded for a file of its kind alone: it takes as long as reading 5,000 answers.
    import pyreadstat

    # The reader wants a path: this one is of a file in memory, so that no answer lies outside the workspace.
    descriptor = os.memfd_create("spss")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as stream:
            stream.write(document.data)
        values, metadata = pyreadstat.read_sav(f"/proc/self/fd/{descriptor}", output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError):
        refuse(
            document.file,
            "un fichier SPSS coupé ou abîmé",
            "un fichier .sav complet",
            "exportez de nouveau les réponses, en .sav, en CSV ou en XLSX",
        )
    finally:
        os.close(descriptor)
    return values, metadata


def _sets(metadata: Any) -> list[_Set]:
    found = []
    for name, described in (metadata.mr_sets or {}).items():
        counted = described.get("counted_value")
        code = str(name).removeprefix("$")
        question = str(described.get("label") or "").strip() or code
        variables = tuple(variable for variable in described["variable_list"] if variable in metadata.column_names)
        found.append(_Set(code, question, cell_text(counted) if described.get("is_dichotomy") else None, variables))
    return found


# Columns


def _column(
    position: int,
    name: str,
    labels: Mapping[str, str],
    meanings: Mapping[Any, str],
    one: _Set | None,
    names: Sequence[str],
) -> Column:
    label = labels[name]
    heading = label or name
    if one is not None and one.counted is not None:
        options = tuple(labels[variable] or variable for variable in one.variables)
        full = f"{one.question} [{label or name}]"
        return Column(position, full, one.question, label or name, one.code, name, kind="multiple", options=options)
    options = tuple(str(meaning) for meaning in meanings.values())
    if one is not None:
        return Column(position, heading, one.question, code=one.code, kind="multiple", options=options)
    role = _role(name, label, names)
    kind: QuestionKind | None = "single" if options and role is None else None
    return Column(position, heading, heading, code=name, role=role, kind=kind, options=options if kind else ())


def _role(name: str, label: str, names: Sequence[str]) -> Role | None:
    # SPSS takes no name that begins with `_`: writers put an @ in front.
    plain = name.removeprefix("@")
    if plain.startswith("_") and (role := kobo_role(plain, [other.removeprefix("@") for other in names])):
        return role
    if {"responseid", "finished"} <= {other.casefold() for other in names} and (role := qualtrics_role(plain)):
        return role
    return role_of(Heading(plain)) or role_among(label, {})


def _tests(names: Sequence[str], columns: Sequence[Column], cells: Sequence[Cells]) -> list[str | None] | None:
    position = next((column.position for column in columns if column.role == "test"), None)
    if position is None:
        return None
    verdicts = {status: is_qualtrics_test(status) for status in set(cells[position])}
    return [verdicts[status] for status in cells[position]]


# Cells


def _texts(values: Sequence[Any], meanings: Mapping[Any, str]) -> list[str]:
    """Each value's label, or the value as a person would type it; nothing for one that is missing."""
    texts: dict[Hashable, str] = {
        value: "" if value is None else str(meanings[value]) if value in meanings else cell_text(value).strip()
        for value in set(values)
    }
    return [texts[value] for value in values]


def _ticks(values: Sequence[Any], counted: str) -> list[str]:
    """1 where a variable holds the value that its set counts, 0 where it holds another."""
    ticks = {value: "" if value in (None, "") else "1" if cell_text(value) == counted else "0" for value in set(values)}
    return [ticks[value] for value in values]


def _all_labelled(values: Sequence[Any], meanings: Mapping[Any, str]) -> bool:
    return all(value in meanings or value in (None, "") for value in set(values))


def _some_unlabelled(file: str, names: Sequence[str]) -> Problem:
    return Problem(
        file=file,
        column=names[0],
        found=f"des valeurs sans étiquette dans des variables qui en ont : {listed(names)}",
        expected="une étiquette par valeur",
        action="rien si ce sont des nombres ; sinon, complétez les étiquettes de valeurs dans SPSS",
        severity="warning",
    )


TOOL = Tool("spss", "SPSS", _recognise, _read)
