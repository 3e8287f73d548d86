"""The lock files and the wheel: pinned, hashed, and complete without the source tree."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "file:" not in text
    blocks = re.split(r"\n(?=[a-zA-Z0-9])", text)
    requirements = [block for block in blocks if not block.startswith("#")]
    assert len(requirements) > 40
    for block in requirements:
        assert re.match(r"[\w.\-\[\],]+==[^ ]+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_both_locks_agree() -> None:
    def pins(lock: str) -> dict[str, str]:
        text = (ROOT / lock).read_text(encoding="utf-8")
        return dict(re.findall(r"^([\w.\-\[\],]+)==([^ ;\\]+)", text, re.MULTILINE))

    product, everything = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {k: v for k, v in product.items() if everything.get(k) != v} == {}


def test_the_wheel_works_from_an_empty_folder(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
        names = archive.namelist()
    assert not [n for n in names if n.startswith("tests/")]
    empty = tmp_path / "empty"
    empty.mkdir()
    program = (
        "import sys, core.paths as p\n"
        "assert p.data_dir().is_dir() and p.assets_dir().is_dir() and p.locale_dir().is_dir()\n"
        "from dashboard.manual import manual\n"
        "assert str(p.guide_dir()).startswith(sys.argv[1]) and manual('en') and manual('fr')\n"
        "assert all(str(d).startswith(sys.argv[1]) for d in (p.data_dir(), p.assets_dir()))\n"
        "from core.i18n import translate\n"
        "assert translate('Margin on sales', 'fr') == 'Taux de marque'\n"
        "from core.services.application import Application\n"
        "from core.settings import load_settings\n"
        "from dashboard.app import create_app\n"
        "server = create_app(Application.open(load_settings()))\n"
        "answer = server.test_client().get('/')\n"
        "assert answer.status_code == 200, answer.data\n"
        "print('works')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(site), "PICHOLINE_HOME": str(tmp_path / "home")}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program, str(site)],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "works"
    helped = subprocess.run(
        [sys.executable, "-P", "-c", "from dashboard.cli import main; main()", "--help"],
        cwd=empty,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert helped.returncode == 0, helped.stderr
    assert "serve" in helped.stdout
