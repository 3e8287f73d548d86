"""Other words people use for metrics and dimensions, in both languages."""

from collections.abc import Mapping

from core.models.catalogue.formulas import Synonyms

METRIC_SYNONYMS: Mapping[str, Synonyms] = {
    "gross_sales": Synonyms(("gross revenue", "list sales"), ("CA brut",)),
    "discounts": Synonyms(("rebates", "price reductions"), ("rabais", "ristournes")),
    "returns": Synonyms(("refunds", "credit notes"), ("avoirs", "remboursements")),
    "net_sales": Synonyms(
        ("sales", "revenue", "turnover", "net revenue"), ("CA", "CA net", "chiffre d'affaires")
    ),
    "units": Synonyms(("quantity", "volume", "units"), ("quantité", "volumes", "unités vendues")),
    "weight_kg": Synonyms(("weight", "kilograms", "kilos"), ("poids", "kilogrammes", "kilos")),
    "cogs": Synonyms(("cost of sales", "COGS"), ("prix de revient", "coût d'achat des ventes")),
    "cost_coverage": Synonyms(("known costs",), ("couverture",)),
    "gross_margin": Synonyms(("margin", "gross profit"), ("marge", "bénéfice brut")),
    "margin_rate": Synonyms(("margin rate", "gross margin rate"), ("marge sur ventes",)),
    "markup_rate": Synonyms(("markup", "mark-up"), ("marge sur coût",)),
    "variable_costs": Synonyms(("direct costs",), ("frais variables", "frais directs")),
    "contribution": Synonyms(
        ("contribution margin", "margin after variable costs"), ("contribution", "MCV")
    ),
    "investment": Synonyms(("spending", "marketing spend"), ("dépenses", "budget marketing")),
    "overhead": Synonyms(("overheads", "fixed costs"), ("frais généraux", "charges fixes")),
    "net_margin": Synonyms(("net profit", "profit"), ("bénéfice net", "résultat")),
    "net_margin_rate": Synonyms(("net profit rate",), ("rentabilité nette",)),
    "roi": Synonyms(("ROI", "return"), ("RSI", "rentabilité de l'investissement")),
    "return_rate": Synonyms(("share of returns",), ("part des retours",)),
    "orders": Synonyms(
        ("number of orders", "invoices"), ("nombre de commandes", "nombre de factures")
    ),
    "customers": Synonyms(
        ("customers", "number of customers", "buyers"),
        ("clients", "nombre de clients", "acheteurs"),
    ),
    "products": Synonyms(
        ("products", "number of products", "assortment"), ("produits", "nombre de produits")
    ),
    "aov": Synonyms(("basket", "AOV", "order value"), ("panier", "valeur moyenne de commande")),
    "price_per_unit": Synonyms(("price", "unit price"), ("prix", "prix unitaire", "prix moyen")),
    "average_inventory": Synonyms(("stock", "inventory"), ("stock", "stock moyen")),
    "gmroi": Synonyms(("return on inventory",), ("rentabilité du stock",)),
    "days_of_inventory": Synonyms(("stock days", "coverage in days"), ("jours de stock",)),
    "sell_through": Synonyms(("sell-through rate",), ("taux d'écoulement",)),
    "stock_out_rate": Synonyms(("stock-outs", "out of stock"), ("ruptures", "taux de rupture")),
    "recency": Synonyms(("days since last purchase",), ("jours depuis le dernier achat",)),
    "frequency": Synonyms(("purchase days",), ("jours d'achat",)),
    "monetary": Synonyms(("spend per visit", "monetary value"), ("montant par achat",)),
    "expected_orders": Synonyms(("order forecast",), ("commandes prévues",)),
    "expected_margin": Synonyms(("margin per order",), ("marge par commande",)),
    "clv": Synonyms(("lifetime value", "CLV", "LTV"), ("valeur vie client", "VVC")),
    "p_alive": Synonyms(("alive", "still active"), ("client actif", "probabilité de survie")),
    "churn_probability": Synonyms(
        ("churn", "risk of leaving", "attrition"), ("attrition", "risque de départ")
    ),
}
DIMENSION_SYNONYMS: Mapping[str, Synonyms] = {
    "day": Synonyms(("date", "daily"), ("date", "quotidien")),
    "week": Synonyms(("weekly", "calendar week"), ("hebdomadaire", "semaine civile")),
    "month": Synonyms(("monthly",), ("mensuel", "par mois")),
    "quarter": Synonyms(("quarterly",), ("trimestriel",)),
    "year": Synonyms(("yearly", "annual"), ("annuel", "année civile")),
    "campaign": Synonyms(("season", "campaign year", "harvest"), ("saison", "récolte", "exercice")),
    "period_445": Synonyms(("4-4-5", "retail month", "period"), ("4-4-5", "période comptable")),
    "weekday": Synonyms(("weekday", "day name"), ("jour", "jour ouvré")),
    "month_of_year": Synonyms(("calendar month", "seasonality"), ("mois civil", "saisonnalité")),
    "country": Synonyms(("market", "nation", "destination"), ("marché", "destination")),
    "channel": Synonyms(("sales channel", "route to market"), ("canal", "circuit de vente")),
    "category": Synonyms(("product group", "family"), ("famille", "rayon", "gamme")),
    "category_then": Synonyms(
        ("historical category", "former category", "category then"),
        ("catégorie historique", "ancienne catégorie", "famille à la date de vente"),
    ),
    "subcategory": Synonyms(("product subgroup",), ("sous-famille",)),
    "brand": Synonyms(("label",), ("enseigne",)),
    "grade": Synonyms(("quality",), ("qualité",)),
    "origin": Synonyms(("country of origin", "provenance"), ("provenance", "pays d'origine")),
    "product": Synonyms(("item", "article", "SKU"), ("article", "référence")),
    "supplier": Synonyms(("vendor", "producer"), ("producteur", "vendeur")),
    "supplier_then": Synonyms(
        ("historical supplier", "former supplier", "supplier then"),
        ("fournisseur historique", "ancien fournisseur", "fournisseur à la date de vente"),
    ),
    "customer": Synonyms(("client", "buyer", "account"), ("acheteur", "compte")),
    "segment": Synonyms(("customer group",), ("segment", "groupe de clients")),
    "segment_then": Synonyms(
        ("historical segment", "former segment", "segment then"),
        ("segment historique", "ancien segment", "segment à la date de vente"),
    ),
    "rfm_segment": Synonyms(("RFM", "behaviour"), ("RFM", "comportement")),
    "warehouse": Synonyms(("depot", "store"), ("dépôt", "magasin")),
    "salesperson": Synonyms(("rep", "sales rep", "seller"), ("commercial", "représentant")),
    "promotion": Synonyms(("campaign code", "offer"), ("offre", "opération")),
    "currency": Synonyms(("money",), ("monnaie",)),
    "line_kind": Synonyms(("type of line",), ("type de ligne",)),
    "cost_source": Synonyms(("origin of cost",), ("provenance du coût",)),
    "invoice": Synonyms(("bill", "document"), ("pièce", "document")),
}
