"""Pieces of messages: what is cut short says how much is left out, and nouns agree."""

from __future__ import annotations

from observatory.phrases import counted, listed


def test_a_list_says_how_many_more_there_are() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed("abcdef") == "a, b, c, d, e et 1 autre"
    assert listed("abcdefg", most=3) == "a, b, c et 4 autres"
    assert listed("abc", most=1, separator=" · ") == "a · et 2 autres"


def test_nouns_agree_with_their_number() -> None:
    assert [counted(number, "feuille") for number in (0, 1, 2)] == ["0 feuille", "1 feuille", "2 feuilles"]
    assert counted(2, "identifiant abîmé", "identifiants abîmés") == "2 identifiants abîmés"
