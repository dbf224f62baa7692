"""The workspace: the folder where answers, the database and outputs live, apart from the code.

Belongs here: where things are in a workspace, its settings, and who may work in it now.
Does not belong here: reading what the folders hold.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from observatory.editions.documents import parse, read_document
from observatory.editions.model import Publisher
from observatory.problems import Problem, ProblemsError

_KEY_LENGTH = 32

REVIEW_PREFIX = "a-corriger-"
"""How the spreadsheets begin that tell the team what to correct."""


class Settings(BaseModel):
    """`settings.yaml` of a workspace; without the file, the defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    simulated: bool = False
    """The workspace was filled by `observatory simulate`: nothing made from it may pass for real."""

    publisher: Publisher | None = None
    """Replaces the publisher of the editions."""


@dataclass(frozen=True)
class Workspace:
    """A workspace by its root folder."""

    root: Path

    def inbox(self, edition: str, audience: str) -> Path:
        """Where the exports of one audience are dropped. Nothing in it is ever changed by the pipeline."""
        return self.root / "inbox" / edition / audience

    def corrections(self, edition: str) -> Path:
        return self.root / "corrections" / edition

    def review(self, edition: str) -> Path:
        """Where people find what is theirs to decide: proposed mappings, the quarantine spreadsheet."""
        return self.root / "review" / edition

    def pending_review(self, edition: str) -> Path:
        """What a run prepares for people; it goes to `review` when the run becomes current."""
        return self.root / "review" / ".pending" / edition

    def forms(self, edition: str) -> Path:
        """The questionnaires made for form tools."""
        return self.root / "forms" / edition

    def output(self, edition: str) -> Path:
        """The current outputs of an edition: a link to the folder of its last complete run."""
        return self.root / "output" / edition

    @property
    def runs(self) -> Path:
        """The folders that outputs are built in, one a build: `<edition>-<run>~<build>`."""
        return self.root / "output" / ".runs"

    @property
    def database(self) -> Path:
        return self.root / "observatory.duckdb"

    @property
    def cache(self) -> Path:
        """What can be made again at any time: kept drawings."""
        return self.root / ".cache"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def settings_file(self) -> Path:
        return self.root / "settings.yaml"

    @property
    def settings(self) -> Settings:
        """Raises ProblemsError when the file is not valid."""
        if not self.settings_file.is_file():
            return Settings()
        return parse(read_document(self.settings_file), Settings)

    @property
    def personal_key_file(self) -> Path:
        return self.root / "personal.key"

    def personal_key(self) -> bytes:
        """The secret with which personal data are hashed, made when first asked for, and never shown.

        Raises ProblemsError when it can't be written or read.
        """
        file = self.personal_key_file
        try:
            if not file.exists():
                _create_key(file)
            key = file.read_bytes()
        except OSError as error:
            raise ProblemsError([_bad_key(f"une clé que l'on ne peut ni lire ni écrire ({error.strerror})")]) from None
        if len(key) != _KEY_LENGTH:
            raise ProblemsError([_bad_key("une clé incomplète")])
        return key

    def ensure(self) -> None:
        """Make the folders that a run needs. Raises ProblemsError when the place can't be written."""
        try:
            for folder in ("inbox", "corrections", "review", "output", "dagster"):
                (self.root / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProblemsError(
                [
                    Problem(
                        file=self.root.name,
                        found=f"un dossier où l'on ne peut pas écrire ({error.strerror})",
                        expected="un espace de travail accessible en écriture",
                        action="choisissez-en un autre avec --workspace, ou demandez les droits",
                    )
                ]
            ) from None

    @contextmanager
    def lock(self, waiting: Callable[[str], None], timeout: float | None = None) -> Iterator[None]:
        """Hold the workspace for one piece of work; `waiting` is told, once, who holds it meanwhile.

        The kernel frees the lock of a process that dies, however it dies.
        Raises ProblemsError after `timeout` seconds (default: never).
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a+", encoding="utf-8") as handle:
            started, told = time.monotonic(), False
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if timeout is not None and time.monotonic() - started >= timeout:
                        raise ProblemsError([_busy()]) from None
                    if not told:
                        handle.seek(0)
                        holder = handle.read().strip() or "une autre exécution"
                        waiting(f"Cet espace de travail est déjà utilisé par {holder} ; j'attends qu'elle se termine…")
                        told = True
                    time.sleep(0.2)
            handle.truncate(0)
            handle.write(f"l'exécution n° {os.getpid()}")
            handle.flush()
            try:
                yield
            finally:
                handle.truncate(0)
                fcntl.flock(handle, fcntl.LOCK_UN)


def _create_key(file: Path) -> None:
    """Whole or not at all, readable by its owner alone; a key that another process made meanwhile stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(secrets.token_bytes(_KEY_LENGTH))
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _bad_key(found: str) -> Problem:
    return Problem(
        file="personal.key",
        found=found,
        expected="la clé des empreintes, que l'outil crée dans l'espace de travail",
        action="rendez le fichier lisible, ou supprimez-le et relancez : une autre clé est créée, "
        "et toutes les empreintes changent",
    )


def _busy() -> Problem:
    return Problem(
        found="une autre exécution utilise cet espace de travail",
        expected="une seule exécution à la fois",
        action="attendez qu'elle se termine, puis relancez la commande",
    )
