"""Steps taken away: every form, whole or not at all, and never in a run's way."""

from __future__ import annotations

import csv
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from studio.core import events
from studio.core.errors import BadInput
from studio.core.exports import FORMS, Export, form_of
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.wishes import Look
from studio.models.toy import Toy
from tests.engine.conftest import Bench

RECIPE = Recipe(prompt="red", model="toy", size=Size(64, 48), steps=6, seed=3)


def ran(bench: Bench, recipe: Recipe = RECIPE) -> str:
    return bench.finish(Request(recipe)).run


def exported(bench: Bench, export: Export) -> list[events.Event]:
    id = bench.engine.export(export)
    end = bench.until(events.Exported, events.Failed)
    assert isinstance(end, events.Exported), end
    assert end.export == id
    assert end.written
    return [event for event in bench.told if isinstance(event, events.Exporting)]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written_whole(bench: Bench, tmp_path: Path, form: str) -> None:
    run, path = ran(bench), tmp_path / f"steps{FORMS[form].suffix}"
    told = exported(bench, Export(run, form, path, width=96))  # type: ignore[arg-type]
    if FORMS[form].pictured:
        assert [(event.done, event.total) for event in told] == [(n, 6) for n in range(1, 7)]
    assert path.exists()
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".")] == []


def test_the_frames_are_what_the_model_decodes(bench: Bench, tmp_path: Path) -> None:
    run = ran(bench)
    exported(bench, Export(run, "frames", tmp_path / "f", caption=False))
    files = sorted((tmp_path / "f").iterdir())
    assert [file.name for file in files] == [f"x0_{n:03d}.png" for n in range(6)]
    bench.engine.ask(Look(run, 4))
    looked = bench.until(events.Looked)
    assert isinstance(looked, events.Looked)
    with Image.open(files[4]) as image:
        assert np.array_equal(np.asarray(image), looked.picture.pixels)


def test_a_film_has_a_frame_a_step_at_its_rate(bench: Bench, tmp_path: Path) -> None:
    run = ran(bench)
    exported(bench, Export(run, "mp4", tmp_path / "a.mp4", fps=4, hold=1))
    with av.open(tmp_path / "a.mp4") as container:
        assert container.streams.video[0].average_rate == 4
        assert sum(1 for _ in container.decode(video=0)) == 6 + 4
    exported(bench, Export(run, "gif", tmp_path / "a.gif", fps=4, hold=1))
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 6
        assert image.height > image.width * 48 / 64  # The caption is under it.


def test_the_numbers_are_the_trajectorys(bench: Bench, tmp_path: Path) -> None:
    run = ran(bench)
    exported(bench, Export(run, "tensors", tmp_path / "t.safetensors"))
    exported(bench, Export(run, "numbers", tmp_path / "t.csv"))
    tensors = load_file(tmp_path / "t.safetensors")
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for name in ("alpha", "sigma", "alpha_to", "sigma_to", "timestep"):
        assert [float(row[name]) for row in rows] == list(tensors[name])
    change = [
        np.sqrt(np.mean((b - a) ** 2))
        for a, b in zip(tensors["x0"], tensors["x0"][1:], strict=False)
    ]
    assert [float(row["change"]) for row in rows] == pytest.approx([0, *change], rel=1e-4)


def test_a_cancelled_export_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    run = ran(bench, Recipe(prompt="red", model="toy", size=Size(64, 48), steps=300))
    for form in ("frames", "webp"):
        path = tmp_path / f"steps{FORMS[form].suffix}"
        id = bench.engine.export(Export(run, form, path))  # type: ignore[arg-type]
        bench.until(events.Exporting)
        bench.engine.cancel(id)
        end = bench.until(events.Exported)
        assert isinstance(end, events.Exported)
        assert not end.written
    assert list(tmp_path.glob("steps*")) == []
    assert list(tmp_path.glob(".studio*")) == []


def test_a_run_does_not_wait_for_an_export(bench: Bench, tmp_path: Path) -> None:
    run = ran(bench, Recipe(prompt="red", model="toy", size=Size(64, 48), steps=300))
    bench.engine.export(Export(run, "frames", tmp_path / "f"))
    bench.until(events.Exporting)
    other = bench.engine.submit(Request(RECIPE))
    bench.until(events.Finished, run=other)
    assert not bench.of(events.Exported, run)
    bench.until(events.Exported)
    assert len(list((tmp_path / "f").iterdir())) == 300


def test_closing_gives_an_export_up_without_a_trace(bench: Bench, tmp_path: Path) -> None:
    run = ran(bench, Recipe(prompt="red", model="toy", size=Size(64, 48), steps=300))
    bench.engine.export(Export(run, "frames", tmp_path / "f"))
    bench.until(events.Exporting)
    assert bench.engine.close()
    assert not (tmp_path / "f").exists()


def test_a_folder_that_cannot_be_written_is_told_and_nobodys_run(
    bench: Bench, tmp_path: Path
) -> None:
    run = ran(bench)
    (tmp_path / "file").write_text("in the way")
    bench.engine.export(Export(run, "gif", tmp_path / "file" / "a.gif"))
    failed = bench.until(events.Failed)
    assert isinstance(failed, events.Failed)
    assert failed.run == ""
    end = bench.until(events.Exported)
    assert isinstance(end, events.Exported)
    assert not end.written
    assert ran(bench)


@pytest.mark.parametrize(
    ("export", "words"),
    [
        (Export("r", "webp", Path("a.gif")), "does not end in .webp"),
        (Export("r", "gif", Path("a.gif"), fps=0), "Frames a second"),
        (Export("r", "gif", Path("a.gif"), hold=float("nan")), "Hold"),
        (Export("r", "gif", Path("a.gif"), width=5), "Width"),
        (Export("r", "gif", Path("a.gif"), view="y"), "no view named y"),  # type: ignore[arg-type]
        (Export("r", "avi", Path("a.avi")), "no export named avi"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_work_is_refused(export: Export, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        export.check()


def test_a_files_name_says_its_form() -> None:
    for name, info in FORMS.items():
        assert form_of(Path(f"steps{info.suffix.upper()}")) == name
    with pytest.raises(BadInput, match=r"steps\.avi"):
        form_of(Path("steps.avi"))


def test_a_quick_export_needs_no_model_and_has_the_pictures_size(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ran(bench)
    monkeypatch.setattr(Toy, "decode", None)
    path = tmp_path / "quick"
    exported(bench, Export(run, "frames", path, view="change", exact=False, caption=False))
    frames = sorted(path.iterdir())
    assert [frame.name for frame in frames] == [f"change_{i:03d}.png" for i in range(6)]
    with Image.open(frames[0]) as image:
        assert image.size == (64, 48)
