"""The watched folder: finished files are imported once, doubtful ones wait, the rest is refused."""

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Scope
from core.services.application import Application
from core.services.inbox_folder import is_ignored, safe_name
from core.services.inbox_watch import OWNER, InboxWatch, refuse_waiting, waiting_files
from core.services.ingest import ImportOptions, Mapping
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from tests.unit.ingest_home import line, write_csv, write_xlsx

ALL = Scope("local")


class Shop:
    """An application that watches a folder, with a clock of its own."""

    def __init__(self, home: Path, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.application = Application.open(load_settings(home, watched_folder=folder))
        self.now = 0.0
        self.watch = InboxWatch(self.application, lambda: self.now)
        self.worker = Worker(self.application, "test", HANDLERS)

    def wait(self, seconds: float = 14.0) -> None:
        """Let time pass, looking and working as the worker does."""
        for _second in range(int(seconds)):
            self.now += 1.0
            self.watch.look()
            while self.worker.run_next(Event()):
                pass

    def there(self, place: str = "") -> list[str]:
        folder = self.folder / place
        return sorted(p.name for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []

    def why(self, name: str, place: str) -> str:
        return (self.folder / place / f"{name}.txt").read_text("utf-8-sig")

    @property
    def imports(self) -> list[tuple[str, str, int]]:
        return [(r.file_name, r.owner, r.accepted) for r in self.application.catalogue.imports()]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.delenv("PICHOLINE_INBOX", raising=False)
    opened = Shop(tmp_path / "home", tmp_path / "arrivals")
    yield opened
    opened.application.close()


def test_a_finished_file_is_imported_and_put_away(shop: Shop) -> None:
    write_csv(shop.folder / "march.csv", [line(1), line(2)])
    shop.wait()
    assert shop.imports == [("march.csv", OWNER, 2)]
    assert (shop.there(), shop.there("done")) == ([], ["march.csv", "march.csv.txt"])
    assert "Import 1: 2 rows read, 2 accepted" in shop.why("march.csv", "done")


def test_a_file_that_still_grows_is_left_alone(shop: Shop) -> None:
    path = write_csv(shop.folder / "march.csv", [line(1)])
    for second in range(10):
        with path.open("a") as stream:
            stream.write(";".join(str(cell) for cell in line(second + 2)) + "\n")
        os.utime(path, (second, second))
        shop.wait(2)
        assert shop.imports == []
    shop.wait()
    assert shop.imports == [("march.csv", OWNER, 11)]


def test_a_file_that_changes_while_its_job_waits_is_taken_when_it_is_still(shop: Shop) -> None:
    path = write_csv(shop.folder / "march.csv", [line(1)])
    for _second in range(14):
        shop.now += 1.0
        shop.watch.look()  # the worker is busy elsewhere
    assert len(shop.application.jobs.recent(OWNER)) == 1
    write_csv(path, [line(1), line(2)])
    assert shop.worker.run_next(Event())
    assert shop.application.jobs.recent(OWNER)[0].result == {"status": "unfinished"}
    assert shop.imports == []
    shop.wait()
    assert shop.imports == [("march.csv", OWNER, 2)]


def test_a_doubtful_file_waits_until_a_person_has_imported_it(shop: Shop) -> None:
    path = write_xlsx(shop.folder / "strange.xlsx", [["F1", 3, "x"]], ["Invoice", "Qty", "Thing"])
    write_csv(shop.folder / "march.csv", [line(1)])
    shop.wait()
    assert shop.imports == [("march.csv", OWNER, 1)]
    (waiting,) = waiting_files(shop.application, ALL)
    assert waiting.file_name == "strange.xlsx"
    assert waiting.why == "Sheet Ventes lacks: Date, Product code, Unit price excl. VAT."
    with use_language("fr"):
        assert "Code produit" in waiting_files(shop.application, ALL)[0].why
    shop.wait(30)  # it is not taken again and again
    assert len(shop.application.jobs.recent(OWNER)) == 2
    assert shop.there() == ["strange.xlsx"]
    mapping = Mapping("products", columns={"product_id": "Invoice", "name": "Thing"})
    shop.application.intake.run(path, ImportOptions(mapping=mapping, owner="ann"))
    shop.wait()
    assert waiting_files(shop.application, ALL) == []
    assert shop.there("done")[-2:] == ["strange.xlsx", "strange.xlsx.txt"]
    assert "import 2" in shop.why("strange.xlsx", "done")


def test_a_waiting_file_can_be_refused_and_one_that_is_gone_is_forgotten(shop: Shop) -> None:
    for name in ("one", "two"):
        write_csv(shop.folder / f"{name}.csv", [[name, 3]], ["Invoice", "Qty"])
    shop.wait()
    by_name = {found.file_name: found for found in waiting_files(shop.application, ALL)}
    refuse_waiting(shop.application, by_name["one.csv"].sha256, ALL)
    assert shop.there("refused") == ["one.csv", "one.csv.txt"]
    (shop.folder / "two.csv").unlink()
    shop.wait()
    assert waiting_files(shop.application, ALL) == []
    with pytest.raises(PicholineError) as caught:
        refuse_waiting(shop.application, by_name["two.csv"].sha256, ALL)
    assert caught.value.code == "inbox.unknown"


def test_each_content_is_taken_once_even_after_a_restart(shop: Shop, tmp_path: Path) -> None:
    write_csv(shop.folder / "march.csv", [line(1)])
    shop.wait()
    write_csv(shop.folder / "march.csv", [line(1)])
    shop.wait()
    assert len(shop.imports) == 1
    assert "imported before, as import 1" in shop.why("march (2).csv", "done")
    shop.application.intake.undo(1)
    write_csv(shop.folder / "again.csv", [line(1)])
    again = Shop(tmp_path / "home", shop.folder)
    again.wait()
    assert len(again.imports) == 1
    assert "and undone" in again.why("again.csv", "done")
    again.application.close()


def test_what_cannot_be_read_is_refused_with_the_reason(shop: Shop) -> None:
    (shop.folder / "photo.png").write_bytes(b"\x89PNG\r\n" + bytes(100))
    (shop.folder / "empty.csv").touch()
    shop.wait()
    assert shop.there() == ["empty.csv"]  # somebody may be about to fill it
    os.utime(shop.folder / "empty.csv", (0, 0))
    shop.wait()
    assert shop.imports == []
    assert shop.there("refused") == [
        "empty.csv", "empty.csv.txt", "photo.png", "photo.png.txt",
    ]  # fmt: skip
    assert "a picture" in shop.why("photo.png", "refused")
    assert "is empty" in shop.why("empty.csv", "refused")


def test_a_file_that_cannot_be_opened_is_tried_again(shop: Shop) -> None:
    target = write_csv(shop.folder / "march.csv", [line(1)])
    taken = shop.folder.parent / "held"
    shop.watch.look()
    shop.now += 12
    shop.watch.look()
    target.rename(taken)
    target.mkdir()  # it cannot be read as a file just now
    while shop.worker.run_next(Event()):
        pass
    target.rmdir()
    taken.rename(target)
    assert shop.imports == []
    shop.now += 400
    shop.wait()
    assert shop.imports == [("march.csv", OWNER, 1)]


def test_hidden_locked_and_unfinished_files_are_not_looked_at(shop: Shop) -> None:
    names = [".hidden.csv", "~$book.xlsx", ".~lock.a.ods#", "a.csv.part", "b.crdownload", "c.tmp",
             "Thumbs.db", "d.csv~"]  # fmt: skip
    for name in names:
        (shop.folder / name).write_text("x")
    (shop.folder / "done").mkdir()
    write_csv(shop.folder / "target.real", [line(1)]).rename(shop.folder.parent / "target.csv")
    (shop.folder / "link.csv").symlink_to(shop.folder.parent / "target.csv")
    shop.wait()
    assert shop.application.jobs.recent(OWNER) == []
    assert all(map(is_ignored, names))
    assert not any(map(is_ignored, ["march.csv", "Ventes d’été.xlsx", "part.csv", "a.lockers.csv"]))


def test_a_folder_that_is_away_or_our_own_is_no_reason_to_stop(shop: Shop, tmp_path: Path) -> None:
    shop.folder.rmdir()
    shop.wait()
    settings = shop.application.settings
    for folder in (settings.home, settings.inbox):
        inside = Application.open(load_settings(settings.home, watched_folder=folder))
        watch = InboxWatch(inside, lambda: 0.0)
        watch.look()
        assert inside.jobs.recent(OWNER) == []
        inside.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("march.csv", "march.csv"),
        ("a:b?.csv", "a_b_.csv"),
        ("con.csv", "_con.csv"),
        ("LPT1", "_LPT1"),
        ("contract.csv", "contract.csv"),
        ("ends. ", "ends"),
        ("...", "_"),
        ("x" * 300 + ".csv", "x" * 176 + ".csv"),
    ],
)
def test_names_fit_every_platform(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_the_setting_comes_from_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('watched_folder = "/somewhere"\n')
    assert load_settings(tmp_path).watched_folder == Path("/somewhere")
    monkeypatch.setenv("PICHOLINE_INBOX", "/elsewhere")
    assert load_settings(tmp_path).watched_folder == Path("/elsewhere")
    monkeypatch.setenv("PICHOLINE_INBOX", "")
    assert load_settings(tmp_path).watched_folder is None
