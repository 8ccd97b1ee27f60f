from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from studio.core.errors import CannotOpen
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.core.recipe import MAX_SEED, Recipe
from studio.core.record import Asset, Origin, Record
from studio.imaging.encoding import encode, png_bytes
from studio.imaging.metadata import read_record, texts

PICTURE = Picture(np.zeros((4, 6, 3), np.uint8))
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=60) | st.sampled_from(
    ['a "quoted", comma\nSteps: 3, Sampler: x, Seed: 1', "\ud83d", "雪\u2028\0\x1b", "\\u00e4"]
)
RECIPES = st.builds(
    Recipe,
    prompt=TEXT,
    negative_prompt=TEXT,
    size=st.builds(Size, st.integers(1, 9000), st.integers(1, 9000)),
    seed=st.integers(0, MAX_SEED),
    guidance_scale=st.floats(0, 100),
    sampler_options=st.just({}) | st.just({"eta": 0.1}),
)
ASSETS = st.none() | st.builds(Asset, st.text("0123456789abcdef", min_size=64, max_size=64), TEXT)
RECORDS = st.builds(
    Record,
    recipe=RECIPES,
    run=TEXT,
    image=st.integers(0, 9),
    source=ASSETS,
    mask=ASSETS,
    origin=st.none()
    | st.builds(Origin, st.just("r"), st.integers(0, 9), st.builds(Record, recipe=RECIPES)),
    model_hash=TEXT,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("metadata")


@given(RECORDS, st.sampled_from([".png", ".jpg", ".webp", ".tiff"]))
def test_a_record_comes_back_from_every_format(folder, record, suffix):
    path = folder / f"picture{suffix}"
    path.write_bytes(encode(PICTURE, suffix, texts(record)))
    assert read_record(path) == record


def test_the_texts_have_the_names_that_others_look_for(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(png_bytes(PICTURE, texts(Record(Recipe(prompt="häuser", seed=7)))))
    with Image.open(path) as image:
        assert json.loads(image.info["diffusion-studio"])["recipe"]["prompt"] == "häuser"
        assert image.info["parameters"].startswith("häuser\nSteps: 20, Sampler: DDIM")


def test_parameters_of_another_program_are_read(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 9, Sampler: Euler a, Seed: 5, Size: 64x96")
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    assert read_record(path).recipe == Recipe(
        prompt="a cat", steps=9, sampler="euler_ancestral", seed=5, size=Size(64, 96)
    )


def test_parameters_after_the_pixels_are_found(tmp_path):
    out = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a dog\nSteps: 9, Sampler: Euler, Seed: 5", zip=False)
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=info)
    data = out.getvalue()
    start = data.index(b"tEXt") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    last = data.index(b"IEND") - 4
    moved = data[:start] + data[end:last] + data[start:end] + data[last:]
    path = tmp_path / "a.png"
    path.write_bytes(moved)
    assert read_record(path).recipe.prompt == "a dog"


def test_a_recipe_too_long_for_jpeg_is_left_out_and_said_so(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encode(PICTURE, ".jpg", texts(Record(Recipe(prompt="word " * 15000)))))
    with pytest.raises(CannotOpen, match="does not say how it was made"):
        read_record(path)


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({}, "does not say"),
        ({"diffusion-studio": "{broken"}, "damaged"),
        ({"diffusion-studio": "[1]"}, "damaged"),
        ({"diffusion-studio": "[" * 100_000}, "damaged"),
        ({"diffusion-studio": '{"format": 99}'}, "later version"),
        ({"parameters": "only words"}, "no settings"),
        ({"parameters": "a\nSteps: many, Sampler: Euler, Seed: 5"}, "Steps cannot be read"),
    ],
)
def test_a_picture_without_a_readable_record_says_so(tmp_path, stored, words):
    path = tmp_path / "a.png"
    path.write_bytes(png_bytes(PICTURE, stored))
    with pytest.raises(CannotOpen, match=words):
        read_record(path)


def test_a_missing_file_and_a_text_file_say_so(tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    with pytest.raises(CannotOpen, match="not a picture"):
        read_record(tmp_path / "notes.png")
    with pytest.raises(CannotOpen, match="no file"):
        read_record(tmp_path / "missing.png")
