"""The catalogue: every metric of the definitions' page, declared whole, the same in the docs."""

import pytest

from core.i18n import translate, use_language
from core.models.catalogue import DIMENSIONS, METRICS, SHIPPED, Scored
from core.models.catalogue.splits import splits_of
from core.models.catalogue.units import unit_of, unit_text
from core.models.catalogue.wording import formula_text
from core.models.formats import Format
from core.services.definitions.describe import describe_dimension, describe_metric
from core.services.metric_values import parts_of
from core.services.vocabulary import nearest, search, words_of
from tests.catalogue_docs import tables, written

# Of the definitions' page; those that are analyses are told apart in the docs.
WANTED = {
    *("gross_sales", "discounts", "returns", "net_sales", "units", "cogs", "gross_margin"),
    *("margin_rate", "markup_rate", "variable_costs", "contribution", "net_margin"),
    *("net_margin_rate", "return_rate", "orders", "customers", "products", "aov"),
    *("price_per_unit", "investment", "roi", "gmroi", "recency", "frequency", "monetary"),
    *("p_alive", "expected_orders", "expected_margin", "clv", "churn_probability"),
}
FRENCH = {
    "net_sales": "chiffre d’affaires net",
    "margin_rate": "taux de marque",
    "markup_rate": "taux de marge",
    "contribution": "marge sur coûts variables",
    "cogs": "coût des ventes",
    "aov": "panier moyen",
    "price_per_unit": "prix moyen net",
    "customers": "clients actifs",
    "orders": "commandes",
    "units": "quantités",
    "return_rate": "taux de retour",
    "net_margin_rate": "taux de marge nette",
}


def test_every_metric_of_the_page_is_there() -> None:
    assert WANTED - set(METRICS) == set()
    assert {"weekday", "month_of_year", "campaign", "country", "customer"} <= set(DIMENSIONS)


@pytest.mark.parametrize(("key", "name"), FRENCH.items())
def test_french_names_are_those_of_the_page(key: str, name: str) -> None:
    assert translate(METRICS[key].name, "fr").lower() == name


@pytest.mark.parametrize("key", METRICS)
def test_a_metric_is_declared_whole(key: str) -> None:
    metric = METRICS[key]
    found = describe_metric(metric, SHIPPED)
    assert found["name"]
    assert len(found["definition"]) > 8
    assert found["formula"]
    assert found["unit"]
    assert found["caveats"]
    assert metric.synonyms.en
    assert metric.synonyms.fr
    assert found["splits"]
    assert (metric.format is Format.PERCENT) <= (unit_of(metric) == ())
    assert bool(parts_of(metric)) or isinstance(metric.formula, Scored) or "stock" in str(metric)
    with use_language("fr"):
        assert str(formula_text(metric))
        assert str(unit_text(unit_of(metric), metric.format))


@pytest.mark.parametrize("key", DIMENSIONS)
def test_a_dimension_is_declared_whole(key: str) -> None:
    found = describe_dimension(DIMENSIONS[key])
    assert found["name"]
    assert found["synonyms"]
    assert found["calendar"] == (DIMENSIONS[key].grain is not None)


def test_splits_follow_the_formula() -> None:
    every = set(DIMENSIONS)
    assert set(splits_of(METRICS["net_sales"], SHIPPED)) == every
    assert set(splits_of(METRICS["customers"], SHIPPED)) == every
    invested = set(splits_of(METRICS["roi"], SHIPPED))
    assert {"country", "channel", "category", "product", "supplier", "month", "day"} <= invested
    assert invested & {"customer", "salesperson", "invoice", "segment", "warehouse"} == set()
    stock = set(splits_of(METRICS["gmroi"], SHIPPED))
    assert {"product", "category", "warehouse", "month", "campaign"} <= stock
    assert stock & {"country", "channel", "customer", "day", "weekday"} == set()


def test_no_word_of_one_metric_is_the_name_of_another() -> None:
    names = {
        translate(m.name, lang).lower(): key for key, m in METRICS.items() for lang in ("en", "fr")
    }
    clashes = [
        (key, word)
        for key, metric in METRICS.items()
        for word in metric.synonyms.all()
        if names.get(word.lower(), key) != key
    ]
    assert clashes == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("revenue", "net_sales"),
        ("chiffre d'affaires", "net_sales"),
        ("panier", "aov"),
        ("net salse", "net_sales"),
        ("TAUX DE MARQUE", "margin_rate"),
        ("ruptures", "stock_out_rate"),
        ("attrition", "churn_probability"),
    ],
)
def test_words_lead_to_the_metric(text: str, key: str) -> None:
    assert nearest(text, METRICS.values())[0].key == key
    assert key in [metric.key for metric in search(text, METRICS.values())]


def test_a_search_finds_meanings_and_nothing_of_nonsense() -> None:
    assert "aov" in [m.key for m in search("net sales ÷ orders", METRICS.values())]
    assert search("qqqqqq", METRICS.values()) == []
    assert search("Wochentag", DIMENSIONS.values()) == []
    assert search("jour", DIMENSIONS.values())[0].key in {"day", "weekday"}
    assert "net sales" in words_of(METRICS["net_sales"])


def test_the_docs_list_every_metric_and_dimension_with_its_definition() -> None:
    assert written() == tables()
