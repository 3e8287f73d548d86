"""Kept bytes: nothing is unpickled, nothing outside the folder is read, damage is a miss."""

import os
import pickle
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.repository.kept import KeptBytes

SMALL, LARGE = b"small", bytes(range(256)) * 400


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[KeptBytes]:
    found = KeptBytes(tmp_path / "kept")
    yield found
    found.close()


def tamper(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(folder / "kept" / "cache.db") as connection:
        connection.execute(statement, values)
    connection.close()


def test_bytes_come_back_and_can_be_dropped(store: KeptBytes) -> None:
    assert store.get("a") is None
    for content in (SMALL, LARGE):
        assert store.put("a", content)
        assert store.get("a") == content
    assert store.has("a")
    store.drop("a")
    assert not store.has("a")


def test_only_bytes_can_be_kept(store: KeptBytes) -> None:
    assert not store.put("a", {"not": "bytes"})  # type: ignore[arg-type]
    assert store.get("a") is None


@pytest.mark.parametrize("in_file", [False, True])
def test_a_planted_pickle_is_never_executed(
    tmp_path: Path, store: KeptBytes, *, in_file: bool
) -> None:
    mark = tmp_path / "executed"
    store.put("a", LARGE if in_file else SMALL)
    poison = pickle.dumps(Bomb(mark))
    if in_file:
        (file,) = (tmp_path / "kept").rglob("*.val")
        file.write_bytes(poison)
        tamper(tmp_path, "UPDATE Cache SET mode = 4")
    else:
        tamper(tmp_path, "UPDATE Cache SET mode = 4, value = ?", poison)
    assert store.get("a") is None
    assert not mark.exists()
    pickle.loads(poison)  # the bomb is sharp
    assert mark.is_dir()


def test_a_pickled_key_is_never_executed(tmp_path: Path, store: KeptBytes) -> None:
    mark = tmp_path / "executed"
    store.put("a", SMALL)
    tamper(tmp_path, "UPDATE Cache SET key = ?, raw = 0", pickle.dumps(Bomb(mark)))
    assert store.get("a") is None
    store.put("b", LARGE)
    store.close()
    assert store.get("b") == LARGE
    assert not mark.exists()


@pytest.mark.parametrize("target", ["../secret", "/etc/hostname", "aa/bb/../../../secret"])
def test_a_planted_path_reads_and_deletes_nothing_outside(
    tmp_path: Path, store: KeptBytes, target: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    store.put("a", LARGE)
    tamper(tmp_path, "UPDATE Cache SET filename = ?", target)
    assert store.get("a") is None
    store.drop("a")
    store.put("a", SMALL)
    assert secret.read_bytes() == b"secret"


def test_a_lost_file_is_a_miss(tmp_path: Path, store: KeptBytes) -> None:
    store.put("a", LARGE)
    for file in (tmp_path / "kept").rglob("*.val"):
        file.unlink()
    assert store.get("a") is None
    assert store.put("a", LARGE)
    assert store.get("a") == LARGE


def test_a_store_that_is_no_database_starts_over(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "cache.db").write_bytes(b"no database at all" * 500)
    store = KeptBytes(folder)
    assert store.get("a") is None
    assert store.put("a", SMALL)
    assert store.get("a") == SMALL
    store.close()


def test_the_least_used_go_first_when_it_is_full(tmp_path: Path) -> None:
    store = KeptBytes(tmp_path / "kept", limit=5 * len(LARGE))
    for n in range(12):
        store.put(f"k{n}", LARGE)
        store.get("k0")
    kept = [n for n in range(12) if store.has(f"k{n}")]
    assert 0 in kept
    assert 11 in kept
    assert len(kept) <= 6
    store.close()
