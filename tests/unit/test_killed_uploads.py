"""The server is killed while a piece of a large file arrives; after a start the file continues."""

import hashlib
import http.client
import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboard.security import CSRF_COOKIE, CSRF_HEADER
from tests.unit.ingest_home import line, write_csv
from tests.unit.test_cli_serve import Serving, until
from tests.unit.test_cli_serve import serve as serve  # noqa: PLC0414 - the fixture

PIECE = 1 << 20
WHOLE = 3  # pieces that arrive before the server is killed


class Sender:
    """A browser that sends a large file."""

    def __init__(self, serving: Serving) -> None:
        self.host = urlsplit(serving.address).netloc
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        self.connection.request("GET", "/imports")
        answer = self.connection.getresponse()
        answer.read()
        found = re.search(rf"{CSRF_COOKIE}=([^;]+)", answer.headers["Set-Cookie"])
        assert found is not None
        self.token = found[1]

    @property
    def headers(self) -> dict[str, str]:
        own = {"Sec-Fetch-Site": "same-origin"}
        return {CSRF_HEADER: self.token, "Cookie": f"{CSRF_COOKIE}={self.token}", **own}

    def ask(self, method: str, address: str, body: Any = None) -> dict[str, Any]:
        raw = body if isinstance(body, bytes) else json.dumps(body) if body is not None else None
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        self.connection.request(method, address, raw, {**self.headers, "Content-Type": kind})
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text)

    def half(self, address: str, piece: bytes) -> None:
        """Begin to send a piece and stop in its middle."""
        self.connection.putrequest("PUT", address)
        for name, value in {**self.headers, "Content-Length": str(len(piece))}.items():
            self.connection.putheader(name, value)
        self.connection.endheaders()
        self.connection.send(piece[: len(piece) // 2])


def test_a_killed_server_continues_where_the_file_stopped(
    serve: Callable[..., Serving], tmp_path: Path
) -> None:
    rows = [line(n, Invoice=f"F{n:07}", Customer=f"C{n % 977}") for n in range(110_000)]
    content = write_csv(tmp_path / "large.csv", rows).read_bytes()
    assert len(content) > (WHOLE + 1) * PIECE
    serving = serve()
    sender = Sender(serving)
    named = {"name": "large.csv", "size": len(content), "fingerprint": "ends"}
    key = sender.ask("POST", "/uploads/begin", named)["key"]
    for offset in range(0, WHOLE * PIECE, PIECE):
        piece = content[offset : offset + PIECE]
        sender.ask("PUT", f"/uploads/{key}?offset={offset}", piece)
    offset = WHOLE * PIECE
    sender.half(f"/uploads/{key}?offset={offset}", content[offset : offset + PIECE])
    os.kill(serving.process.pid, signal.SIGKILL)
    serving.process.wait()
    sender.connection.close()

    again = serve()
    sender = Sender(again)
    begun = sender.ask("POST", "/uploads/begin", named)
    assert (begun["key"], begun["offset"]) == (key, offset)
    while offset < len(content):
        piece = content[offset : offset + PIECE]
        offset = sender.ask("PUT", f"/uploads/{key}?offset={offset}", piece)["offset"]
    answer = sender.ask("POST", f"/uploads/{key}/finish", {})
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    assert (serving.home / "inbox" / answer["sha256"]).read_bytes() == content

    def looked_at() -> bool:
        return sender.ask("GET", f"/jobs/{answer['job_id']}")["status"] == "done"

    until(looked_at, "the preview of the whole file")
    sender.connection.close()
    assert again.stop()[0] == 0
