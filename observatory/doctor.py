"""What this machine and this workspace lack, and how to mend it.

Belongs here: quick looks at what a run needs before it starts. Does not belong here: whether questionnaires and
exports are right (`observatory check`). Imports the standard library only, since it is asked when packages are missing.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata, resources
from importlib.util import find_spec
from pathlib import Path

from observatory.folders import Folders
from observatory.phrases import listed

PYTHON = (3, 11)
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
"""What WeasyPrint loads from the system, and the Debian package that brings it."""

FONT_PACKAGES = {"fontpkg_ibm_plex_sans": "IBM Plex Sans", "fontpkg_spectral": "Spectral"}
LEAST_FREE_DISK = 1_000_000_000
"""Bytes. A run keeps the previous outputs until its own are complete, and DuckDB spills to disk."""

REINSTALL = "supprimez le dossier .venv, puis relancez « make barometer »"


@dataclass(frozen=True)
class Check:
    """One thing looked at, in French. `remedy` is empty when all is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def diagnose(places: Folders) -> list[Check]:
    """All checks, in the order in which one would mend them. Writes nothing that stays."""
    return [
        check_python(),
        check_packages(Path(str(resources.files("observatory"))).parent / "requirements.lock"),
        check_pango(),
        check_fonts(),
        check_editions(places.schemas),
        check_reports(places.reports),
        check_workspace(places.workspace),
        check_disk(places.workspace),
        check_idle(places.workspace),
    ]


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Check:
    found, wanted = (".".join(map(str, numbers)) for numbers in (version, PYTHON))
    if version == PYTHON:
        return Check("Python", True, found)
    return Check("Python", False, f"{found} au lieu de {wanted}", f"installez Python {wanted}, puis {REINSTALL}")


def check_packages(lock: Path) -> Check:
    """The installed packages against the lock of the checkout; an installed wheel has none to compare with."""
    if not lock.is_file():
        return Check("Paquets Python", True, "pas de requirements.lock ici : versions non comparées")
    locked = dict(locked_versions(lock))
    wrong = []
    for name, version in locked.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} absent")
            continue
        if _plain(installed) != _plain(version):
            wrong.append(f"{name} {installed} au lieu de {version}")
    if not wrong:
        return Check("Paquets Python", True, f"les {len(locked)} paquets de requirements.lock")
    return Check("Paquets Python", False, listed(wrong), REINSTALL)


def locked_versions(lock: Path) -> Iterator[tuple[str, str]]:
    """Name and version of each package of a lock file."""
    pin = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)")
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := pin.match(line):
            yield match[1], match[2]


def _plain(version: str) -> str:
    """The version without the leading zeros of its numbers: 2.005 and 2.5 name the same one."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", version)


def check_pango(libraries: dict[str, str] = LIBRARIES) -> Check:
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if not missing:
        return Check("Pango", True, "chargé")
    return Check(
        "Pango",
        False,
        f"il manque {', '.join(missing)} : le PDF ne peut pas être composé",
        f"faites installer par l'administrateur : apt-get install {' '.join(missing)}",
    )


def check_fonts(packages: dict[str, str] = FONT_PACKAGES) -> Check:
    missing = [family for package, family in packages.items() if not _has_fonts(package)]
    if not missing:
        return Check("Polices", True, ", ".join(packages.values()))
    return Check("Polices", False, f"introuvables : {', '.join(missing)}", REINSTALL)


def _has_fonts(package: str) -> bool:
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec is not None else None
    return any(next(Path(folder).glob("files/*.ttf"), None) is not None for folder in folders or ())


def check_editions(schemas: Path) -> Check:
    names = sorted(file.parent.name for file in schemas.glob("*/edition.yaml"))
    if names:
        return Check("Éditions", True, f"{', '.join(names)} (dans {schemas})")
    return Check(
        "Éditions",
        False,
        f"aucune édition dans {schemas}",
        "placez-vous à la racine du projet, ou donnez le dossier avec --schemas",
    )


def check_reports(reports: Path) -> Check:
    if any(folder.is_dir() for folder in reports.glob("*")):
        return Check("Modèles du rapport", True, str(reports))
    return Check(
        "Modèles du rapport",
        False,
        f"aucun modèle dans {reports}",
        "placez-vous à la racine du projet, ou corrigez la variable OBSERVATORY_REPORTS",
    )


def check_workspace(root: Path) -> Check:
    """Whether files can be made in the workspace, or the workspace itself where it does not exist yet."""
    folder = _existing(root)
    if root.exists() and folder != root:
        return Check(
            "Espace de travail",
            False,
            f"{root} est un fichier, pas un dossier",
            "déplacez ce fichier, ou choisissez un autre dossier avec --workspace",
        )
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check(
            "Espace de travail",
            False,
            f"on ne peut pas écrire dans {folder} ({os.strerror(error.errno or 0)})",
            "demandez le droit d'y écrire, ou choisissez un autre dossier avec --workspace",
        )
    return Check("Espace de travail", True, str(root) if folder == root else f"{root} : sera créé")


def check_disk(root: Path, least: int = LEAST_FREE_DISK) -> Check:
    free = shutil.disk_usage(_existing(root)).free
    detail = f"{_gigabytes(free)} libres"
    if free >= least:
        return Check("Espace disque", True, detail)
    return Check(
        "Espace disque",
        False,
        f"{detail}, {_gigabytes(least)} au moins sont nécessaires",
        "libérez de la place, ou choisissez un espace de travail sur un autre disque avec --workspace",
    )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} Go".replace(".", ",")


def _existing(path: Path) -> Path:
    """That folder, or the nearest one above it that exists."""
    return path if path.is_dir() else next(folder for folder in path.absolute().parents if folder.is_dir())


def check_idle(root: Path) -> Check:
    """Whether another run holds the workspace (see `Workspace.lock`). A shared lock, held for an instant, tells."""
    try:
        with (root / ".lock").open(encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = handle.read().strip() or "une autre exécution"
                return Check(
                    "Exécution en cours",
                    False,
                    f"{holder} utilise cet espace de travail",
                    "attendez qu'elle se termine, ou arrêtez-la (Ctrl+C dans sa fenêtre)",
                )
    except OSError:
        return Check("Exécution en cours", True, "aucune")
    return Check("Exécution en cours", True, "aucune")
