"""What is said when something is refused.

Belongs here: the shape and the wording frame of a refusal. Does not belong here: the
rules themselves. A problem never carries a respondent's answer: values live only in the
quarantine table and its spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Problem:
    """One refusal or warning, in French: where it is, what was found, what was expected, what to do."""

    expected: str
    action: str
    file: str = ""
    line: int | None = None
    row: int | None = None
    column: str = ""
    found: str = ""
    severity: Literal["error", "warning"] = "error"

    @property
    def place(self) -> str:
        """Where, as a reader would say it: file, line, row and column, as far as known."""
        parts = [
            self.file,
            f"ligne {self.line}" if self.line is not None else "",
            f"rangée {self.row}" if self.row is not None else "",
            f"« {self.column} »" if self.column else "",
        ]
        return ", ".join(part for part in parts if part)

    def render(self) -> str:
        """The whole message, on up to four lines; without a place, what was found comes first."""
        lines = [self.place] if self.place else [self.found]
        if self.place and self.found:
            lines.append(f"  trouvé : {self.found}")
        lines += [f"  attendu : {self.expected}", f"  à faire : {self.action}"]
        return "\n".join(lines)


class ProblemsError(Exception):
    """Work that can't go on, with every reason at once. The command prints them and ends with status 1."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.render() for problem in self.problems))
