"""The form tools that can be read: one module a tool, found here without being listed.

Belongs here: finding the tool that wrote a table. To add a tool, add a module to this
package that holds `TOOL`, a `Tool`; nothing else changes.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from observatory.ingest.files import Table
from observatory.ingest.headers import lay_out
from observatory.ingest.tools.form import Form, Tool


@cache
def tools() -> tuple[Tool, ...]:
    """Every tool there is a module for, by name."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(module.TOOL for module in modules if hasattr(module, "TOOL"))


def read_form(table: Table) -> Form:
    """The table as the tool that recognises it best reads it. Raises ProblemsError where it can't be read."""
    layout = lay_out(table)
    tool = max(tools(), key=lambda candidate: candidate.recognise(layout))
    return tool.read(table, layout)
