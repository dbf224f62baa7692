"""Wordings that say the same, and those that don't."""

from __future__ import annotations

import pytest

from observatory.wording import key, normalise, similarity, variants


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Why don’t you recycle?", "why don't you recycle"),
        ("Sorting\u00a0or  washing\nbottles", "Sorting or washing bottles"),
        ("Vos freins :", "Vos freins"),
        ("Quel est votre âge ?", "Quel est votre âge?"),
        ("<b>Vos freins</b>", "Vos freins"),
        ("Your hobbies? (Choose three) *", "Your hobbies?"),
        ("Vos freins ? (plusieurs réponses possibles)", "Vos freins"),
        ("« Autre »", '"Autre"'),
    ],
)
def test_same_wording(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"), [("1-5", "15"), ("2-50", "2-5"), ("C", "C++"), ("< 10", "> 10"), ("CA (en euros)", "CA (en k€)")]
)
def test_different_wordings(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("heading", "label"),
    [
        ("Response85", "Response"),
        ("Other (please specify)6", "Other (please specify)"),
        ("Shorter queues21", "Shorter queues"),
        ("Yes.1", "Yes"),
        ("Q4 02—Which hobbies do you have?", "Which hobbies do you have?"),
        ("Q2. Votre âge ?", "Votre âge ?"),
        ("12) Votre âge ?", "Votre âge ?"),
        ("Checked_by_hand-Region (in words)", "Region (in words)"),
        ("Q7 01—Number of bicycles - checked_by_hand", "Number of bicycles"),
    ],
)
def test_what_tools_or_hands_add_is_seen_through(heading: str, label: str) -> None:
    assert normalise(label) in {normalise(variant) for variant in variants(heading)}


@pytest.mark.parametrize("label", ["1-5", "Version 2", "2-50", "10-49 salariés", "Horizon 2030", "2023"])
def test_numbers_of_a_label_are_kept(label: str) -> None:
    assert {normalise(variant) for variant in variants(label)} == {normalise(label)}


def test_accents_lost_on_the_way() -> None:
    assert key("Délais de paiement") == key("Delais de paiement")


def test_another_year_is_another_question() -> None:
    assert similarity("Achats en 2023", "Achats en 2024") < 90
