from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from studio.core.errors import CannotWrite
from studio.library.atomic import make_folder, staged, sweep, write, write_new


def failing(number: int):
    def fail(*_args, **_kwargs):
        raise OSError(number, os.strerror(number))

    return fail


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced_and_nothing_else_is_left(tmp_path):
    write(tmp_path / "a", b"one")
    write(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert names(tmp_path) == ["a"]


def test_others_may_read_it_as_they_may_any_new_file(tmp_path):
    (tmp_path / "usual").touch()
    write(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("place", ["os.fsync", "pathlib.Path.replace"])
@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no room"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "Input/output"),
    ],
)
def test_a_failed_write_leaves_the_old_file_and_nothing_more(
    tmp_path, monkeypatch, place, number, words
):
    write(tmp_path / "a", b"old")
    monkeypatch.setattr(place, failing(number))
    with pytest.raises(CannotWrite, match=words):
        write(tmp_path / "a", b"new")
    monkeypatch.undo()
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_missing_folder_a_file_as_folder_and_a_long_name_are_said_so(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for path, words in (
        (tmp_path / "missing" / "a", "folder does not exist"),
        (tmp_path / "file" / "a", "is a file, not a folder"),
        (tmp_path / "folder", "folder of that name"),
        (tmp_path / ("x" * 300), "name is too long"),
    ):
        with pytest.raises(CannotWrite, match=words):
            write(path, b"data")
    with pytest.raises(CannotWrite, match="cannot be made"):
        make_folder(tmp_path / "file" / "a")
    with pytest.raises(CannotWrite, match="there is a file of that name"):
        make_folder(tmp_path / "file")
    assert names(tmp_path) == ["file", "folder"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_really_full(tmp_path, monkeypatch):
    really = os.open
    monkeypatch.setattr(os, "open", lambda path, flags, *mode: really("/dev/full", os.O_WRONLY))
    with pytest.raises(CannotWrite, match="no room"):
        write(tmp_path / "a", b"data")
    assert names(tmp_path) == []


def test_new_names_replace_nothing(tmp_path):
    paths = [write_new(tmp_path, "a", ".png", bytes([n])) for n in range(3)]
    assert [path.name for path in paths] == ["a.png", "a-2.png", "a-3.png"]
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1", b"\2"]
    assert names(tmp_path) == ["a-2.png", "a-3.png", "a.png"]


def test_new_names_without_hard_links(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "hardlink_to", failing(errno.EPERM))
    assert write_new(tmp_path, "a", ".png", b"1").name == "a.png"
    assert write_new(tmp_path, "a", ".png", b"2").name == "a-2.png"
    assert names(tmp_path) == ["a-2.png", "a.png"]
    monkeypatch.setattr(Path, "replace", failing(errno.ENOSPC))
    with pytest.raises(CannotWrite, match="no room"):
        write_new(tmp_path, "a", ".png", b"3")
    assert names(tmp_path) == ["a-2.png", "a.png"]


def test_names_are_given_to_one_taker_each(tmp_path):
    taken: list[Path] = []
    start = threading.Barrier(4)

    def take():
        start.wait()
        for n in range(20):
            taken.append(write_new(tmp_path, "a", ".png", bytes([n])))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(taken) == len(names(tmp_path)) == 80


KILLED = """
import sys
from pathlib import Path
from studio.library.atomic import write
print("ready", flush=True)
while True:
    for letter in b"ab":
        write(Path(sys.argv[1]), bytes([letter]) * 3_000_000)
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9")
def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"a" * 3_000_000)
    for delay in (0.0, 0.03, 0.07):
        writer = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        with writer.stdout:
            writer.stdout.readline()
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        data = path.read_bytes()
        assert data in (b"a" * 3_000_000, b"b" * 3_000_000)


def test_what_killed_writers_left_is_swept_once_it_is_old(tmp_path):
    folder = tmp_path / "deep"
    folder.mkdir()
    for name, age in ((".studio-1.part", 90_000), (".studio-2.part", 10), ("x.part", 90_000)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - age, time.time() - age))
    sweep(tmp_path)
    assert names(folder) == [".studio-2.part", "x.part"]


def test_a_set_of_files_replaces_the_one_before_and_nothing_else(tmp_path):
    for name in ("set-1", "set-2", "mine"):
        (tmp_path / name).write_bytes(b"old")
    with staged(tmp_path, re.compile(r"set-\d")) as stage:
        (stage / "set-1").write_bytes(b"new")
        assert (tmp_path / "set-1").read_bytes() == b"old"
    assert names(tmp_path) == ["mine", "set-1"]
    assert (tmp_path / "set-1").read_bytes() == b"new"


def test_a_set_that_is_not_completed_leaves_all_as_it_was(tmp_path):
    (tmp_path / "set-1").write_bytes(b"old")

    def half_a_set(folder: Path) -> None:
        with staged(folder, re.compile(r"set-\d")) as stage:
            (stage / "set-1").write_bytes(b"new")
            raise OSError(errno.ENOSPC, "full")

    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(CannotWrite, match="no room"):
            half_a_set(folder)
    assert names(tmp_path) == ["set-1"]
    assert (tmp_path / "set-1").read_bytes() == b"old"


def test_a_set_whose_writer_was_killed_is_swept_once_it_is_old(tmp_path):
    old = tmp_path / ".studio-0123.part"
    old.mkdir()
    (old / "set-1").write_bytes(b"half")
    os.utime(old, (1, 1))
    sweep(tmp_path)
    assert names(tmp_path) == []
