"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket there, as a user without rights."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt")
_USER = "postgres"


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL that is installed; None where there is none."""
    found = [path.parent for place in _PLACES for path in Path(place).glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    return max(found, default=None, key=lambda path: path.parts) or (Path(on_path).parent if on_path else None)


def reason() -> str:
    """Say why there is no server here; nothing where there can be one."""
    if programs() is None:
        return "PostgreSQL is not installed: apt install postgresql"
    if os.name == "posix" and os.getuid() == 0 and not (shutil.which("runuser") and _is_user()):
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


def _is_user() -> bool:
    import pwd

    return any(user.pw_name == _USER for user in pwd.getpwall())


def _as_user(*command: str) -> list[str]:
    return ["runuser", "-u", _USER, "--", *command] if os.getuid() == 0 else [*command]


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of an empty database of a server that ends with the block."""
    bin_ = programs()
    assert bin_ is not None
    with TemporaryDirectory(prefix="costlens-pg-", dir="/tmp") as folder:  # a socket's path may have 107 letters
        place = Path(folder)
        place.chmod(0o777)
        data = place / "data"
        made = _as_user(str(bin_ / "initdb"), "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        subprocess.run(made, check=True, capture_output=True, cwd=folder)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = [str(bin_ / "pg_ctl"), "-D", str(data), "-w"]
        start = _as_user(*control, "-l", f"{folder}/log", "-o", options, "start")
        subprocess.run(start, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield f"postgresql://{_USER}@/postgres?host={folder}"
        finally:
            stop = _as_user(*control, "-m", "immediate", "stop")
            subprocess.run(stop, check=True, capture_output=True, cwd=folder)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a server once, or skip with the reason why there is none."""
    if why := reason():
        pytest.skip(why)
    with server() as url:
        yield url
