"""Kill -9 at any moment: what the next start finds is whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from studio.imaging.metadata import read_record
from studio.imaging.opening import open_picture
from studio.library.folders import Folders
from studio.library.library import Library
from studio.library.trajectory import read_trajectory

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 6
RUNS = """
import os, random, signal, sys, time
from pathlib import Path
from queue import Queue
from studio.core import events
from studio.core.exports import Export
from studio.core.recipe import Recipe
from studio.core.geometry import Size
from studio.core.request import Request
from studio.engine.engine import Engine
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.catalogue import Catalogue
import studio.engine.worker  # slow to import: once for all rounds

folder = Path(sys.argv[1])

def work():
    folders = Folders(folder / "pictures", folder / "data")
    told = Queue()
    engine = Engine(Library(folders), Catalogue(folders), told.put, "cpu")
    engine.start()

    def until(kind):
        while not isinstance(event := told.get(), kind):
            pass
        return event

    for seed in range(10000):
        recipe = Recipe(model="toy", size=Size(96, 64), steps=4, batch=2, seed=seed)
        engine.submit(Request(recipe))
        run = until(events.Finished).run
        os.write(say, f"{run} ".encode())
        for form, name in (("webp", f"{run}.webp"), ("tensors", f"{run}.safetensors")):
            engine.export(Export(run, form, folder / name))
            until(events.Exported)

for round in range(int(sys.argv[2])):
    hear, say = os.pipe()
    child = os.fork()
    if not child:
        work()
    os.close(say)
    if round % 2:  # some time after the first run rather than within it
        print(os.read(hear, 1000).decode(), end="")
    time.sleep(random.uniform(0.0, 0.3))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(os.read(hear, 100000).decode(), end="")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX processes")
def test_every_finished_run_has_its_pictures_and_steps_and_every_file_is_whole(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUNS, str(tmp_path), str(ROUNDS)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    finished = done.stdout.split()
    assert len(set(finished)) == len(finished) >= ROUNDS // 2
    library = Library(Folders(tmp_path / "pictures", tmp_path / "data"))
    entries = library.history(10_000)
    library.close()
    made: dict[str, int] = {}
    for path in (tmp_path / "pictures").rglob("*.png"):
        open_picture(path)
        run = read_record(path).run
        made[run] = made.get(run, 0) + 1
    assert all(made[run] == 2 for run in finished)
    assert all(run in library.runs for run in made)  # no picture without its steps
    assert {entry.record.run for entry in entries} == set(made)
    for file in [*(tmp_path / "data" / "runs").glob("*.saf*"), *tmp_path.glob("*.saf*")]:
        stored = read_trajectory(file)
        assert all(stored.rows[name].size for name in stored.rows)
    for file in tmp_path.glob("*.webp"):
        with Image.open(file) as film:
            assert 1 <= film.n_frames <= 4  # fewer where one is equal to the one before
            for frame in range(film.n_frames):
                film.seek(frame)
                film.load()
