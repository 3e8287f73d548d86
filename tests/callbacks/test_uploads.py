"""Uploads and jobs over HTTP: what is kept, what is refused, and whose it is."""

import hashlib
import resource
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from callbacks.uploads import clean_name
from core.errors import PicholineError
from core.i18n import use_language
from core.models.tables import JobStatus
from core.services.application import Application
from core.settings import load_settings
from dashboard.intake_list import SAMPLES
from dashboard.security import CSRF_HEADER
from tests.desk import Visitor
from tests.samples import FOLDER, build

LIMIT_MB = 90
CONTENT = b"Invoice;Date;Product code;Quantity;Unit price\nF-1;2025-03-31;A;2;9.90\n"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home = tmp_path_factory.mktemp("uploads")
    opened = Application.open(load_settings(home, max_upload_mb=LIMIT_MB))
    yield opened
    opened.close()


def send(visitor: Visitor, content: bytes, name: str = "sales.csv", **options: Any) -> Any:
    return visitor.client.post(
        "/uploads",
        query_string={"name": name},
        data=content,
        headers={CSRF_HEADER: options.get("token", visitor.token)},
    )


def test_a_file_is_kept_under_its_hash_and_looked_at(
    visitor: Visitor, application: Application
) -> None:
    answer = send(visitor, CONTENT, "Ventes d’été.csv")
    assert answer.status_code == 200
    found = answer.json
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert found["sha256"] == digest
    assert (found["name"], found["size"]) == ("Ventes d’été.csv", len(CONTENT))
    assert (application.settings.inbox / digest).read_bytes() == CONTENT
    job = application.jobs.get(found["job_id"])
    assert (job.kind, job.status) == ("preview", JobStatus.QUEUED)
    assert job.params["sha256"] == digest
    assert job.params["file_name"] == "Ventes d’été.csv"


def test_a_file_without_the_token_is_refused(visitor: Visitor, application: Application) -> None:
    before = set(application.settings.inbox.iterdir())
    assert send(visitor, b"never kept", token="").status_code == 403
    assert set(application.settings.inbox.iterdir()) == before


@pytest.mark.parametrize(
    ("size", "status", "code"),
    [(LIMIT_MB * 1_000_000 + 1, 413, "file.too_large"), (0, 400, "file.empty")],
)
def test_a_file_of_a_wrong_size_is_refused_with_a_remedy(
    visitor: Visitor, application: Application, size: int, status: int, code: str
) -> None:
    before = set(application.settings.inbox.iterdir())
    answer = send(visitor, bytes(size))
    assert answer.status_code == status
    assert answer.json["code"] == code
    assert answer.json["remedy"]
    assert set(application.settings.inbox.iterdir()) == before


def test_a_large_file_is_never_held_in_memory(
    visitor: Visitor, application: Application, tmp_path: Path
) -> None:
    size = 80_000_000
    with (tmp_path / "large").open("w+b") as body:
        body.truncate(size)
        tracemalloc.start()
        try:
            answer = visitor.client.post(
                "/uploads?name=large.csv",
                input_stream=body,
                headers={CSRF_HEADER: visitor.token},
            )
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert answer.status_code == 200
    assert (application.settings.inbox / answer.json["sha256"]).stat().st_size == size
    assert peak < 16_000_000


def test_a_full_disk_is_said_and_leaves_nothing(visitor: Visitor, application: Application) -> None:
    before = set(application.settings.inbox.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000_000, hard))
    try:
        answer = send(visitor, b"x" * 9_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert answer.status_code == 507
    assert answer.json["code"] == "disk.full"
    assert set(application.settings.inbox.iterdir()) == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sales.xlsx", "sales.xlsx"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\me\\Ventes.xlsx", "Ventes.xlsx"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("<b>x</b>.csv", "b>.csv"),
        ("x" * 300 + ".xlsx", "x" * 195 + ".xlsx"),
    ],
)
def test_names_lose_folders_and_control_signs(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize("given", ["", "  ", "..", "folder/..", "\x00"])
def test_a_file_needs_a_name(given: str) -> None:
    with pytest.raises(PicholineError) as caught:
        clean_name(given)
    assert caught.value.code == "upload.name"


def test_a_job_tells_how_far_it_is_but_not_what_it_found(
    visitor: Visitor, application: Application
) -> None:
    job_id = send(visitor, CONTENT).json["job_id"]
    found = visitor.client.get(f"/jobs/{job_id}").json
    assert (found["id"], found["status"], found["progress"]) == (job_id, "queued", 0.0)
    assert "result" not in found
    assert "params" not in found


def test_a_job_is_cancelled_only_with_the_token(visitor: Visitor, application: Application) -> None:
    job_id = send(visitor, CONTENT).json["job_id"]
    assert visitor.client.post(f"/jobs/{job_id}/cancel").status_code == 403
    answer = visitor.client.post(f"/jobs/{job_id}/cancel", headers={CSRF_HEADER: visitor.token})
    assert answer.json["status"] == "cancelled"


def test_a_strangers_job_looks_like_none(visitor: Visitor, application: Application) -> None:
    foreign = application.jobs.submit("preview", {}, owner="somebody else")
    headers = {CSRF_HEADER: visitor.token}
    for number in (foreign, 999_999):
        told = visitor.client.get(f"/jobs/{number}")
        assert (told.status_code, told.json["code"]) == (404, "job.unknown")
        stopped = visitor.client.post(f"/jobs/{number}/cancel", headers=headers)
        assert stopped.status_code == 404
    assert not application.jobs.get(foreign, owner="somebody else").cancel


def test_errors_are_told_in_the_readers_language(server: Any) -> None:
    told = Visitor(server.test_client(), "fr").client.get("/jobs/999999").json
    with use_language("fr"), pytest.raises(PicholineError) as caught:
        server.extensions["picholine"].jobs.get(999_999)
    with use_language("fr"):
        assert told["title"] == str(caught.value.title)
    assert told["title"] != str(caught.value.title)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_can_be_downloaded(visitor: Visitor, name: str) -> None:
    with visitor.client.get(f"/samples/{name}", buffered=True) as answer:
        assert answer.data == (FOLDER / name).read_bytes()
        assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("name", ["nothing.xlsx", "..\\demo\\products.csv"])
def test_nothing_but_the_samples(visitor: Visitor, name: str) -> None:
    assert visitor.client.get(f"/samples/{name}").status_code == 404


def test_the_shipped_samples_are_what_their_recipe_says(tmp_path: Path) -> None:
    for path in build(tmp_path):
        made, shipped = (load_workbook(p).worksheets[0] for p in (path, FOLDER / path.name))
        assert list(made.values) == list(shipped.values)
