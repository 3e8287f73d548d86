"""The desk's questions: search over everything, lines in view, jobs; each within its rights."""

from typing import Any

from core.services import palette
from core.services.application import Application
from tests.desk import Visitor
from tests.halves import SECRET


def found(visitor: Visitor, text: str) -> list[dict[str, Any]]:
    answer = visitor.client.get("/desk/find", query_string={"q": text})
    assert answer.status_code == 200, answer.text
    return answer.get_json()["hits"]


def rows(visitor: Visitor, search: str) -> str:
    answer = visitor.call(
        "status-rows.children",
        {"url.search": search, "data-version.data": 1},
        changed=("url.search",),
    )
    assert answer.status_code == 200, answer.text
    return answer.json["response"]["status-rows"]["children"]


def test_members_are_found_within_the_rights(anna: Visitor, everybody: Visitor) -> None:
    assert found(anna, SECRET) == []
    assert {hit["kind"] for hit in found(everybody, SECRET)} == {"Product", "Customer", "Supplier"}
    # Asked in this order, an index held for everybody must not answer Anna.
    assert found(anna, SECRET.lower()) == []
    assert found(anna, "ital") == []
    assert [hit["label"] for hit in found(everybody, "ital")] == ["Italy"]


def test_a_member_filters_and_has_a_page(anna: Visitor) -> None:
    (country, *_) = found(anna, "franc")
    assert country["filters"] == ["country", "FR"]
    assert country["address"] == "/countries?member=FR"
    product = next(hit for hit in found(anna, "open product 3") if hit["kind"] == "Product")
    assert product["filters"] == ["own.product", "OPEN-P3"]
    assert product["detail"] == "OPEN-P3"


def test_accents_case_and_languages(server: Any) -> None:
    french = Visitor(server.test_client(), "fr")
    assert any(hit["kind"] == "Indicateur" for hit in found(french, "MARGE"))
    assert palette.folded("Mönchen ÉTÉ") == "monchen ete"
    assert found(french, "   ") == []


def test_metrics_lead_to_the_explorer(anna: Visitor) -> None:
    hit = next(hit for hit in found(anna, "gross margin") if hit["detail"] == "gross_margin")
    assert hit["address"] == "/explorer?figures=gross_margin"
    assert anna.client.get(hit["address"]).status_code == 200


def test_lines_in_view(anna: Visitor, everybody: Visitor) -> None:
    """Of 240 lines a third is closed; the open ones are all French."""
    assert rows(everybody, "?period=all") == "240 lines in view"
    assert rows(anna, "?period=all") == "160 lines in view"
    assert rows(everybody, "?period=all&country=IT&country=FR&channel=none") == "0 lines in view"
    assert rows(anna, "?period=all&own.product=nothing") == "0 lines in view"
    assert rows(anna, "?period=nonsense") == rows(anna, "")


def test_jobs_are_ones_own(application: Application, anna: Visitor, everybody: Visitor) -> None:
    mine = application.jobs.submit("analyse", {"key": "churn"}, "anna")
    theirs = application.jobs.submit("import", {"file_name": "ledger.csv"}, "local")
    (job,) = anna.client.get("/desk/jobs").get_json()["jobs"]
    assert (job["id"], job["title"], job["detail"], job["state"]) == (
        mine, "Analysis", "Churn", "waiting",
    )  # fmt: skip
    listed = {job["id"]: job for job in everybody.client.get("/desk/jobs").get_json()["jobs"]}
    assert mine not in listed
    assert listed[theirs]["detail"] == "ledger.csv"
    assert anna.client.get(f"/desk/imported/{theirs}").status_code in (403, 404)


def test_the_page_carries_the_register(anna: Visitor, server: Any) -> None:
    """In the reader's language, with the pages that there are."""
    layout = Visitor(server.test_client(), "fr").client.get("/_dash-layout").text
    assert "desk-actions" in layout
    assert "Modifier" in layout
