"""LoRAs and autoencoders in whole runs: recorded, edited on the way, made again, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file

from studio.core import events
from studio.core.adapters import Adapter
from studio.core.edits import Edit
from studio.core.geometry import Size
from studio.core.limits import Limits
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.engine.replay import replay_request
from studio.imaging.metadata import read_record
from tests.capped import Capped
from tests.engine.conftest import Bench
from tests.models.adapters.making import kohya, lora, save
from tests.tiny import make_tiny


@pytest.fixture
def recipe(bench: Bench, tiny_folder: Path) -> Recipe:
    info = bench.catalogue.add(tiny_folder)
    return Recipe(prompt="a boat", model=info.name, size=Size(64, 64), steps=4, seed=3)


def put(bench: Bench, tiny_folder: Path, name: str, seed: int = 0) -> Path:
    unet = UNet2DConditionModel.from_pretrained(tiny_folder / "unet")
    path = bench.folders.data / "loras" / f"{name}.safetensors"
    return save(path, lora(unet, kohya("lora_unet"), seed=seed))


def pixels(finished: events.Finished) -> np.ndarray:
    return finished.results[0].picture.pixels


def replayed(bench: Bench, path: Path) -> Request:
    return replay_request(read_record(path), bench.library, lambda r: bench.finish(r).run)


def test_a_picture_with_a_lora_is_made_again_from_its_record(
    bench: Bench, recipe: Recipe, tiny_folder: Path
) -> None:
    file = put(bench, tiny_folder, "ink")
    bare = pixels(bench.finish(Request(recipe)))
    worn = bench.finish(Request(replace(recipe, adapters=(Adapter("ink", 0.8),))))
    assert not np.array_equal(pixels(worn), bare)
    assert np.array_equal(pixels(bench.finish(Request(recipe))), bare)
    again = replayed(bench, worn.results[0].path)
    assert len(again.recipe.files["lora/ink"]) == 64
    assert np.array_equal(pixels(bench.finish(again)), pixels(worn))
    put(bench, tiny_folder, "ink", seed=1)
    assert "another file" in bench.fail(again).message
    file.unlink()
    assert "no LoRA named ink" in bench.fail(again).message
    assert np.array_equal(pixels(bench.finish(Request(recipe))), bare)


def test_a_weight_is_changed_on_the_way_and_branched(
    bench: Bench, recipe: Recipe, tiny_folder: Path
) -> None:
    put(bench, tiny_folder, "ink")
    put(bench, tiny_folder, "oil", seed=1)
    worn = replace(recipe, adapters=(Adapter("ink"),))
    run = bench.engine.submit(Request(worn))
    bench.engine.pause(run)
    bench.until(events.Paused, run=run)
    bench.engine.step_once(run)
    bench.until(events.Paused, run=run)
    bench.engine.edit(run, Edit(0, {"adapters": (Adapter("gone"),)}))
    refused = bench.until(events.Edited, events.Warned, run=run)
    assert isinstance(refused, events.Warned)
    assert "no LoRA named gone" in refused.message
    bench.engine.edit(run, Edit(0, {"adapters": (Adapter("ink", 0.2), Adapter("oil", 0.5))}))
    bench.until(events.Edited, run=run)
    bench.engine.resume(run)
    edited = bench.until(events.Finished, run=run)
    assert isinstance(edited, events.Finished)
    record = edited.results[0].record
    assert [edit.step for edit in record.recipe.edits] == [1]
    assert set(record.recipe.files) == {"lora/ink", "lora/oil"}
    again = bench.finish(replayed(bench, edited.results[0].path))
    assert np.array_equal(pixels(again), pixels(edited))
    branch = record.recipe.going_on(2)
    tail = bench.finish(Request(branch, fork=Fork(run, 2)))
    assert np.array_equal(pixels(tail), pixels(edited))
    other = replace(branch, adapters=())
    assert not np.array_equal(
        pixels(bench.finish(Request(other, fork=Fork(run, 2)))), pixels(edited)
    )


def test_a_lora_for_another_model_fails_in_a_sentence_and_the_next_run_works(
    bench: Bench, recipe: Recipe, tiny_folder: Path
) -> None:
    before = pixels(bench.finish(Request(recipe)))
    flux = "lora_unet_double_blocks_0_img_attn_qkv"
    wide, tall = torch.ones(4, 3072), torch.ones(9216, 4)
    files = {
        "flux": {f"{flux}.lora_down.weight": wide, f"{flux}.lora_up.weight": tall},
        "nothing": {"lora_unet_nowhere.diff": torch.ones(2, 2)},
        "spoiled": {"lora_unet_conv_in.diff": torch.full((2, 2), torch.nan)},
    }
    for name, tensors in files.items():
        save(bench.folders.data / "loras" / f"{name}.safetensors", tensors)
        failed = bench.fail(Request(replace(recipe, adapters=(Adapter(name),))))
        assert name in failed.message
        assert failed.hint
        assert np.array_equal(pixels(bench.finish(Request(recipe))), before)


@pytest.mark.parametrize("plan", ["encoders", "model", "group"])
def test_loras_go_where_their_layers_go(tmp_path: Path, tiny_folder: Path, plan: str) -> None:
    """On a device of its own that a network leaves and comes back to, whole or in blocks."""
    bench = Bench(tmp_path, room=Capped(2**40))
    try:
        name = bench.catalogue.add(tiny_folder).name
        put(bench, tiny_folder, "ink")
        decomposed = put(bench, tiny_folder, "oil", seed=1)
        tensors = load_file(decomposed)
        for key in list(tensors):
            if key.endswith("lora_up.weight"):
                rows = torch.linspace(0.5, 1.5, len(tensors[key]))
                tensors[key.replace("lora_up.weight", "dora_scale")] = rows[:, None]
        save(decomposed, tensors)
        worn = (Adapter("ink", 0.6), Adapter("oil", 0.5))
        recipe = Recipe(model=name, prompt="a boat", size=Size(64, 64), steps=2, adapters=worn)
        plain = pixels(bench.finish(Request(recipe)))
        bare = pixels(bench.finish(Request(replace(recipe, adapters=()))))
        bench.engine.configure(Limits(plan=plan))
        assert np.array_equal(pixels(bench.finish(Request(recipe))), plain)
        assert np.array_equal(pixels(bench.finish(Request(replace(recipe, adapters=())))), bare)
        assert not np.array_equal(plain, bare)
    finally:
        bench.close()


def test_another_autoencoder_is_a_part_of_the_recipe(
    bench: Bench, recipe: Recipe, tmp_path: Path
) -> None:
    other = make_tiny(tmp_path / "other", seed=1) / "vae"
    own = bench.finish(Request(recipe))
    changed = bench.finish(Request(replace(recipe, vae=str(other))))
    assert not np.array_equal(pixels(changed), pixels(own))
    again = replayed(bench, changed.results[0].path)
    assert len(again.recipe.files[f"vae/{other}"]) == 64
    assert np.array_equal(pixels(bench.finish(again)), pixels(changed))
    assert np.array_equal(pixels(bench.finish(Request(recipe))), pixels(own))
    assert "no VAE named soft" in bench.fail(Request(replace(recipe, vae="soft"))).message
    toy = replace(recipe, model="toy", vae=str(other))
    assert "no autoencoder" in bench.fail(Request(toy)).message
    toy = replace(recipe, model="toy", adapters=(Adapter("ink"),))
    assert "takes no LoRAs" in bench.fail(Request(toy)).message
