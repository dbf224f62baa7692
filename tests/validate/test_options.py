"""Finding the option a text names, and splitting packed answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatory.editions.model import Edition
from observatory.validate.options import Options, Packed, normalised, options_of, split_packed


@pytest.fixture(scope="session")
def obstacles(edition: Edition) -> Options:
    return options_of(edition, edition.questionnaires["startup"].question("obstacles"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L’entité", "l'entité"),
        ("1 – 20\u202f%", "1-20 %"),
        ("Délais  de\u00a0paiement.", "DELAIS DE PAIEMENT"),
        ("Oui !", "oui"),
        ("« Autre »", '"autre"'),
        ("co\u00adntrat\ufeff", "contrat"),
    ],
)
def test_wordings_that_say_the_same_are_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("slow", "slow"),
        ("lenteur des decisions", "slow"),
        ("Slow decisions", "slow"),
        ("Décisions trop lentes", "slow"),
        ("AUTRE", "other"),
        ("Lenteur", None),
    ],
)
def test_an_option_is_found_by_code_label_or_alias(obstacles: Options, typed: str, code: str | None) -> None:
    assert obstacles.code(typed) == code


@pytest.mark.parametrize(
    ("typed", "codes", "other"),
    [
        ("Lenteur des décisions;Délais de paiement;", ("slow", "delays"), ""),
        ("Lenteur des décisions, Délais de paiement", ("slow", "delays"), ""),
        ("Lenteur des décisions\nDélais de paiement", ("slow", "delays"), ""),
        ("slow|delays", ("slow", "delays"), ""),
        ("slow delays", ("slow", "delays"), ""),
        ("Règles, procédures ; formulaires", ("rules",), ""),
        (
            "Délais de paiement, Règles, procédures ; formulaires, Lenteur des décisions",
            ("delays", "rules", "slow"),
            "",
        ),
        ("Délais de paiement; le froid, la pluie", ("delays",), "le froid, la pluie"),
        ("le froid, Délais de paiement, la pluie", ("delays",), "le froid; la pluie"),
        ("Délais de paiement; Délais de paiement", ("delays",), ""),
        ("Lenteur des décisions / Délais de paiement", ("slow", "delays"), ""),
        ("Lenteur des décisions/Délais de paiement", ("slow", "delays"), ""),
        ("• Lenteur des décisions • Délais de paiement", ("slow", "delays"), ""),
        ("- Lenteur des décisions\n- Règles, procédures ; formulaires", ("slow", "rules"), ""),
        ("1. Lenteur des décisions 2. Délais de paiement", ("slow", "delays"), ""),
        ("a) Lenteur des décisions, b) Délais de paiement", ("slow", "delays"), ""),
        ("Lenteur des décisions / Délais de paiement; le froid", ("slow", "delays"), "le froid"),
        ("2. Lenteur des décisions 1. Délais de paiement", (), "2. Lenteur des décisions 1. Délais de paiement"),
        ("Délais de paiement 60", (), "Délais de paiement 60"),
        ("pas de Délais de paiement", (), "pas de Délais de paiement"),
        ("Lenteur des décisions et Délais de paiement", (), "Lenteur des décisions et Délais de paiement"),
        ("more rules", (), "more rules"),
        (" ;, ", (), ""),
    ],
)
def test_a_packed_answer_is_split_by_its_options(
    obstacles: Options, typed: str, codes: tuple[str, ...], other: str
) -> None:
    assert split_packed(typed, obstacles) == Packed(codes, other)


@pytest.mark.parametrize(
    ("typed", "hidden"),
    [
        ("surtout la lenteur des décisions internes", True),
        ("Lenteur des décisions et délais", True),
        ("Règles, procédures", True),
        ("Délais", False),
        ("le froid, la pluie", False),
        ("rules", False),
    ],
)
def test_an_option_within_another_text_or_cut_short_is_seen(obstacles: Options, typed: str, hidden: bool) -> None:
    assert obstacles.hidden_in(typed) is hidden


def test_the_split_that_names_most_wins_over_the_first_long_option() -> None:
    options = Options(
        codes={normalised(label): label for label in ("A", "A, B", "B, C, D")},
        labels={label: label for label in ("A", "A, B", "B, C, D")},
        exclusive=frozenset(),
        other=True,
        longest=3,
    )
    assert split_packed("A, B, C, D", options).codes == ("A", "B, C, D")


@given(st.data(), st.sampled_from([";", "; ", ", ", ",", "\n", " | "]))
def test_options_packed_come_back(obstacles: Options, data: st.DataObject, separator: str) -> None:
    codes = data.draw(st.lists(st.sampled_from(["slow", "rules", "delays", "none"]), unique=True))
    labels = [obstacles.labels[code] for code in codes]
    assert split_packed(separator.join(labels), obstacles) == Packed(tuple(codes), "")


@pytest.fixture(scope="session")
def shares() -> Options:
    labels = {"low": "Jusqu’à 20\u202f%", "high": "Plus de 20\u202f%\u202f: beaucoup", "why": "Lequel\u202f? Un autre"}
    twins = {"one": "5 a 6", "two": "5?a 6"}
    codes = {normalised(label): code for code, label in (labels | twins).items()}
    return Options(codes=codes, labels=labels | twins, exclusive=frozenset(), other=True, longest=1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Jusqu'à 20?%", "low"),
        ("Plus de 20?%?: beaucoup", "high"),
        ("Plus?de 20 % : beaucoup", "high"),
        ("Lequel?? Un autre", "why"),
        ("Lequel ? Un autre", "why"),
        ("5?a 6", "two"),
        ("5?a?6", None),
        ("Jusqu?à 20 %", None),
        ("Jusqu'à 30?%", None),
        ("???", None),
    ],
)
def test_a_space_that_excel_made_a_question_mark_is_a_space(shares: Options, typed: str, code: str | None) -> None:
    assert shares.code(typed) == code
    assert split_packed(typed, shares).codes == ((code,) if code else ())


WORDS = st.text(alphabet="aeiou éè'", min_size=3, max_size=20).map(str.strip).filter(lambda text: len(text) > 2)


@given(st.data(), WORDS)
def test_text_beside_the_options_comes_back(obstacles: Options, data: st.DataObject, words: str) -> None:
    codes = data.draw(st.lists(st.sampled_from(["slow", "rules", "delays"]), unique=True, min_size=1))
    packed = "; ".join([*(obstacles.labels[code] for code in codes), words])
    assert split_packed(packed, obstacles) == Packed(tuple(codes), words)


@given(st.text())
def test_no_text_is_lost(obstacles: Options, typed: str) -> None:
    packed = split_packed(typed, obstacles)
    left = set(filter(None, (piece.strip() for piece in packed.other.replace("|", ";").split(";"))))
    assert packed.codes or all(piece in typed for piece in left)
