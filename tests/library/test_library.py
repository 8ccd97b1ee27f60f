from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.errors import CannotOpen, CannotWrite
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.imaging.metadata import read_record
from studio.imaging.opening import open_picture
from studio.library import library as module
from studio.library.folders import Folders
from studio.library.library import Library

CHANCE = np.random.default_rng(1)
PICTURE = Picture(CHANCE.integers(0, 256, (30, 40, 3), np.uint8))
RECORD = Record(Recipe(prompt="A red lighthouse, by the sea!", seed=7), run="r1")


@pytest.fixture
def folders(tmp_path) -> Folders:
    return Folders(tmp_path / "pictures", tmp_path / "data")


@pytest.fixture
def library(folders):
    library = Library(folders)
    yield library
    library.close()


def record(seed: int) -> Record:
    return Record(replace(RECORD.recipe, seed=seed))


def seeds(library: Library, **options) -> list[int]:
    return [entry.record.recipe.seed for entry in library.history(**options)]


def again(library: Library) -> Library:
    library.close()
    return Library(library.folders)


def test_nothing_is_made_until_it_is_needed(library, tmp_path):
    assert not list(tmp_path.iterdir())


def test_a_picture_is_saved_with_its_record(library, folders):
    path = library.save(PICTURE, RECORD)
    assert path.name[6:] == "-7-a-red-lighthouse-by-the-sea.png"
    assert path.parent.parent == folders.pictures
    assert np.array_equal(open_picture(path).picture.pixels, PICTURE.pixels)
    assert read_record(path) == RECORD
    (entry,) = library.history()
    assert (entry.path, entry.record) == (path, RECORD)
    assert entry.created == path.stat().st_mtime
    with Image.open(io.BytesIO(entry.thumbnail)) as small:
        assert small.size == (40, 30)


def test_thumbnails_of_large_pictures_are_small(library):
    library.save(Picture(np.zeros((600, 1800, 4), np.uint8)), RECORD)
    with Image.open(io.BytesIO(library.history()[0].thumbnail)) as small:
        assert max(small.size) == 256
        assert small.getpixel((5, 5)) == (255, 255, 255)


def test_a_path_of_the_persons_own_is_replaced(library, tmp_path):
    for picture in (Picture(np.zeros((3, 3, 3), np.uint8)), PICTURE):
        assert library.save(picture, RECORD, tmp_path / "a") == tmp_path / "a.png"
    library.save(PICTURE, RECORD, tmp_path / "b.jpg")
    assert np.array_equal(open_picture(tmp_path / "a.png").picture.pixels, PICTURE.pixels)
    assert read_record(tmp_path / "b.jpg") == RECORD
    assert [entry.path.name for entry in library.history()] == ["b.jpg", "a.png"]


def test_equal_names_do_not_meet(library):
    assert len({library.save(PICTURE, RECORD) for _ in range(5)}) == 5
    assert len(library.history()) == 5


def test_history_is_newest_first_and_goes_back_in_pages(library):
    for seed in range(7):
        library.save(PICTURE, record(seed))
    assert seeds(library) == [6, 5, 4, 3, 2, 1, 0]
    first = library.history(3)
    assert [entry.record.recipe.seed for entry in first] == [6, 5, 4]
    assert seeds(library, limit=3, before=first[-1].id) == [3, 2, 1]
    assert seeds(library, limit=0) == []


def test_pictures_that_are_gone_are_skipped_and_the_page_is_still_full(library):
    paths = [library.save(PICTURE, record(seed)) for seed in range(6)]
    paths[5].unlink()
    paths[3].unlink()
    assert seeds(library, limit=3) == [4, 2, 1]


def test_removing_takes_it_out_for_good_and_leaves_the_file(library, folders):
    kept = library.save(PICTURE, record(1))
    library.remove(library.history()[0].id)
    assert seeds(library) == []
    assert kept.exists()
    library = again(library)
    assert seeds(library) == []
    library.remove(12345)
    library.close()


def test_removing_with_the_file_moves_it(library, folders):
    path = library.save(PICTURE, record(1))
    library.remove(library.history()[0].id, with_file=True)
    assert not path.exists()
    assert read_record(folders.removed / path.name) == record(1)


@pytest.mark.parametrize("damage", ["deleted", "text", "empty", "holes", "later", "folder moved"])
def test_a_lost_or_damaged_index_is_made_again(library, folders, damage):
    for seed in range(40):
        library.save(PICTURE, record(seed))
    thumbnails = [entry.thumbnail for entry in library.history()]
    library.close()
    index = folders.index
    if damage == "deleted":
        index.unlink()
    elif damage == "text":
        index.write_text("no database " * 999)
    elif damage == "empty":
        index.write_bytes(b"")
    elif damage == "holes":
        data = bytearray(index.read_bytes())
        for place in range(4096, len(data), 4096):
            data[place : place + 64] = b"\xaa" * 64
        index.write_bytes(data)
    elif damage == "later":
        import sqlite3

        other = sqlite3.connect(index)
        other.execute("PRAGMA user_version = 99")
        other.close()
    else:
        moved = folders.pictures.rename(folders.pictures.with_name("moved"))
        folders = replace(folders, pictures=moved)
    library = Library(folders)
    assert seeds(library) == list(range(39, -1, -1))
    assert len(library.history()[0].thumbnail) == len(thumbnails[0])
    assert library.save(PICTURE, record(99)).exists()
    assert seeds(library)[0] == 99
    if damage in ("text", "holes", "later"):
        assert index.with_name("index.sqlite.damaged").exists()
    library.close()


def test_files_of_others_are_no_entries_and_do_no_harm(library, folders):
    library.save(PICTURE, record(1))
    day = next(folders.pictures.iterdir())
    (day / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (day / "empty.png").touch()
    (day / "notes.txt").write_text("x")
    (day / "folder.png").mkdir()
    Image.new("RGB", (5, 5)).save(day / "foreign.png")
    if os.name == "posix":
        Path(os.fsdecode(os.fsencode(day) + b"/\xff.png")).write_bytes(b"x")
    library = again(library)
    assert seeds(library) == [1]
    library.close()


def test_a_picture_the_index_did_not_hear_of_is_found_at_the_next_start(library, folders):
    (folders.data).mkdir(parents=True)
    folders.index.mkdir()
    path = library.save(PICTURE, record(5))
    assert read_record(path) == record(5)
    with pytest.raises(CannotWrite, match="history"):
        library.history()
    folders.index.rmdir()
    assert seeds(library) == [5]


def test_a_disk_without_room_leaves_nothing_half_written(library, folders, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="no room"):
        library.save(PICTURE, RECORD)
    with pytest.raises(CannotWrite, match="no room"):
        library.keep(PICTURE)
    monkeypatch.undo()
    assert not [path for path in folders.pictures.rglob("*") if path.is_file()]
    assert not [path for path in folders.data.rglob("*") if path.is_file()]


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    library = Library(Folders(tmp_path / "file" / "pictures", tmp_path / "data"))
    with pytest.raises(CannotWrite, match="cannot be made"):
        library.save(PICTURE, RECORD)
    with pytest.raises(CannotWrite, match="folder does not exist"):
        library.save(PICTURE, RECORD, tmp_path / "missing" / "a.png")
    library.close()


def test_the_picture_is_on_disk_before_the_index_hears_of_it(library, monkeypatch):
    order = []
    monkeypatch.setattr(module, "write_new", _noting(order, "picture", module.write_new))
    monkeypatch.setattr(library._index, "add", _noting(order, "index", library._index.add))
    library.save(PICTURE, RECORD)
    assert order == ["picture", "index"]


def _noting(order, name, function):
    def noted(*args, **kwargs):
        result = function(*args, **kwargs)
        order.append(name)
        return result

    return noted


def test_threads_save_and_read_at_once(library):
    failed: list[BaseException] = []

    def save(first: int) -> None:
        try:
            for seed in range(first, first + 10):
                library.save(PICTURE, record(seed))
                library.history(5)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=save, args=(n * 10,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(seeds(library)) == list(range(30))


OTHER = """
import sys
from pathlib import Path
import numpy as np
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.record import Record
from studio.library.folders import Folders
from studio.library.library import Library
library = Library(Folders(Path(sys.argv[1]), Path(sys.argv[2])))
for seed in range(20):
    library.save(Picture(np.zeros((4, 4, 3), np.uint8)), Record(Recipe(seed=seed)))
library.close()
"""


def test_two_processes_save_at_once(library, folders):
    command = [sys.executable, "-c", OTHER, str(folders.pictures), str(folders.data)]
    with subprocess.Popen(command) as other:
        for seed in range(100, 120):
            library.save(PICTURE, Record(Recipe(seed=seed)))
        assert other.wait(60) == 0
    assert sorted(seeds(library)) == [*range(20), *range(100, 120)]


def test_the_steps_of_a_run_go_with_its_last_picture(library, folders):
    rows = {"x": np.zeros(3, np.float32)}
    for run in ("r1", "r2"):
        library.runs.write(run, rows, RECORD, 10**9)
    for image in range(2):
        library.save(PICTURE, replace(RECORD, image=image))
    one, other = library.history()
    library.remove(one.id, with_file=True)
    assert "r1" in library.runs
    library.remove(other.id)  # out of the history only: the file is still there
    assert "r1" in library.runs
    library.save(PICTURE, replace(record(8), run="r2"))
    library.remove(library.history()[0].id, with_file=True)
    assert "r2" not in library.runs


def test_the_record_of_a_run_is_that_of_all_its_pictures(library):
    whole = replace(RECORD, recipe=replace(RECORD.recipe, batch=3))
    assert library.record_of("r1") is None
    for image in (2, 0, 1):
        library.save(PICTURE, whole.alone(image))
    library.save(PICTURE, replace(RECORD, run="another"))
    assert library.record_of("r1") == whole
    assert library.record_of("r1' OR '1") is None


def test_words_are_found_in_whatever_case_and_page(library: Library) -> None:
    for seed in range(5):
        prompt = "Ein Écureuil im Wald" if seed % 2 else "a boat"
        library.save(PICTURE, Record(Recipe(prompt=prompt, seed=seed + 70_000_000)))
    assert len(library.history(match="WALD écureuil")) == 2
    assert len(library.history(match="boat 70000002")) == 1
    assert library.history(match="boat wald") == ()
    first, second = library.history(2, match="boat")
    (last,) = library.history(2, before=second.id, match="boat")
    assert [e.record.recipe.seed for e in (first, second, last)] == [70000004, 70000002, 70000000]
    library.save(PICTURE, Record(Recipe(prompt="half a pair \ud83d of it")))
    assert len(library.history(match="pair")) == 1


def test_pictures_of_some_runs(library: Library) -> None:
    for run in ("a", "b", "a", "c"):
        library.save(PICTURE, Record(Recipe(), run))
    assert sorted(e.record.run for e in library.of_runs(["a", "c", "x"])) == ["a", "a", "c"]
    assert library.of_runs([]) == ()


def test_a_removed_picture_comes_back_as_it_was(library: Library, folders: Folders) -> None:
    path = library.save(PICTURE, record(1))
    os.utime(path, (1000.0, 1000.0))
    (entry,) = library.history()
    data = path.read_bytes()
    for with_file in (True, False):
        removed = library.remove(entry.id, with_file)
        assert removed is not None
        assert library.history() == ()
        library.put_back(removed)
        (again,) = library.history()
        assert (again.path, again.record, path.read_bytes()) == (path, entry.record, data)
    assert path.stat().st_mtime == 1000.0
    assert list(folders.removed.iterdir()) == []


def test_what_was_emptied_from_the_removed_folder_is_said(library: Library) -> None:
    library.save(PICTURE, record(1))
    removed = library.remove(library.history()[0].id, with_file=True)
    assert removed is not None
    assert removed.kept is not None
    removed.kept.unlink()
    with pytest.raises(CannotOpen, match="no longer in"):
        library.put_back(removed)
