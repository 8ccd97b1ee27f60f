"""The two commands as a person types them, in a checkout that requires no packages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.bootstrap import lacking
from studio.bootstrap.environment import PYTHON

ROOT = Path(__file__).resolve().parents[2]
COMMAND_LINE = """\
import sys
def main(arguments):
    print(arguments, sys.prefix)
    return 7
"""
BARE = Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else f"bin/python{PYTHON}")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The way in, and behind it a command line that tells where it is."""
    for file in ("__main__.py", "__init__.py", "core/__init__.py", "core/errors.py"):
        (tmp_path / "studio" / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "studio" / file, tmp_path / "studio" / file)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(
        ROOT / "studio" / "bootstrap", tmp_path / "studio" / "bootstrap", ignore=ignored
    )
    (tmp_path / "studio" / "cli.py").write_text(COMMAND_LINE)
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = []\n")
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").touch()
    return tmp_path


def start(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PYTHONPATH")
    return subprocess.Popen(
        [str(BARE), "-m", "studio", *arguments],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name not in hidden},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_without_a_screen_nothing_is_installed(checkout: Path) -> None:
    process = start(checkout)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "python3 -m studio generate" in err
    assert not (checkout / ".venv").exists()


@pytest.mark.skipif(os.name == "nt", reason="there the environment's Python is a child")
def test_killed_then_two_at_once_then_ready_then_damaged(checkout: Path) -> None:
    killed = start(checkout, "doctor")
    while not (checkout / ".venv" / "pyvenv.cfg").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)

    both = [start(checkout, "generate", "--prompt", "a b") for _ in range(2)]
    said = [process.communicate(timeout=100) for process in both]
    expected = f"['generate', '--prompt', 'a b'] {checkout / '.venv'}\n"
    assert [process.returncode for process in both] == [7, 7]
    assert [out for out, _ in said] == [expected, expected]
    assert sum("the one there was not finished" in err for _, err in said) == 1

    later = start(checkout, "doctor")
    out, err = later.communicate(timeout=60)
    assert (later.returncode, err) == (7, "")
    assert out == f"['doctor'] {checkout / '.venv'}\n"

    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.write_bytes(b"\0damaged")
    python.chmod(0o755)
    again = start(checkout, "doctor")
    assert again.communicate(timeout=100)[0] == out
    assert again.returncode == 7


def test_an_old_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lacking() == ""
    monkeypatch.setattr(sys, "version_info", (3, 8, 18, "final", 0))
    assert lacking().startswith(
        "Diffusion Studio needs Python 3.11 or later; this is Python 3.8.18"
    )


@pytest.mark.parametrize(
    "file", ["studio/__main__.py", "studio/bootstrap/__init__.py", "tests/__main__.py"]
)
def test_what_tells_them_can_be_read_by_them(file: str) -> None:
    import ast

    ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 6))
