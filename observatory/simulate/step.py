"""The simulate step: waves of simulated answers written into a workspace's inbox.

Belongs here: which files a wave is written to, replacing earlier ones, and refusing a
workspace that holds real answers. Does not belong here: the answers (answers.py).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from observatory.editions.load import load_edition
from observatory.editions.model import Audience, Edition
from observatory.problems import Problem, ProblemsError
from observatory.progress import Progress
from observatory.simulate.answers import draw_answers
from observatory.simulate.exports import STYLES
from observatory.simulate.flaws import Wave, receive
from observatory.simulate.marks import PREFIX, is_simulated
from observatory.simulate.population import firms
from observatory.simulate.shares import Shares, read_shares
from observatory.simulate.streams import stream
from observatory.workspace import Workspace

SEED = 2023

FILES: dict[Audience, tuple[str, str]] = {
    "startup": ("limesurvey", "google-forms"),
    "buyer": ("limesurvey", "microsoft-forms"),
}
"""The two tools an audience's answers come from. The first holds the partial answers: the others send none."""

_IN_FIRST_FILE = 0.6
_STAGING = ".simulate-"

_SETTINGS = {
    "simulated": True,
    "publisher": {"name": "Observatoire Exemple (fictif)", "service": "Données simulées"},
}


def simulate(
    schemas: Path,
    editions: Sequence[str],
    workspace: Workspace,
    seed: int = SEED,
    progress: Progress | None = None,
) -> list[Path]:
    """Write one simulated wave per edition and audience into the inbox, and mark the workspace as simulated.

    A wave depends on the seed, the edition and its year alone: the same call writes the same bytes. Files written
    before are replaced one by one, each whole; the workspace is held meanwhile.
    Raises ProblemsError when the workspace holds anything that is not simulated, or an edition is not valid.
    """
    progress = progress or Progress()
    loaded = [load_edition(schemas, name) for name in dict.fromkeys(editions)]
    shares = read_shares()
    with workspace.lock(progress.notice):
        _refuse_real(workspace)
        workspace.ensure()
        for abandoned in workspace.root.glob(f"{_STAGING}*"):
            shutil.rmtree(abandoned)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=workspace.root))
        try:
            staged = [
                (file, workspace.inbox(edition.name, audience))
                for edition in loaded
                for audience in edition.audiences
                for file in _stage(edition, audience, staging, shares, seed, progress)
            ]
            _mark(workspace, staging)
            return _install(staged)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def simulate_wave(edition: Edition, audience: Audience, shares: Shares, seed: int = SEED) -> Wave:
    """One audience's responses in one edition, with the faults planted in them."""
    population = firms(audience, int(edition.name), shares, seed)
    return receive(edition, population, draw_answers(edition, population, shares, seed), shares, seed)


def split(wave: Wave, seed: int = SEED) -> tuple[Wave, Wave]:
    """The wave's responses as two tools received them: a firm keeps to one, but the second has complete ones only."""
    firm = wave.responses["firm"].to_numpy(dtype=int)
    chance = stream(seed, wave.audience, wave.edition.name, "tool").random(int(firm.max()) + 1)
    first = (chance[firm] < _IN_FIRST_FILE) | wave.responses["submitted_at"].isna().to_numpy(dtype=bool)
    return wave.of(wave.responses.index[first]), wave.of(wave.responses.index[~first])


def _stage(
    edition: Edition, audience: Audience, staging: Path, shares: Shares, seed: int, progress: Progress
) -> Iterable[Path]:
    with progress.step(f"Réponses simulées {edition.name}, {_AUDIENCES[audience]}"):
        wave = simulate_wave(edition, audience, shares, seed)
        for style, part in zip(FILES[audience], split(wave, seed), strict=True):
            write, suffix = STYLES[style]
            file = staging / f"{PREFIX}{edition.name}-{audience}-{style}{suffix}"
            write(part, file)
            yield file
        progress.say(f"{len(wave.responses)} réponses")


_AUDIENCES: dict[Audience, str] = {"startup": "start-up", "buyer": "acheteurs"}


def _install(staged: list[tuple[Path, Path]]) -> list[Path]:
    """Put the files in the inbox, each in one rename, and take away simulated files of another make."""
    written = []
    for file, folder in staged:
        folder.mkdir(parents=True, exist_ok=True)
        os.replace(file, folder / file.name)
        written.append(folder / file.name)
    for folder in dict.fromkeys(folder for _, folder in staged):
        for stale in set(folder.glob(f"{PREFIX}*")) - set(written):
            stale.unlink()
    return written


def _mark(workspace: Workspace, staging: Path) -> None:
    """Settings first: no simulated file ever lies in a workspace that does not say so."""
    file = staging / workspace.settings_file.name
    file.write_text(yaml.safe_dump(_SETTINGS, allow_unicode=True, sort_keys=False), encoding="utf-8")
    os.replace(file, workspace.settings_file)


def _refuse_real(workspace: Workspace) -> None:
    """Raises ProblemsError if the inbox holds a file that is not simulated, or the workspace a publisher of its own."""
    inbox = workspace.root / "inbox"
    files = sorted(file for file in inbox.rglob("*") if file.is_file() and not file.name.startswith((".", "~$")))
    problems = [
        Problem(
            file=str(file.relative_to(workspace.root)),
            found="un fichier qui n'est pas simulé",
            expected="un espace de travail vide ou entièrement simulé",
            action="choisissez un autre espace avec --workspace : les données simulées ne se mêlent jamais aux vraies",
        )
        for file in files
        if not is_simulated(file)
    ]
    settings = workspace.settings
    if settings.publisher is not None and not settings.simulated:
        problems.append(
            Problem(
                file=workspace.settings_file.name,
                found="les réglages d'un espace de travail réel (publisher)",
                expected="un espace de travail neuf ou simulé",
                action="choisissez un autre espace avec --workspace",
            )
        )
    if problems:
        raise ProblemsError(problems)
