"""The model that comes with the app: its format, its size, and that it heeds a prompt."""

from __future__ import annotations

import json
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from studio.starter.sampling import load_networks, sample

FOLDER = Path(__file__).parents[2] / "resources" / "starter-model"


def test_it_is_small_enough() -> None:
    sizes = {f.name: f.stat().st_size for f in FOLDER.rglob("*") if f.is_file()}
    assert sum(sizes.values()) <= 48_000_000
    assert max(sizes.values()) <= 15_000_000


def test_it_is_an_ordinary_stable_diffusion_folder() -> None:
    index = json.loads((FOLDER / "model_index.json").read_text())
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert index["requires_safety_checker"] is False
    assert index["safety_checker"] == index["feature_extractor"] == [None, None]
    scheduler = json.loads((FOLDER / "scheduler" / "scheduler_config.json").read_text())
    assert scheduler["prediction_type"] == "v_prediction"
    assert scheduler["timestep_spacing"] == "trailing"
    assert scheduler["clip_sample"] is False
    assert json.loads((FOLDER / "vae" / "config.json").read_text())["scaling_factor"] == 1.0


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("AutoPipelineForText2Image", ()),
        ("AutoPipelineForImage2Image", ("image",)),
        ("AutoPipelineForInpainting", ("image", "mask_image")),
    ],
)
def test_diffusers_own_pipelines_draw_with_it(name: str, inputs: tuple[str, ...]) -> None:
    pipe = getattr(diffusers, name).from_pretrained(FOLDER, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    given = {
        "image": Image.new("RGB", (256, 256), (90, 160, 220)),
        "mask_image": Image.fromarray(np.pad(np.full((96, 96), 255, np.uint8), 80)),
    }
    picture = pipe(
        "a red house at noon", num_inference_steps=4, guidance_scale=3.0,
        generator=torch.Generator().manual_seed(0), **{key: given[key] for key in inputs},
    ).images[0]  # fmt: skip
    assert picture.size == (256, 256)
    hole = np.asarray(picture)[80:176, 80:176]
    assert hole.std(axis=(0, 1)).max() > 5  # the picture given is of one colour


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_its_pictures_follow_the_prompt() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        networks = load_networks(FOLDER)
        prompts = ["a landscape at noon", "a landscape at night", "a red castle", "a blue castle"]
        pictures = sample(networks, prompts, steps=5, guidance=3.0, seed=3)
    finally:
        torch.set_num_threads(threads)
    noon, night, red, blue = (np.asarray(p, dtype=float).mean(axis=(0, 1)) for p in pictures)
    assert noon.mean() > night.mean() + 40
    assert red[0] - red[2] > blue[0] - blue[2] + 10
