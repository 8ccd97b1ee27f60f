"""Our loop beside diffusers' own pipelines: the same files, the same noise, the same picture.

A `Row` is a family in one variant: how a tiny model of it is made, what is asked of it, and for
each task what diffusers makes of that. All of our side is what the engine does in a real run, up
to the last latents. diffusers' pipelines are called as a person would, with a picture and a mask;
only what they draw at random is handed to them (see `dealt`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from studio.core.geometry import Box, Size
from studio.core.picture import Mask, Picture
from studio.core.recipe import Recipe
from studio.diffusion.loop import walk
from studio.diffusion.noise import Noise
from studio.engine.fill import Inputs, latents_of, plan_of
from studio.engine.prepare import first_state, guided, noise_of, predictor
from studio.models.catalogue import describe
from studio.models.family import Family
from studio.models.loading import load

TEXT, IMAGE, FILL, CHANNELS = "text to image", "image to image", "inpainting", "own channels"
TASKS = (TEXT, IMAGE, FILL, CHANNELS)
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Asked:
    """One question to both sides. `picture` and `mask` are None where the task has none."""

    recipe: Recipe
    noise: Noise
    picture: Picture | None
    mask: Mask | None


Stock = Callable[[Path, Asked], Tensor]
"""What diffusers makes of the question, with the model in this folder: its final latents."""


@dataclass(frozen=True, eq=False)
class Row:
    """`make` writes the model's folder. `changes` replaces fields of the recipe in one task."""

    family: str
    variant: str
    make: Callable[[Path], Path]
    stock: Mapping[str, Stock]
    recipe: Recipe
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def recipe_for(self, task: str) -> Recipe:
        recipe = replace(self.recipe, **self.changes.get(task, {}))
        if task in (FILL, CHANNELS):
            recipe = replace(recipe, box=Box.of(recipe.size))
        # At strength 1 diffusers starts from noise alone, we from the noisiest level's picture,
        # which is what a held region goes on from.
        if task != TEXT and recipe.strength == 1.0:
            recipe = replace(recipe, strength=0.75)
        return recipe


RECIPE = Recipe(
    prompt="a red boat",
    negative_prompt="fog",
    steps=8,  # divides 1000: DDIM then lands on the timestep that it goes on from
    guidance_scale=3.0,
    size=Size(64, 64),
    seed=5,
)


def loaded(folder: Path, dtype: torch.dtype = torch.float32) -> Family:
    return load(describe(folder), torch.device("cpu"), dtype, lambda part: None)


def ask(row: Row, task: str, family: Family) -> Asked:
    recipe = row.recipe_for(task)
    picture = photo(recipe.size) if task != TEXT else None
    mask = spot(recipe.size) if task in (FILL, CHANNELS) else None
    return Asked(recipe, noise_of(recipe, recipe.size, family), picture, mask)


@torch.inference_mode()
def ours(asked: Asked, family: Family, held: bool = True) -> Tensor:
    """The final latents of the engine's loop; not `held` to the picture outside the mask."""
    recipe, inputs = asked.recipe.check(), Inputs(asked.picture, asked.mask, None, None)
    plan, size = plan_of(recipe, inputs, None, family)
    assert size == recipe.size
    schedule = family.schedule(recipe, size)
    latents = latents_of(recipe, inputs, plan, size, family, asked.noise)
    state = first_state(recipe, schedule, asked.noise, latents)
    predict = predictor(family, recipe, latents, None) if held else guided(family, recipe, latents)
    steps = walk(predict, schedule, recipe.sampler, recipe.options(), state, asked.noise)
    return list(steps)[-1].after.x


def difference(row: Row, task: str, folder: Path, family: Family) -> float:
    """How far the two are apart, relative to what diffusers makes with the model in `folder`."""
    asked = ask(row, task, family)
    # diffusers' pipelines for networks with their own channels hold nothing; ours can do both.
    mine = ours(asked, family, held=task != CHANNELS)
    return apart(mine, row.stock[task](folder, asked))


def apart(mine: Tensor, theirs: Tensor) -> float:
    assert mine.shape == theirs.shape
    return float((mine - theirs).norm() / theirs.norm())


def pipeline(
    name: str, scheduler: str = "", without: tuple[str, ...] = (), **options: Any
) -> Stock:
    """The pipeline of that class, asked by the usual words; `options` are given besides.

    `scheduler`: the class to use in the place of the folder's own. `without`: parts that the
    folder may lack.
    """

    def run(folder: Path, asked: Asked) -> Tensor:
        recipe = asked.recipe
        pipe = opened(name, folder, scheduler, without)
        words: dict[str, Any] = {"negative_prompt": recipe.negative_prompt}
        if asked.picture is not None:
            words |= {"image": Image.fromarray(asked.picture.pixels), "strength": recipe.strength}
        if asked.mask is not None:
            words |= {"mask_image": Image.fromarray(asked.mask.pixels)}
        if asked.picture is None or asked.mask is not None:
            words |= {"height": recipe.size.height, "width": recipe.size.width}
        words |= {"num_inference_steps": recipe.steps, "guidance_scale": recipe.guidance_scale}
        words = {key: value for key, value in (words | options).items() if value is not None}
        with dealt(asked):
            made: Tensor = pipe(recipe.prompt, output_type="latent", **words).images
        return made

    return run


def opened(name: str, folder: Path, scheduler: str = "", without: tuple[str, ...] = ()) -> Any:
    absent = dict.fromkeys(without)
    pipe = getattr(diffusers, name).from_pretrained(folder, local_files_only=True, **absent)
    pipe.set_progress_bar_config(disable=True)
    if scheduler:
        pipe.scheduler = getattr(diffusers, scheduler).from_config(pipe.scheduler.config)
    return pipe


@contextmanager
def dealt(asked: Asked) -> Iterator[None]:
    """diffusers draws what we draw: pipelines the noise that a picture begins as, schedulers that
    of each step, autoencoders none at all (the mean of what they encode, as ours)."""
    steps = iter(range(1000))

    def begin(shape: Any, **_: Any) -> Tensor:
        return asked.noise.start().reshape(tuple(shape))

    def step(shape: Any, **_: Any) -> Tensor:
        return asked.noise(first + next(steps), 0).reshape(tuple(shape))

    def mean(shape: Any, **_: Any) -> Tensor:
        return torch.zeros(tuple(shape))

    recipe = asked.recipe
    taken = min(max(int(recipe.steps * recipe.strength), 1), recipe.steps)
    first = recipe.steps - taken if asked.picture is not None else 0
    deal = {"pipelines": begin, "schedulers": step, "models": mean}
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            kind = f"{name}.".split(".")[1]
            if name.startswith("diffusers.") and "randn_tensor" in vars(module) and kind in deal:
                patch.setattr(module, "randn_tensor", deal[kind])
        yield


def photo(size: Size) -> Picture:
    pixels = np.random.default_rng(4).integers(0, 256, (size.height, size.width, 3), np.uint8)
    return Picture(pixels)


def spot(size: Size) -> Mask:
    """The middle half, which is whole latent cells of every family."""
    pixels = np.zeros((size.height, size.width), np.uint8)
    height, width = size.height // 4, size.width // 4
    pixels[height : 3 * height, width : 3 * width] = 255
    return Mask(pixels)
