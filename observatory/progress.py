"""How long work tells where it is.

Belongs here: the small interface that every step is given, and its console form. Does
not belong here: any work, and any answer of a respondent.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from observatory.problems import Problem


@dataclass
class Progress:
    """Collects what happened; shows nothing. The base of the console's and of Dagster's."""

    warnings: list[Problem] = field(default_factory=list)

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Around one step of the work."""
        yield

    def say(self, text: str) -> None:
        """One fact about the running step."""

    def doing(self, text: str) -> None:
        """What the running step is at just now; forgotten when it goes on."""

    def notice(self, text: str) -> None:
        """What the person who waits must know at once."""

    def warn(self, problems: Sequence[Problem]) -> None:
        """What the team should look at, once the work is done."""
        self.warnings.extend(problems)


@dataclass
class ConsoleProgress(Progress):
    """One line a step, with its facts and its time; the running step is shown while it lasts on a terminal."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    label: str = ""
    facts: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        self.label = label
        self.facts.clear()
        started = time.perf_counter()
        self.doing("")
        try:
            yield
        except BaseException:
            self._write(f"  ✗ {label}\n")
            raise
        elapsed = seconds(time.perf_counter() - started)
        facts = ", ".join(self.facts)
        self._write(f"  ✓ {label:<42} {facts + '  ' if facts else ''}({elapsed})\n")

    def say(self, text: str) -> None:
        self.facts.append(text)

    def doing(self, text: str) -> None:
        if self.stream.isatty():
            self._write(f"  … {self.label}{' : ' + text if text else ''}")

    def notice(self, text: str) -> None:
        self._write(f"  {text}\n")

    def _write(self, text: str) -> None:
        # On a terminal each line replaces what was being done.
        self.stream.write(f"\r\x1b[2K{text}" if self.stream.isatty() else text)
        self.stream.flush()


def seconds(duration: float) -> str:
    """`12,3 s`."""
    return f"{duration:.1f} s".replace(".", ",")
