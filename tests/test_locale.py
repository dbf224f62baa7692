"""click speaks French: the catalogue is whole, compiled, and read."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from importlib import resources
from io import BytesIO
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

from observatory import cli
from observatory.locale import activate

MESSAGES = Path(str(resources.files("observatory.locale"))) / "fr" / "LC_MESSAGES" / "messages.po"


@pytest.fixture(autouse=True)
def own_language(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test leaves the process as it found it."""
    monkeypatch.setenv("LANGUAGE", os.environ.get("LANGUAGE", ""))
    domain = gettext.textdomain()
    yield
    gettext.textdomain(domain)


def catalogue() -> Catalog:
    with MESSAGES.open("rb") as file:
        return read_po(file, locale="fr")


def words_of_click() -> dict[str, tuple[str, ...]]:
    """Each text that the installed click has translated, with its plural."""
    found = {}
    for source in sorted(Path(click.__file__).parent.glob("*.py")):
        for _, text, _, _ in extract_from_file("python", source):
            forms = (text,) if isinstance(text, str) else tuple(text)
            found[forms[0]] = forms
    return found


def test_every_word_of_click_is_translated_and_no_other() -> None:
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue() if message.id
    }
    assert set(translated) == set(words_of_click())
    for forms in words_of_click().values():
        message = translated[forms[0]]
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        assert len(strings) == len(forms), forms
        assert all(strings), forms


def test_translations_only_name_what_click_fills_in() -> None:
    for message in catalogue():
        if message.id:
            assert not list(message.check(catalogue())), message.id
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            assert set().union(*map(_fields, strings)) <= set().union(*map(_fields, ids)), message.id


def _fields(text: str) -> set[str]:
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_compiled_catalogue_is_current() -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue())
    assert MESSAGES.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run « make locale »"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--help"], "Usage :"),
        (["--help"], "Options :"),
        (["--help"], "Commandes :"),
        (["runn"], "La commande « runn » n'existe pas. Vouliez-vous dire 'run' ?"),
        (["run"], "Il manque l'argument"),
        (["doctor", "--nope"], "L'option « --nope » n'existe pas."),
        (["doctor", "a", "b"], "Arguments en trop (a b)"),
        (["doctor", "a"], "Argument en trop (a)"),
        (["doctor", "--workspace"], "L'option « --workspace » demande une valeur."),
        (["figures", "0000", "--format", "x"], "« x » n'est pas l'un de : 'table', 'csv', 'json'."),
        (["run", "--help"], "Affiche cette aide et s'arrête."),
    ],
)
def test_command_speaks_french(arguments: list[str], said: str) -> None:
    activate("fr")
    assert said in CliRunner().invoke(cli.main_group, arguments).output


def test_a_language_without_catalogue_leaves_english() -> None:
    activate("en")
    assert "No such command 'runn'." in CliRunner().invoke(cli.main_group, ["runn"]).output
