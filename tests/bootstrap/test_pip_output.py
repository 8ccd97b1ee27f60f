"""pip's words turned into progress, and into one sentence when it fails."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from studio.bootstrap import pip_output
from studio.bootstrap.pip_output import NO_NETWORK, Reader, reason
from studio.bootstrap.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


SAID = """\
Looking in links: /wheels
Processing /wheels/torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl (from -c x.txt (line 51))
Collecting numpy>=1.26 (from -c x.txt (line 29))
  Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl.metadata (6.6 kB)
Requirement already satisfied: six in ./lib
Downloading numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl (16.9 MB)
Progress 8000000 of 16900000
  Using cached click-8.5.1-py3-none-any.whl (126 kB)
Installing collected packages: torch, numpy, click
Successfully installed torch-2.13.0 numpy-2.4.6 click-8.5.1
"""


def test_a_log_gets_a_line_for_each_package(tmp_path: Path) -> None:
    shown = io.StringIO()
    reader = Reader(Progress(shown), 3, tmp_path)
    for line in SAID.splitlines():
        reader.line(line)
    reader.close()
    assert [
        line.partition("  ")[2].partition("  ")[2] for line in shown.getvalue().splitlines()
    ] == [
        "1 of 3: torch 2.13.0+cpu",
        "2 of 3: numpy 2.4.6 (16.9 MB)",
        "3 of 3: click 8.5.1 (126 kB)",
        "unpacking 3 packages",
    ]


def test_a_terminal_gets_one_line_that_says_how_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.bootstrap.progress.TICK", 0.0)
    shown = Terminal()
    with Progress(shown) as progress:
        reader = Reader(progress, 3, tmp_path)
        for line in SAID.splitlines():
            reader.line(line)
        reader.close()
    assert "\n" not in shown.getvalue()
    assert "2 of 3: numpy 2.4.6 (16.9 MB), 8 of 17 MB" in shown.getvalue()
    assert shown.getvalue().endswith("\r\x1b[K")


def test_unpacking_is_counted_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.bootstrap.progress.TICK", 0.0)
    monkeypatch.setattr(pip_output, "POLL", 0.01)
    shown = Terminal()
    reader = Reader(Progress(shown), 2, tmp_path)
    reader.line("Installing collected packages: torch, numpy")
    (tmp_path / "torch-2.dist-info").mkdir()
    (tmp_path / "torch-2.dist-info" / "RECORD").touch()
    while "unpacking 2 packages, 1 of 2" not in shown.getvalue():
        pass
    reader.close()


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", "disk is full"),
        ("NameResolutionError: Temporary failure in name resolution", "no network"),
        ("NewConnectionError: Failed to establish a new connection", "no network"),
        ("SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))", "not trusted"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "permission denied"),
        ("ERROR: No matching distribution found for torch==2.13.0", "pinned versions"),
        ("error: subprocess-exited-with-error", "pip could not install"),
    ],
)
def test_a_failure_is_one_sentence(line: str, part: str) -> None:
    message, hint = reason(["Collecting torch", line])
    assert part in message
    assert message.count(".") <= 1 + message.count("3.")
    assert hint


def test_without_a_network_pip_names_the_wrong_cause_last() -> None:
    said = ["Failed to establish a new connection", "No matching distribution found for torch"]
    assert reason(said) == NO_NETWORK
