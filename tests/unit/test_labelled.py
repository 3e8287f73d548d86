"""Lists of customers with a label: what is recognised, what is refused, and with which remedy."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.errors import PicholineError
from core.services.labelled import NO_COLUMN, Asked, LabelledTable, read_labelled
from core.services.labelled_list import look_at
from core.services.methods.churn.contractual import out_of_fold
from core.services.methods.churn.scores import auc

ROWS = 240
Put = Callable[[str | bytes], str]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Return a function that puts a file into an inbox and answers its hash."""

    def put(content: str | bytes) -> str:
        raw = content.encode() if isinstance(content, str) else content
        sha256 = hashlib.sha256(raw).hexdigest()
        (tmp_path / sha256).write_bytes(raw)
        return sha256

    return put


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., LabelledTable]:
    return lambda sha256, **said: read_labelled(tmp_path.joinpath, sha256, Asked(**said))


def refused(code: str) -> "pytest.RaisesExc[PicholineError]":
    def same(error: PicholineError) -> bool:
        return error.code == code and bool(str(error.title)) and bool(str(error.remedy))

    return pytest.raises(PicholineError, check=same)


def churned(n: int) -> str:
    return "Yes" if n % 4 == 0 else "No"


def plain_list(count: int = ROWS, title: str = "Churn") -> str:
    lines = [f"C{n:04d},{n % 37},{'AB'[n % 2]},{20 + n / 7:.2f},{churned(n)}" for n in range(count)]
    return "\n".join([f"customerID,tenure,plan,charges,{title}", *lines])


def test_titles_and_values_say_who_left(put: Put, read: Callable[..., LabelledTable]) -> None:
    found = read(put(plain_list()))
    assert (found.proposed.label, found.proposed.positive) == ("Churn", "Yes")
    assert found.proposed.identifier == "customerID"
    assert found.ids[:2] == ("C0000", "C0001")
    assert found.left.tolist() == [n % 4 == 0 for n in range(ROWS)]
    assert found.kinds == {"tenure": "number", "plan": "category", "charges": "number"}
    assert found.columns["charges"][7] == 21.0
    assert found.columns["plan"].tolist()[:2] == ["A", "B"]
    assert found.caveats == ()


def test_a_french_workbook_reads_as_well(put: Put, read: Callable[..., LabelledTable]) -> None:
    book = Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Lisez-moi"
    notes.append(["Bonjour"])
    sheet = book.create_sheet("Clients")
    sheet.append(["Code client", "Depuis le", "Formule", "Montant", "Résilié", "Pays"])
    for n in range(ROWS):
        since = date(2024, 1, 1) + timedelta(days=n)
        amount = "" if n == 5 else n * 1.5
        sheet.append([f"K{n}", since, "or" if n % 3 else None, amount,
                      "Oui" if n % 5 == 0 else "Non", "FR"])  # fmt: skip
    buffer = io.BytesIO()
    book.save(buffer)
    found = read(put(buffer.getvalue()))
    assert (found.proposed.label, found.proposed.positive) == ("Résilié", "Oui")
    assert found.proposed.identifier == "Code client"
    assert int(found.left.sum()) == ROWS / 5
    kinds = {column.name: column.kind for column in found.described}
    assert kinds == {
        "Code client": "identifier", "Depuis le": "date", "Formule": "category",
        "Montant": "number", "Résilié": "label", "Pays": "constant",
    }  # fmt: skip
    assert found.columns["Depuis le"][[0, -1]].tolist() == [ROWS - 1, 0]  # days before the latest
    assert np.isnan(found.columns["Montant"][5])
    assert found.columns["Formule"][0] is None
    told = " ".join(str(caveat) for caveat in found.caveats)
    assert "Pays" in told
    assert "Lisez-moi" in told


@pytest.mark.parametrize(
    ("title", "gone", "stayed"),
    [
        ("Active", "0", "1"),
        ("Client actif", "non", "oui"),
        ("Exited", "1", "0"),
        ("Attrition_Flag", "Attrited Customer", "Existing Customer"),
        ("Statut", "parti", "fidèle"),
        ("churned?", "TRUE", "FALSE"),
    ],
)
def test_the_sense_of_a_label_is_understood(
    put: Put, read: Callable[..., LabelledTable], title: str, gone: str, stayed: str
) -> None:
    lines = [f"{n},{n % 9},{gone if n % 3 == 0 else stayed}" for n in range(ROWS)]
    found = read(put("\n".join([f"id;tenure;{title}".replace(";", ","), *lines])))
    assert (found.proposed.label, found.proposed.positive) == (title, gone)
    assert found.proposed.is_sure
    assert int(found.left.sum()) == ROWS / 3


def test_a_guess_is_called_one(put: Put, read: Callable[..., LabelledTable]) -> None:
    lines = [f"{n},{n % 9},{'a' if n % 3 == 0 else 'b'}" for n in range(ROWS)]
    sha256 = put("\n".join(["id,tenure,outcome", *lines]))
    with refused("labelled.no_label") as caught:
        read(sha256)
    assert "outcome" in str(caught.value.remedy)
    guessed = read(sha256, label="OUTCOME")
    assert guessed.proposed.positive == "a"
    assert any("rarer" in str(caveat) for caveat in guessed.caveats)
    stated = read(sha256, label="outcome", positive="B")
    assert stated.proposed.positive == "b"
    assert int(stated.left.sum()) == ROWS * 2 / 3
    assert not any("rarer" in str(caveat) for caveat in stated.caveats)


def test_what_only_names_customers_is_no_feature(
    put: Put, read: Callable[..., LabelledTable]
) -> None:
    lines = [
        f"{n + 1},{15_000_000 + n * 7},name {n},{600 + n % 50},{n % 2},{churned(n)}"
        for n in range(ROWS)
    ]
    head = "RowNumber,CustomerId,Surname,CreditScore,HasCard,Exited"
    found = read(put("\n".join([head, *lines])))
    assert found.proposed.identifier == "RowNumber"
    assert list(found.columns) == ["CreditScore", "HasCard"]
    told = " ".join(str(caveat) for caveat in found.caveats)
    assert "CustomerId" in told
    assert "Surname" in told
    stated = read(put("\n".join([head, *lines])), identifier="CustomerId")
    assert stated.ids[1] == "15000007"


def test_without_a_code_rows_are_counted(put: Put, read: Callable[..., LabelledTable]) -> None:
    lines = [f"{n % 9},{churned(n)}" for n in range(ROWS)]
    found = read(put("\n".join(["tenure,Churn", *lines])))
    assert found.ids[0] == "2"  # the row in the file, below the titles
    assert any("row" in str(caveat) for caveat in found.caveats)


def test_customers_without_a_label_stay_to_be_scored(
    put: Put, read: Callable[..., LabelledTable]
) -> None:
    lines = [f"C{n},{n % 9},{'' if n % 10 == 1 else churned(n)}" for n in range(ROWS)]
    found = read(put("\n".join(["id,tenure,Churn", *lines])))
    assert len(found.ids) == len(found.left) == len(found.columns["tenure"]) == ROWS
    assert found.stated.tolist() == [n % 10 != 1 for n in range(ROWS)]
    assert not found.left[~found.stated].any()


def test_the_monthly_value_is_found_stated_or_refused(
    put: Put, read: Callable[..., LabelledTable]
) -> None:
    lines = [f"C{n},{n % 9},{n / 4},{churned(n)}" for n in range(ROWS)]
    sha256 = put("\n".join(["id,Tenure,MonthlyCharges,Churn", *lines]))
    found = read(sha256)
    assert found.proposed.value == "MonthlyCharges"
    assert found.monthly[10] == 2.5
    assert any("MonthlyCharges" in str(caveat) for caveat in found.caveats)
    assert np.isnan(read(sha256, value=NO_COLUMN).monthly).all()
    stated = read(sha256, value="tenure")
    assert stated.monthly[10] == 1
    assert stated.caveats == ()
    with refused("labelled.value"):
        read(sha256, value="Churn")


def empty_book() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


def cells(head: str, row: Callable[[int], str], count: int = ROWS) -> str:
    return "\n".join([head, *(row(n) for n in range(count))])


@pytest.mark.parametrize(
    ("code", "content", "options"),
    [
        ("labelled.few_rows", plain_list(150), {}),
        ("labelled.no_label", cells("id,a,b", lambda n: f"{n},{n % 9},{n % 7}"), {}),
        ("labelled.column", plain_list(), {"label": "nothing of the kind"}),
        ("labelled.column", plain_list(), {"identifier": "nobody"}),
        ("labelled.one_class", cells("id,a,Churn", lambda n: f"{n},{n % 9},No"),
         {"label": "Churn"}),
        ("labelled.empty_label", cells("id,a,Churn,b", lambda n: f"{n},{n % 9},,1{n % 3}"),
         {"label": "Churn"}),
        ("labelled.many_values", cells("id,a,Churn", lambda n: f"{n},{n % 9},v{n % 12}"),
         {"label": "Churn", "positive": "v1"}),
        ("labelled.many_values", cells("id,a,Churn", lambda n: f"{n},{n % 9},v{n % 3}"),
         {"label": "Churn"}),
        ("labelled.positive", plain_list(), {"positive": "Maybe"}),
        ("labelled.same", plain_list(), {"label": "Churn", "identifier": "Churn"}),
        ("labelled.twice", cells("id,a,Churn", lambda n: f"{n // 2},{n % 9},{churned(n)}"),
         {"identifier": "id"}),
        ("labelled.few_of_one",
         cells("id,a,Churn", lambda n: f"{n},{n % 9},{'Yes' if n < 5 else 'No'}"), {}),
        ("labelled.no_features", cells("id,name,Churn", lambda n: f"{n},x{n},{churned(n)}"), {}),
        ("labelled.few_rows", "id,Churn\n", {}),
        ("labelled.empty", empty_book(), {}),
        ("file.empty", "   \n", {}),
        ("file.type", b"%PDF-1.7 nothing", {}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    put: Put,
    read: Callable[..., LabelledTable],
    code: str,
    content: str | bytes,
    options: dict[str, str],
) -> None:
    with refused(code):
        read(put(content), **options)


def test_a_label_of_three_values_needs_the_one_that_means_left(
    put: Put, read: Callable[..., LabelledTable]
) -> None:
    content = cells("id,a,Status", lambda n: f"{n},{n % 9},{('on', 'off', 'gone')[n % 3]}")
    found = read(put(content), label="status", positive="gone")
    assert int(found.left.sum()) == ROWS / 3


def test_only_files_of_the_inbox_are_read(
    tmp_path: Path, put: Put, read: Callable[..., LabelledTable]
) -> None:
    secret = tmp_path.parent / "secret.csv"
    secret.write_text(plain_list())
    for name in ("../secret.csv", str(secret), "a" * 63, "A" * 64, "a" * 65, "a" * 64 + "\n"):
        with refused("labelled.hash"):
            read(name)
    with refused("labelled.none"):
        read("")
    with refused("labelled.none"):
        read_labelled(None, put(plain_list()))


def test_a_packed_bomb_is_refused(put: Put, read: Callable[..., LabelledTable]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            for _ in range(220):
                member.write(bytes(1_000_000))
    with refused("file.bomb"):
        read(put(buffer.getvalue()))


def test_examples_and_possible_labels_are_shown(tmp_path: Path, put: Put) -> None:
    sha256 = put(plain_list())
    found = look_at(tmp_path.joinpath, sha256, "my list.csv")
    assert found.name == "my list.csv"
    assert found.column("PLAN").examples == ("A", "B")
    assert found.column("plan").different() == ["A", "B"]


@settings(max_examples=25)
@given(st.integers(25, 140), st.integers(180, 230), st.integers(0, 60), st.randoms())
def test_rows_are_kept_or_counted(
    tmp_path_factory: pytest.TempPathFactory, left: int, stayed: int, unknown: int, dice: Random
) -> None:
    """Whatever the labels: each row with one is there once, in order, or the list is refused."""
    labels = ["Yes"] * left + ["No"] * stayed + [""] * unknown
    dice.shuffle(labels)
    folder = tmp_path_factory.mktemp("lists")
    lines = [f"C{n},{n % 7},{label}" for n, label in enumerate(labels)]
    content = "\n".join(["id,tenure,Churn", *lines]).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / sha256).write_bytes(content)
    if left < 30:
        with refused("labelled.few_of_one"):
            read_labelled(folder.joinpath, sha256)
        return
    found = read_labelled(folder.joinpath, sha256)
    expected = [(f"C{n}", label == "Yes", label != "") for n, label in enumerate(labels)]
    told = zip(found.ids, found.left.tolist(), found.stated.tolist(), strict=True)
    assert list(told) == expected


def test_telco_is_read_as_published(
    real_data: Path, put: Put, read: Callable[..., LabelledTable]
) -> None:
    found = read(put((real_data / "telco" / "Telco-Customer-Churn.csv").read_bytes()))
    assert (len(found.ids), int(found.left.sum())) == (7_043, 1_869)
    assert found.proposed.label == "Churn"
    assert (found.proposed.positive, found.proposed.identifier) == ("Yes", "customerID")
    assert found.proposed.value == "MonthlyCharges"
    numbers = [key for key, kind in found.kinds.items() if kind == "number"]
    assert numbers == ["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"]
    assert int(np.isnan(found.columns["TotalCharges"]).sum()) == 11
    area = auc(found.left, out_of_fold(found.columns, found.left, "logit"))
    assert area is not None
    assert area >= 0.848
