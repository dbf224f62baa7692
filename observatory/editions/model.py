"""The typed objects an edition is made of.

Belongs here: the shape of `edition.yaml`, `<audience>.yaml`, `indicators.yaml`,
`margins/<audience>.yaml` and `lists/*.yaml`, and what can be checked inside one object. Does not belong here: reading
files (load.py), checks between files (load.py), SQL expressions (expressions.py).

Every text a reader sees is a `Text`: a mapping from language code to wording.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A stable identifier: lower-case letters, digits and `_`, starting with a letter, no `__`."""

ChoiceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$")]
"""A stable code of an option. Codes of official lists ("01", "2A") are text."""

EditionName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


def _not_empty(text: dict[str, str]) -> dict[str, str]:
    if not text:
        raise ValueError("au moins une langue est attendue")
    return text


Text = Annotated[dict[Language, str], AfterValidator(_not_empty)]

QuestionType = Literal[
    "single",
    "multiple",
    "ranking",
    "likert",
    "number",
    "amount",
    "percent",
    "bracket",
    "text",
    "siren",
    "email",
    "date",
]
CHOICE_TYPES = frozenset({"single", "multiple", "ranking", "likert", "bracket"})
ONE_CHOICE_TYPES = frozenset({"single", "likert", "bracket"})
NUMERIC_TYPES = frozenset({"number", "amount", "percent"})
Audience = Literal["startup", "buyer"]
AUDIENCES: tuple[Audience, ...] = ("startup", "buyer")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Choice(_Strict):
    """One option of a question, or one entry of a shared list."""

    code: ChoiceCode = Field(description="Code stable de l'option")
    label: Text = Field(description="Libellé par langue")
    since: EditionName | None = Field(None, description="Première édition où l'option est proposée")
    until: EditionName | None = Field(None, description="Dernière édition où l'option est proposée")
    exclusive: bool = Field(False, description="Vrai pour « aucun » : ne se coche avec aucune autre")
    substantive: bool = Field(True, description="Faux pour « ne sait pas » : compte dans la base, sans rang")
    low: float | None = Field(None, description="Borne basse de la tranche (part 0 à 1, EUR ou unité)")
    high: float | None = Field(None, description="Borne haute de la tranche ; absente : ouverte")
    group: Code | None = Field(None, description="Regroupement, par exemple public ou private")
    aliases: tuple[str, ...] = Field((), description="Autres libellés rencontrés dans les exports")

    @model_validator(mode="after")
    def _not_reserved(self) -> Self:
        if self.code in {"state", "shown", "other_text"}:
            raise ValueError(f"« {self.code} » est un code réservé : choisissez-en un autre")
        return self


class ChoiceList(_Strict):
    """A list shared by questions and editions: `lists/<id>.yaml`."""

    id: Code
    label: Text
    nomenclature: str | None = Field(None, description="Nomenclature officielle, par exemple « NAF rév. 2 »")
    choices: tuple[Choice, ...] = Field(min_length=1)

    def of_edition(self, edition: str) -> tuple[Choice, ...]:
        """The options offered in that edition, in order."""
        return tuple(
            choice
            for choice in self.choices
            if (choice.since is None or choice.since <= edition) and (choice.until is None or edition <= choice.until)
        )


class Choices(_Strict):
    """Where a question's options come from: a shared list or its own `options`, never both."""

    list: Code | None = Field(None, description="Liste partagée (lists/<id>.yaml)")
    options: tuple[Choice, ...] | None = Field(None, description="Options propres à la question")
    other: bool = Field(False, description="Ajoute « autre, précisez », code other")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.list is None) == (self.options is None):
            raise ValueError("indiquez soit « list », soit « options »")
        return self


ChangeKind = Literal[
    "none", "reworded", "option_added", "option_removed", "bracket_changed", "routing_changed", "break"
]


class Lineage(_Strict):
    """Where a question comes from. Only `none`, or `comparable: true` with a reason, allows a change to be computed."""

    same_as: str = Field(
        pattern=r"^[0-9]{4}\.[a-z][a-z0-9_]*$", description="Édition et question d'origine, 2024.obstacles"
    )
    change: ChangeKind = "none"
    also: tuple[ChangeKind, ...] = Field((), description="Les autres changements, s'il y en a plusieurs")
    comparable: bool | None = Field(
        None, description="Vrai : comparable malgré le changement ; il faut alors une raison"
    )
    reason: Text | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.comparable and self.change != "none" and self.reason is None:
            raise ValueError("« comparable: true » malgré un changement demande une raison (reason)")
        if self.change == "break" and self.comparable:
            raise ValueError("une rupture (break) ne peut pas être comparable")
        if self.also and (self.change in {"none", "break"} or {"none", "break"} & set(self.also)):
            raise ValueError("« also » complète un changement (change), par d'autres que none et break")
        return self

    @property
    def allows_change(self) -> bool:
        return self.change == "none" if self.comparable is None else self.comparable

    @property
    def edition(self) -> str:
        return self.same_as.split(".", 1)[0]

    @property
    def question(self) -> str:
        return self.same_as.split(".", 1)[1]


class Rule(_Strict):
    """A rule across questions, a SQL condition that must not be false: the question that carries it loses its value."""

    rule: str = Field(description="Condition SQL sur les identifiants du questionnaire")
    message: Text = Field(description="Ce que l'équipe lira")


class Question(_Strict):
    """One question as asked. Its `id` is stable across editions."""

    id: Code
    section: Code
    type: QuestionType
    label: Text = Field(description="Question telle que posée ; {reference_year} y est remplacé")
    help: Text | None = None
    grid: Code | None = Field(None, description="Grille dont la question est une ligne (grids)")
    choices: Choices | None = None
    max_choices: int | None = Field(None, ge=1)
    required: bool = Field(False, description="Sans colonne pour cette question, l'import s'arrête")
    show_if: str | None = Field(None, description="Condition SQL sur les identifiants du questionnaire")
    min: float | None = None
    max: float | None = None
    check: tuple[Rule, ...] = ()
    base: Literal["answered", "shown"] = Field("answered", description="Base des parts")
    reference_year: Literal["first", "last"] | None = Field(None, description="Année de référence du montant")
    personal: bool = Field(False, description="Donnée personnelle : jamais conservée")
    aliases: tuple[str, ...] = Field((), description="Autres formulations rencontrées dans les exports")
    lineage: Lineage | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.choices is not None) != (self.type in CHOICE_TYPES):
            raise ValueError(
                f"une question de type {self.type} "
                + ("demande des options (choices)" if self.type in CHOICE_TYPES else "n'a pas d'options (choices)")
            )
        if self.max_choices is not None and self.type not in {"multiple", "ranking"}:
            raise ValueError("max_choices ne vaut que pour les types multiple et ranking")
        if (self.min is not None or self.max is not None) and self.type not in NUMERIC_TYPES:
            raise ValueError("min et max ne valent que pour les types number, amount et percent")
        if "__" in self.id or self.id.endswith("_"):
            raise ValueError("un identifiant ne contient pas « __ » (réservé aux options) et ne finit pas par « _ »")
        return self


class Section(_Strict):
    """A titled part of the questionnaire."""

    id: Code
    title: Text
    introduction: Text | None = None


class Grid(_Strict):
    """The stem shared by the rows of a grid; each row is a question that names the grid."""

    id: Code
    label: Text
    aliases: tuple[str, ...] = ()


class Consent(_Strict):
    question: Code
    accepted: tuple[ChoiceCode, ...] = Field(description="Codes qui valent accord")


class Identity(_Strict):
    """The questions that tell who answers."""

    siren: Code | None = None
    email: Code | None = None
    perimeter: Code | None = Field(None, description="Périmètre déclaré (acheteurs) : deux périmètres, deux réponses")
    organisation: Code | None = Field(
        None, description="Nom de l'organisation : deux noms presque identiques, une réponse, si rien ne les contredit"
    )
    consent: Consent | None = None


Treatment = Literal["drop", "hash"]


class PersonalData(_Strict):
    """What becomes of personal data found in the exports, by kind. The data themselves are never stored."""

    email: Treatment = Field("drop", description="Adresses électroniques : drop (écartées) ou hash (empreinte à clé)")
    phone: Treatment = Field("drop", description="Numéros de téléphone : drop ou hash")
    name: Treatment = Field("drop", description="Noms de personnes : drop ou hash")
    ip: Literal["drop"] = Field("drop", description="Adresses IP : toujours écartées")
    address: Literal["drop"] = Field("drop", description="Adresses postales : toujours écartées")
    location: Literal["drop"] = Field("drop", description="Positions géographiques : toujours écartées")
    account: Literal["drop"] = Field("drop", description="Noms d'utilisateur : toujours écartés")


class Exclusion(_Strict):
    """A column of the export, not a question, that removes respondents: their rows stay in the raw data, marked."""

    column: tuple[str, ...] = Field(min_length=1, description="En-têtes possibles de la colonne")
    values: tuple[str, ...] = Field(min_length=1)
    reason: Text


class Questionnaire(_Strict):
    """One audience's questionnaire of one edition: `<audience>.yaml`."""

    audience: Audience
    title: Text
    introduction: Text | None = None
    sections: tuple[Section, ...] = Field(min_length=1)
    grids: tuple[Grid, ...] = ()
    identity: Identity = Identity()
    personal: PersonalData = Field(PersonalData(), description="Sort des données personnelles des exports")
    exclude: tuple[Exclusion, ...] = ()
    strata: tuple[Code, ...] = Field((), description="Questions par lesquelles ventiler")
    questions: tuple[Question, ...] = Field(min_length=1)

    def question(self, id: str) -> Question:
        """The question of that id. Raises KeyError if there is none."""
        for question in self.questions:
            if question.id == id:
                return question
        raise KeyError(id)

    def in_section(self, section: str) -> Iterator[Question]:
        return (question for question in self.questions if question.section == section)


Statistic = Literal["share", "count", "total", "mean", "median", "ratio", "quantile", "change", "rank"]
IndicatorKind = Literal["distribution", "amount", "rate", "respondents"]
STATISTICS_OF_KIND: dict[str, tuple[Statistic, ...]] = {
    "distribution": ("share", "count", "rank"),
    "amount": ("total", "mean", "median"),
    "rate": ("ratio", "mean", "median"),
    "respondents": ("count",),
}


class Indicator(_Strict):
    """What is computed from a questionnaire. Its figures are named `<id>.<statistic>`.

    distribution  shares and counts of the options of one choice question
    amount        total, mean and median of one numeric question, or of the same for both reference years
    rate          ratio of totals, mean and median of individual rates, of numerators by denominators
    respondents   number of respondents used
    """

    id: str = Field(pattern=r"^(startup|buyer)(\.[a-z][a-z0-9_]*)+$", description="startup.obstacles")
    kind: IndicatorKind = "distribution"
    label: Text
    question: Code | None = None
    questions: tuple[Code, ...] = Field((), description="amount : une question par année de référence")
    numerators: tuple[Code, ...] = ()
    denominators: tuple[Code, ...] = ()
    statistics: tuple[Statistic, ...] = Field((), description="Toutes celles du genre si absent")
    breakdowns: tuple[Code, ...] | None = Field(None, description="Ventilations ; celles du questionnaire si absent")
    where: str | None = Field(None, description="Condition SQL : champ de l'indicateur")
    perimeter: Text | None = Field(None, description="Champ, en clair (« acheteurs publics »)")
    unit: str | None = Field(None, description="share, EUR, contracts, days, respondents")

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        expected = {
            "distribution": self.question is not None,
            "amount": bool(self.questions) or self.question is not None,
            "rate": bool(self.numerators) and len(self.numerators) == len(self.denominators),
            "respondents": True,
        }
        if not expected[self.kind]:
            raise ValueError(
                {
                    "distribution": "il manque « question »",
                    "amount": "il manque « question » ou « questions »",
                    "rate": "« numerators » et « denominators » vont par paires",
                }[self.kind]
            )
        if self.where is not None and self.perimeter is None:
            raise ValueError("un indicateur restreint (where) dit son champ (perimeter)")
        unknown = set(self.statistics) - set(STATISTICS_OF_KIND[self.kind])
        if unknown:
            raise ValueError(f"statistique {', '.join(sorted(unknown))} impossible pour le genre {self.kind}")
        return self

    @property
    def audience(self) -> Audience:
        return "startup" if self.id.startswith("startup.") else "buyer"

    @property
    def computed(self) -> tuple[Statistic, ...]:
        return self.statistics or STATISTICS_OF_KIND[self.kind]

    @property
    def sources(self) -> tuple[str, ...]:
        """The questions the indicator reads."""
        own = (self.question,) if self.question else ()
        return own + self.questions + self.numerators + self.denominators


class Target(_Strict):
    """A public target with its own denominator; never mixed with a series of another."""

    id: Code
    label: Text
    unit: Literal["share", "EUR"]
    base_year: int
    base_value: float
    target_year: int
    target_value: float
    observed: tuple[tuple[int, float], ...] = Field((), description="Valeurs publiées depuis : [année, valeur]")
    indicator: str | None = Field(None, description="Indicateur de l'enquête mis en regard, s'il a le même champ")
    statistic: Statistic | None = Field(
        None, description="Statistique comparée de l'indicateur : ratio si absent pour une part, total pour des EUR"
    )
    option: ChoiceCode | None = Field(None, description="Option comparée, si l'indicateur est une répartition")
    perimeter: Text | None = Field(None, description="Champ de la cible, mot pour mot celui de l'indicateur comparé")
    source: str
    note: Text | None = None

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.target_year <= self.base_year:
            raise ValueError("une année cible (target_year) postérieure à celle de départ (base_year)")
        values = (self.base_value, self.target_value, *(value for _, value in self.observed))
        if self.unit == "share" and not all(0 <= value <= 1 for value in values):
            raise ValueError("une cible en part (unit: share) s'écrit de 0 à 1 : 2,4 % s'écrit 0.024")
        if self.target_value == self.base_value:
            raise ValueError("une valeur cible (target_value) autre que celle de départ (base_value)")
        if self.indicator is None and (self.statistic is not None or self.option is not None):
            raise ValueError("« statistic » et « option » précisent un indicateur : indiquez « indicator »")
        return self

    @property
    def compared(self) -> Statistic:
        """The statistic of its indicator that is set against the target."""
        by_unit: dict[str, Statistic] = {"share": "ratio", "EUR": "total"}
        return self.statistic or by_unit[self.unit]

    def required(self, year: int) -> float | None:
        """What the path asks for in that year: equal steps from the base year to the target year.

        Before the base year there is no path: None. After the target year the target holds: what was to be reached by
        then is asked for ever after.
        """
        if year < self.base_year:
            return None
        if year >= self.target_year:
            return self.target_value
        done = (year - self.base_year) / (self.target_year - self.base_year)
        return self.base_value + done * (self.target_value - self.base_value)


class ContextSeries(_Strict):
    """A published figure of a neighbouring programme, with its source and date."""

    id: Code
    label: Text
    unit: Text
    points: tuple[tuple[int, float], ...] = Field(min_length=1)
    source: str
    source_date: str


class Thresholds(_Strict):
    """What is published, flagged or withheld, for lack of respondents or of precision, and what a change is called.

    A share or a coefficient of variation is 0 to 1.
    """

    confidential_base: int = Field(
        3, ge=1, description="Sous ce nombre de répondants, rien n'est publié : « c », confidentialité"
    )
    dominance: float = Field(
        0.85, gt=0, le=1, description="Montant dont un seul contributeur dépasse cette part : « c », confidentialité"
    )
    minimum_base: int = Field(10, ge=1, description="Sous ce nombre de répondants, rien n'est publié : « u », qualité")
    low_base: int = Field(30, ge=1, description="Sous cet effectif efficace : publié, signalé « u », fiabilité réduite")
    widest_interval: float = Field(
        0.30, gt=0, le=1, description="Part dont l'intervalle à 95 % est plus large : publiée, signalée « u »"
    )
    cv_caution: float = Field(
        0.165, gt=0, description="Total, moyenne ou ratio de coefficient de variation supérieur : publié, signalé « u »"
    )
    cv_withheld: float = Field(
        0.333, gt=0, description="Total, moyenne ou ratio de coefficient de variation supérieur : non publié, « u »"
    )
    stable: float = Field(
        0.05, gt=0, le=1, description="Évolution dont tout l'intervalle à 95 % est en deçà : dite « stable »"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.confidential_base <= self.minimum_base <= self.low_base:
            raise ValueError("confidential_base, minimum_base et low_base vont du plus petit au plus grand")
        if self.cv_caution > self.cv_withheld:
            raise ValueError("cv_caution ne dépasse pas cv_withheld")
        return self


class Publisher(_Strict):
    name: str
    service: str | None = None
    address: str | None = None
    contact: str | None = None


class Collection(_Strict):
    opens: dt.date
    closes: dt.date


class Report(_Strict):
    """What the cover says. No date comes from the clock."""

    template: Code = Field("barometer", description="Dossier de reports/")
    date: dt.date
    status: Literal["projet", "a_valider", "definitif"] = "projet"
    issn: str | None = None


class EditionConfig(_Strict):
    """`edition.yaml`."""

    edition: EditionName
    title: Text
    languages: tuple[Language, ...] = Field(min_length=1, description="La première est celle des libellés publiés")
    previous: EditionName | None = None
    reference_years: tuple[int, int] | None = Field(None, description="Les deux années précédentes si absent")
    publisher: Publisher
    collection: Collection
    report: Report
    thresholds: Thresholds = Thresholds()
    targets: tuple[Target, ...] = ()
    context: tuple[ContextSeries, ...] = ()

    @model_validator(mode="after")
    def _named_apart(self) -> Self:
        names = [target.id for target in self.targets]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"deux cibles s'appellent {', '.join(repeated)} : donnez à chacune son id")
        return self


class Indicators(_Strict):
    """`indicators.yaml`."""

    indicators: tuple[Indicator, ...] = Field(min_length=1)


Count = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Total = Annotated[float, Field(allow_inf_nan=False)]
Bound = Annotated[float, Field(allow_inf_nan=False)]


class KnownCounts(_Strict):
    """How many units of the population fall under each option of a question."""

    question: Code
    counts: dict[ChoiceCode, Count] = Field(min_length=1, description="Effectif par code d'option, ou par groupe")
    groups: dict[ChoiceCode, tuple[ChoiceCode, ...]] = Field({}, description="Options comptées ensemble, par groupe")
    source: str = Field(min_length=1, description="D'où vient le chiffre")
    date: dt.date = Field(description="Date à laquelle il vaut, AAAA-MM-JJ")

    def category_of(self, code: str) -> str | None:
        """The group or the option under which that option is counted; None where no count is known."""
        for group, codes in self.groups.items():
            if code in codes:
                return group
        return code if code in self.counts else None


class KnownTotal(_Strict):
    """The population's total of a numeric question, in the question's own unit."""

    question: Code
    total: Total
    source: str = Field(min_length=1, description="D'où vient le chiffre")
    date: dt.date = Field(description="Date à laquelle il vaut, AAAA-MM-JJ")


class KnownMargins(_Strict):
    """What is known of the population of one audience: `margins/<audience>.yaml`. No file: every weight is 1."""

    audience: Audience
    strata: KnownCounts | None = Field(None, description="Population des strates : poids de non-réponse N_h / r_h")
    method: Literal["linear", "raking", "logit"] = Field("raking", description="Méthode de calage")
    bounds: tuple[Bound, Bound] | None = Field(None, description="Bornes des rapports de poids (linear, logit)")
    counts: tuple[KnownCounts, ...] = Field((), description="Marges en effectifs")
    totals: tuple[KnownTotal, ...] = Field((), description="Marges en totaux")

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.strata is None and not self.counts and not self.totals:
            raise ValueError("au moins strata, counts ou totals (sans marges connues : pas de fichier)")
        if self.method == "logit" and self.bounds is None:
            raise ValueError("la méthode logit demande des bornes (bounds), par exemple [0.3, 3]")
        if self.method == "raking" and self.bounds is not None:
            raise ValueError("la méthode raking n'a pas de bornes : choisissez logit ou linear")
        if self.bounds is not None and not self.bounds[0] < 1 < self.bounds[1]:
            raise ValueError("une borne basse sous 1 et une borne haute au-dessus de 1")
        return self


class Edition(BaseModel):
    """One edition, loaded and checked. `folder` is where it was read from."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    config: EditionConfig
    questionnaires: dict[Audience, Questionnaire]
    indicators: tuple[Indicator, ...]
    lists: dict[str, ChoiceList]
    margins: dict[Audience, KnownMargins] = {}

    @property
    def name(self) -> str:
        return self.config.edition

    @property
    def language(self) -> str:
        """The edition's first language: that of published labels."""
        return self.config.languages[0]

    @property
    def audiences(self) -> tuple[Audience, ...]:
        return tuple(audience for audience in AUDIENCES if audience in self.questionnaires)

    @property
    def reference_years(self) -> tuple[int, int]:
        return self.config.reference_years or (int(self.name) - 2, int(self.name) - 1)

    def reference_year(self, question: Question) -> int | None:
        if question.reference_year is None:
            return None
        return self.reference_years[0 if question.reference_year == "first" else 1]

    def choices(self, question: Question) -> tuple[Choice, ...]:
        """The options offered, in order, `other` last; empty for a question without options."""
        if question.choices is None:
            return ()
        if question.choices.list is not None:
            offered = self.lists[question.choices.list].of_edition(self.name)
        else:
            offered = question.choices.options or ()
        return (*offered, OTHER) if question.choices.other else tuple(offered)

    def text(self, text: Text, language: str | None = None) -> str:
        """The wording in that language (default: the edition's first), else in the first there is."""
        return text.get(language or self.language) or next(iter(text.values()))

    def label(self, question: Question, language: str | None = None) -> str:
        """The question as asked, with its reference year filled in."""
        return self.fill(self.text(question.label, language), question)

    def fill(self, wording: str, question: Question) -> str:
        year = self.reference_year(question)
        return wording if year is None else wording.replace("{reference_year}", str(year))

    def indicator(self, id: str) -> Indicator:
        for indicator in self.indicators:
            if indicator.id == id:
                return indicator
        raise KeyError(id)


OTHER = Choice(
    code="other",
    label={"fr": "Autre (précisez)", "en": "Other (please specify)"},
    aliases=(
        "Autre",
        "Other",
        "Autre (précisez)",
        "Other (please explain)",
        "Autre, précisez",
        "Autre (veuillez préciser)",
    ),
)
