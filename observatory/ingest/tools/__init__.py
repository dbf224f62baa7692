"""The form tools that can be read: one module a tool, found here without being listed.

Belongs here: finding the tool that wrote a table. To add a tool, add a module to this
package that holds `TOOL`, a `Tool`; nothing else changes.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from observatory.ingest.documents import Document
from observatory.ingest.files import EXPORT, refuse
from observatory.ingest.sheets import in_front
from observatory.ingest.tools.form import Form, Tool
from observatory.problems import ProblemsError

_NO_TABLE = {
    "xml": "un document XML",
    "json": "un document JSON",
    "sqlite": "une base SQLite",
    "spss": "un fichier SPSS",
}

UNSURE = 0.1
"""How sure a tool is of what any table may be."""


@cache
def tools() -> tuple[Tool, ...]:
    """Every tool there is a module for, by name."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(module.TOOL for module in modules if hasattr(module, "TOOL"))


def read_form(document: Document) -> Form:
    """The document as the tool that recognises it best reads it. Raises ProblemsError where it can't be read."""
    sure, tool = _likeliest(document)
    if not document.tables and not sure:
        refuse(document.file, _NO_TABLE.get(document.kind, "un fichier sans tableau"), "un tableau CSV ou XLSX", EXPORT)
    if sure <= UNSURE and document.kind == "workbook" and len(document.tables) > 1:
        # A sheet that a tool knows comes before one that is merely wide.
        others = [(*_likeliest(other), other) for other in in_front(document)]
        if others:
            _, tool, document = max(others, key=lambda other: other[0])
    return tool.read(document)


def _likeliest(document: Document) -> tuple[float, Tool]:
    """The tool that recognises the document best, and how sure it is."""
    sureness = {tool: _sureness(tool, document) for tool in tools()}
    tool = max(sureness, key=lambda candidate: sureness[candidate])
    return sureness[tool], tool


def _sureness(tool: Tool, document: Document) -> float:
    try:
        return tool.recognise(document)
    except ProblemsError:
        # What hinders one way of reading the headers need not hinder the tool that knows them.
        return 0.0


def title_of(name: str) -> str:
    """A tool's name as readers know it."""
    return next((tool.title for tool in tools() if tool.name == name), name)
