"""Addresses on paper: the name of a site stands for its address."""

from __future__ import annotations

from observatory.publish.links import linked, linked_markdown


def test_an_address_reads_as_its_site_and_the_rest_is_escaped() -> None:
    html = linked("A & B (https://www.exemple.fr/une/page?a=1&b=2), puis http://autre.org.")
    assert html == (
        'A &amp; B (<a href="https://www.exemple.fr/une/page?a=1&amp;b=2">exemple.fr</a>), '
        'puis <a href="http://autre.org">autre.org</a>.'
    )


def test_an_address_that_is_already_a_link_stays_one() -> None:
    assert linked_markdown("[ici](https://exemple.fr/a)") == "[ici](https://exemple.fr/a)"
    assert linked_markdown("(https://exemple.fr/a)") == "([exemple.fr](https://exemple.fr/a))"
