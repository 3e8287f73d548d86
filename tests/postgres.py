"""A private PostgreSQL server in a temporary folder, on a loopback port of its own."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import psycopg

START_SECONDS = 60


def find_binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres`, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*debian, *([Path(on_path).parent] if on_path else [])]:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    return None


class PrivatePostgres:
    """A server that trusts this machine's loopback and nobody else."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.binaries = binaries
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root: Debian's package brings a user for it.
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def start(self) -> None:
        data = self.folder / "data"
        self.folder.chmod(0o755)
        data.mkdir()
        if self._as_user:
            shutil.chown(data, "postgres")
        self._run("initdb", "-D", str(data), "-U", "picholine", "-A", "trust", "-E", "UTF8")
        command = [*self._as_user, str(self.binaries / "postgres"), "-D", str(data)]
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off"}
        settings["unix_socket_directories"] = ""
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._process = subprocess.Popen(
            command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self._execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.2)
            else:
                return
        raise RuntimeError("PostgreSQL did not start")

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            # A fast stop: a connection some test left open must not hold it up.
            self._run("pg_ctl", "stop", "-D", str(self.folder / "data"), "-m", "fast")
            self._process.wait(30)

    def new_database(self) -> str:
        name = f"t{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def _address(self, database: str) -> str:
        return f"postgresql://picholine@127.0.0.1:{self.port}/{database}"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self.binaries / program), *arguments]
        subprocess.run(command, cwd="/", capture_output=True, check=True)
