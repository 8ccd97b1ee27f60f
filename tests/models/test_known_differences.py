"""Where diffusers' pipelines do something else than we do, what it is, and why ours is meant so.

Everywhere else the two agree: see the table in `test_agreement`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.picture import Mask
from studio.diffusion.loop import start
from studio.engine.pixels import to_tensor
from studio.models.family import Family
from tests.models.agreement import (
    CHANNELS,
    FILL,
    RECIPE,
    TEXT,
    TOLERANCE,
    Asked,
    Row,
    apart,
    ask,
    loaded,
    ours,
    pipeline,
)
from tests.models.rows_lecture import PIXELS, ddpm
from tests.models.rows_unet import SD, SD_CHANNELS, make_two
from tests.models.tiny_lecture import make_ddpm
from tests.tiny import make_tiny

# WORKAROUND diffusers 0.42 makes NumPy 2 arrays of tensors in a way that NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

INSIDE = (..., slice(4, 12), slice(4, 12))
"""The latent cells that `agreement.spot` covers."""
OUTSIDE = torch.ones(16, 16, dtype=torch.bool)
OUTSIDE[4:12, 4:12] = False


class Pair:
    """One model for both sides. Without `asked` the row's own question is put to them."""

    def __init__(self, row: Row, task: str, folder: Path) -> None:
        self.row, self.task, self.folder = row, task, row.make(folder / "model")
        self.family: Family = loaded(self.folder)
        self.asked = ask(row, task, self.family)

    def ours(self, asked: Asked) -> Tensor:
        return ours(asked, self.family)

    def theirs(self, asked: Asked) -> Tensor:
        return self.row.stock[self.task](self.folder, asked)

    def difference(self, asked: Asked) -> float:
        return apart(self.ours(asked), self.theirs(asked))


Make = Callable[..., Pair]


@pytest.fixture
def pair(tmp_path: Path) -> Make:
    def make(task: str = FILL, make: Callable[[Path], Path] = make_tiny, **recipe: object) -> Pair:
        stock = {**SD, **SD_CHANNELS}
        if task == TEXT:
            stock[TEXT] = pipeline("StableDiffusionPipeline", **recipe)
        asked = replace(RECIPE, **recipe)  # type: ignore[arg-type]
        return Pair(Row("Stable Diffusion", "", make, stock, asked), task, tmp_path)

    return make


def source(pair: Pair) -> Tensor:
    assert pair.asked.picture is not None
    return pair.family.encode(to_tensor(pair.asked.picture))


def changed(pair: Pair, **recipe: object) -> Asked:
    return replace(pair.asked, recipe=replace(pair.asked.recipe, **recipe))  # type: ignore[arg-type]


def test_at_full_strength_they_forget_the_surroundings_for_one_step(
    pair: Make, tmp_path: Path
) -> None:
    """They begin with noise alone, so the network first sees a hole in nothing. The noisiest
    level of most models keeps a rest of the picture, which is where ours begins; for a model
    whose noisiest level keeps none there is nothing to differ in."""
    rest, none = pair(), pair(make=partial(make_two, seed=1))
    assert rest.difference(changed(rest, strength=1.0)) > TOLERANCE
    assert none.difference(changed(none, strength=1.0)) < TOLERANCE


def test_where_the_steps_do_not_divide_1000_they_mix_two_noise_levels(pair: Make) -> None:
    """DDIM lands 1000 // 7 timesteps further down and goes on as if from the next of its list. They
    noise what is outside to the one, while the inside is at the other; ours is at one level."""
    both = pair()
    seven = changed(both, steps=7, strength=0.9)
    mine, theirs = both.ours(seven), both.theirs(seven)
    assert apart(mine, theirs) > TOLERANCE
    # Nor do they land on their last level: ours is all there, but for the little that going on
    # from the wrong timestep costs; theirs only inside.
    end = both.family.schedule(seven.recipe, seven.recipe.size).targets[-1]
    assert end.sigma > 0.02
    kept = source(both)
    noisy = start(kept, seven.noise.start(), end)
    assert torch.allclose(mine[..., OUTSIDE], noisy[..., OUTSIDE], atol=2e-3)
    assert torch.allclose(theirs[..., OUTSIDE], kept[..., OUTSIDE], atol=1e-5)


def test_of_a_cell_that_is_masked_in_part_they_see_one_pixel(pair: Make) -> None:
    """The mask is made smaller by taking every fourth pixel: what is painted beside it is not
    filled. Ours frees every cell with something painted in it; so it is theirs, were whole cells
    painted."""
    both = pair()
    pixels = np.zeros((64, 64), np.uint8)
    pixels[18:46, 18:46] = 255
    partly = replace(both.asked, mask=Mask(pixels))
    assert both.asked.mask is not None
    assert (both.asked.mask.pixels[::4, ::4] > 0).sum() > (pixels[::4, ::4] > 0).sum()
    mine, theirs = both.ours(partly), both.theirs(partly)
    assert torch.allclose(theirs[..., 4, 4:12], source(both)[..., 4, 4:12], atol=1e-5)
    assert (mine[..., 4, 4:12] - source(both)[..., 4, 4:12]).abs().max() > 0.1
    assert apart(mine, both.theirs(both.asked)) < TOLERANCE


def test_a_mask_of_less_than_half_is_no_mask_to_them(pair: Make) -> None:
    """They cut it at one half. With ours a pixel is free from when the noise is no more than it."""
    both = pair()
    assert both.asked.mask is not None
    soft = replace(both.asked, mask=Mask(both.asked.mask.pixels // 3))
    mine, theirs = both.ours(soft), both.theirs(soft)
    assert torch.allclose(theirs, source(both), atol=1e-5)
    assert (mine - source(both))[INSIDE].abs().max() > 0.1


def test_with_channels_of_its_own_they_let_the_rest_of_the_picture_drift(pair: Make) -> None:
    """Such a network is told the mask, and nothing makes it keep what is outside."""
    both = pair(CHANNELS, partial(make_tiny, in_channels=9))
    mine, theirs = both.ours(both.asked), both.theirs(both.asked)
    assert torch.allclose(mine[..., OUTSIDE], source(both)[..., OUTSIDE], atol=1e-5)
    assert (theirs - source(both))[..., OUTSIDE].abs().max() > 0.1


def test_contrast_is_given_back_to_the_picture_and_not_to_the_output(pair: Make) -> None:
    """Guidance is rescaled on x0, whose contrast is meant; theirs on what the network says, here v.
    The two are the same while all is noise, where v = −x0, and part from then on."""
    both = pair(TEXT, make_two, guidance_rescale=0.7)
    assert TOLERANCE < both.difference(both.asked) < 0.05


def test_a_stochastic_sampler_changes_the_noise_outside_and_they_put_the_first_one_back(
    pair: Make,
) -> None:
    """So at the mask's edge two pictures' noise meets, at every step. Ours is of one piece; both
    end with the source outside."""
    both = pair(sampler="euler_ancestral")
    both.row.stock[FILL] = pipeline(  # type: ignore[index]
        "StableDiffusionInpaintPipeline", "EulerAncestralDiscreteScheduler"
    )
    mine, theirs = both.ours(both.asked), both.theirs(both.asked)
    assert apart(mine, theirs) > TOLERANCE
    for made in (mine, theirs):
        assert torch.allclose(made[..., OUTSIDE], source(both)[..., OUTSIDE], atol=1e-4)


def test_their_ddim_goes_on_with_the_noise_of_an_x0_that_it_has_clipped_away(
    tmp_path: Path,
) -> None:
    """Unless it is asked not to, as in the table. The x it makes has other signal and noise in it
    than its level says; ours tells ε from the x0 that it goes on with."""
    stock = {TEXT: partial(ddpm, "DDIMPipeline", use_clipped_model_output=False)}
    both = Pair(Row("DDPM", "", make_ddpm, stock, PIXELS), TEXT, tmp_path)
    assert both.difference(both.asked) > TOLERANCE
