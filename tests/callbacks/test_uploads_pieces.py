"""Large files in pieces over HTTP: continued, compared, owned, collected."""

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from core.models.arrivals import Upload
from core.models.tables import now
from core.services.application import Application
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.security import CSRF_HEADER
from tests.desk import Visitor

LINES = b"Invoice;Date;Product code;Quantity;Unit price\n" + b"".join(
    b"F-%05d;2025-03-31;A;2;9.90\n" % number for number in range(2000)
)
DIGEST = hashlib.sha256(LINES).hexdigest()
PIECE = 20_000


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path / "home", max_upload_mb=5))
    yield opened
    opened.close()


@pytest.fixture
def visitor(application: Application) -> Visitor:
    return Visitor(create_app(application).test_client())


def post(visitor: Visitor, path: str, **body: Any) -> Any:
    return visitor.client.post(path, json=body, headers={CSRF_HEADER: visitor.token})


def begin(visitor: Visitor, **changes: Any) -> Any:
    said = {"name": "sales.csv", "size": len(LINES), "fingerprint": "f1", **changes}
    return post(visitor, "/uploads/begin", **said)


def put(visitor: Visitor, key: str, offset: int, piece: bytes, sha256: str | None = None) -> Any:
    stated = hashlib.sha256(piece).hexdigest() if sha256 is None else sha256
    return visitor.client.put(
        f"/uploads/{key}?offset={offset}",
        data=piece,
        headers={CSRF_HEADER: visitor.token, "X-Piece-SHA256": stated},
    )


def send(visitor: Visitor, key: str, start: int = 0, until: int = len(LINES)) -> None:
    for offset in range(start, until, PIECE):
        piece = LINES[offset : min(offset + PIECE, until)]
        assert put(visitor, key, offset, piece).json == {"offset": offset + len(piece)}


def test_a_file_in_pieces_is_the_file(visitor: Visitor, application: Application) -> None:
    found = begin(visitor).json
    assert (found["offset"], found["size"], found["name"]) == (0, len(LINES), "sales.csv")
    send(visitor, found["key"])
    answer = post(visitor, f"/uploads/{found['key']}/finish", sha256=DIGEST).json
    assert (answer["sha256"], answer["size"], answer["name"]) == (DIGEST, len(LINES), "sales.csv")
    assert (application.settings.inbox / DIGEST).read_bytes() == LINES
    assert application.jobs.get(answer["job_id"]).params["sha256"] == DIGEST
    # An answer that got lost on the way is given again, without a second preview.
    assert post(visitor, f"/uploads/{found['key']}/finish").json == answer
    assert len(application.jobs.recent()) == 1
    assert visitor.client.get("/uploads/unfinished").json == []


def test_it_continues_after_a_restart_of_the_server_and_a_torn_piece(
    visitor: Visitor, application: Application
) -> None:
    key = begin(visitor).json["key"]
    send(visitor, key, until=2 * PIECE)
    part = application.settings.home / "uploads" / f"{key}.part"
    with part.open("ab") as torn:  # the server was killed while it wrote the third
        torn.write(b"torn")
    again = Application.open(application.settings)
    other = Visitor(create_app(again).test_client())
    waiting = other.client.get("/uploads/unfinished").json
    assert [(w["key"], w["offset"]) for w in waiting] == [(key, 2 * PIECE)]
    found = begin(other).json
    assert (found["key"], found["offset"]) == (key, 2 * PIECE)
    send(other, key, start=2 * PIECE)
    assert post(other, f"/uploads/{key}/finish").json["sha256"] == DIGEST
    assert (again.settings.inbox / DIGEST).read_bytes() == LINES
    again.close()


def test_a_wrong_offset_is_told_where_to_continue(visitor: Visitor) -> None:
    key = begin(visitor).json["key"]
    send(visitor, key, until=PIECE)
    for offset in (0, 2 * PIECE, -1):
        answer = put(visitor, key, offset, b"x")
        assert (answer.status_code, answer.json["code"]) == (409, "upload.offset")
        assert answer.json["offset"] == PIECE
    early = post(visitor, f"/uploads/{key}/finish")
    assert (early.status_code, early.json["code"]) == (409, "upload.offset")


def test_a_damaged_or_too_long_piece_is_not_kept(visitor: Visitor) -> None:
    key = begin(visitor).json["key"]
    send(visitor, key, until=PIECE)
    damaged = put(visitor, key, PIECE, b"x" * 100, hashlib.sha256(b"y" * 100).hexdigest())
    assert (damaged.status_code, damaged.json["code"]) == (422, "upload.damaged")
    assert put(visitor, key, PIECE, b"x" * len(LINES)).status_code == 422
    assert visitor.client.get(f"/uploads/{key}").json["offset"] == PIECE
    send(visitor, key, start=PIECE)
    assert post(visitor, f"/uploads/{key}/finish").json["sha256"] == DIGEST


def test_a_whole_file_that_differs_is_discarded(visitor: Visitor, application: Application) -> None:
    key = begin(visitor).json["key"]
    send(visitor, key)
    answer = post(visitor, f"/uploads/{key}/finish", sha256="0" * 64)
    assert (answer.status_code, answer.json["code"]) == (422, "upload.damaged")
    assert not (application.settings.inbox / DIGEST).exists()
    assert visitor.client.get(f"/uploads/{key}").status_code == 404


def test_a_cancelled_upload_is_not_shown_and_continues_when_the_file_comes_again(
    visitor: Visitor,
) -> None:
    key = begin(visitor).json["key"]
    send(visitor, key, until=PIECE)
    assert post(visitor, f"/uploads/{key}/cancel").status_code == 200
    assert visitor.client.get("/uploads/unfinished").json == []
    assert begin(visitor, fingerprint="another file").json["offset"] == 0
    found = begin(visitor).json
    assert (found["key"], found["offset"]) == (key, PIECE)
    assert len(visitor.client.get("/uploads/unfinished").json) == 2


def test_an_upload_belongs_to_its_owner(visitor: Visitor, application: Application) -> None:
    key = begin(visitor).json["key"]
    stranger = Visitor(create_app(application, user="somebody else").test_client())
    assert stranger.client.get("/uploads/unfinished").json == []
    refusals = [
        stranger.client.get(f"/uploads/{key}"),
        put(stranger, key, 0, b"x"),
        post(stranger, f"/uploads/{key}/finish"),
        post(stranger, f"/uploads/{key}/cancel"),
        stranger.client.delete(f"/uploads/{key}", headers={CSRF_HEADER: stranger.token}),
    ]
    assert {(r.status_code, r.json["code"]) for r in refusals} == {(404, "upload.unknown")}
    assert begin(stranger).json["key"] != key


def test_people_under_rules_and_requests_without_the_token_are_refused(
    visitor: Visitor, application: Application
) -> None:
    key = begin(visitor).json["key"]
    for answer in (
        visitor.client.post("/uploads/begin", json={}),
        visitor.client.put(f"/uploads/{key}?offset=0", data=b"x"),
        visitor.client.delete(f"/uploads/{key}"),
    ):
        assert (answer.status_code, answer.json["code"]) == (403, "request.token")
    application.access.allow("limited", "country", ("FR",))
    limited = Visitor(create_app(application, user="limited").test_client())
    assert (begin(limited).status_code, begin(limited).json["code"]) == (403, "access.restricted")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"size": 5_000_001}, 413, "file.too_large"),
        ({"size": 0}, 400, "file.empty"),
        ({"size": "many"}, 400, "file.empty"),
        ({"name": ".."}, 400, "upload.name"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_byte(
    visitor: Visitor, application: Application, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = begin(visitor, **changes)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert not list((application.settings.home).glob("uploads/*.part"))


def test_what_nobody_continues_is_collected_after_a_day(
    visitor: Visitor, application: Application
) -> None:
    old, young = begin(visitor).json["key"], begin(visitor, fingerprint="f2").json["key"]
    send(visitor, old, until=PIECE)
    folder = application.settings.home / "uploads"
    with application.catalogue.engine.begin() as connection:
        connection.execute(
            update(Upload).where(Upload.key == old).values(touched_at=now() - timedelta(hours=25))  # type: ignore[arg-type]
        )
    long_ago = (now() - timedelta(hours=25)).timestamp()
    for path in folder.iterdir():
        os.utime(path, (long_ago, long_ago))
    assert application.uploads.collect() >= 1
    assert [path.stem for path in folder.glob("*.part")] == [young]
    assert visitor.client.get(f"/uploads/{old}").status_code == 404
    send(visitor, young)
