"""Two starts at once: one makes, the other waits."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.bootstrap.errors import SetupFailed
from studio.bootstrap.lock import only_one


def test_a_file_left_by_a_killed_start_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("12345")
    told: list[str] = []
    with only_one(tmp_path / "lock", lambda: told.append("waiting")):
        pass
    assert told == []


def test_the_second_waits_for_the_first(tmp_path: Path) -> None:
    waiting = threading.Event()
    order: list[str] = []

    def second() -> None:
        with only_one(tmp_path / "lock", waiting.set):
            order.append("second")

    with only_one(tmp_path / "lock", lambda: order.append("the first waited")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are not inherited there")
def test_a_child_that_lives_on_keeps_the_lock(tmp_path: Path) -> None:
    with only_one(tmp_path / "lock", lambda: None) as descriptor:
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(descriptor,),
        )
    assert child.stdin is not None
    told: list[str] = []

    def end_it() -> None:
        told.append("waiting")
        assert child.stdin is not None
        child.stdin.close()

    with only_one(tmp_path / "lock", end_it):
        assert told == ["waiting"]
    assert child.wait(10) != 0


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(SetupFailed, match="cannot be written"),
        only_one(tmp_path / "missing" / "lock", lambda: None),
    ):
        pytest.fail("there is no such folder")
