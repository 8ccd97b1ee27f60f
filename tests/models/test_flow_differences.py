"""Where diffusers' pipelines of flow models do something else than we do, and why ours is meant so.

Everywhere else the two agree: see the table in `test_agreement`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from PIL import Image

from studio.engine.pixels import to_tensor
from tests.models.agreement import CHANNELS, FILL, TOLERANCE, Row, apart, ask, dealt, loaded, opened
from tests.models.agreement import ours as drawn
from tests.models.rows_flow import FLUX_FILL, RECIPE, SD3
from tests.models.tiny_flow import make_flux, make_sd3

OUTSIDE = torch.ones(16, 16, dtype=torch.bool)
OUTSIDE[4:12, 4:12] = False


@torch.inference_mode()
def test_stable_diffusion_3_fills_are_decoded_with_a_shift_that_they_forget(tmp_path: Path) -> None:
    """Latents are (what is encoded − shift)·scale. All their pipelines add the shift again before
    decoding but the one for inpainting, whose pictures have other colours for it."""
    row = Row("Stable Diffusion 3", "", make_sd3, SD3, RECIPE)
    folder = row.make(tmp_path / "model")
    family = loaded(folder)
    asked = ask(row, FILL, family)
    assert asked.picture is not None
    assert asked.mask is not None
    pipe = opened("StableDiffusion3InpaintPipeline", folder)
    with dealt(asked):
        theirs = pipe(
            RECIPE.prompt,
            negative_prompt=RECIPE.negative_prompt,
            image=Image.fromarray(asked.picture.pixels),
            mask_image=Image.fromarray(asked.mask.pixels),
            height=64,
            width=64,
            strength=RECIPE.strength,
            num_inference_steps=RECIPE.steps,
            guidance_scale=RECIPE.guidance_scale,
            output_type="pt",
        ).images
    latents, config = drawn(asked, family), pipe.vae.config
    mine, forgotten = (
        (family.decode(each) / 2 + 0.5).clamp(0, 1)
        for each in (latents, latents - config.shift_factor * config.scaling_factor)
    )
    assert apart(forgotten, theirs) < TOLERANCE
    assert apart(mine, theirs) > 10 * TOLERANCE


def test_flux_fill_lets_the_rest_of_the_picture_drift(tmp_path: Path) -> None:
    """It is told the mask, and nothing makes it keep what is outside; ours does."""
    row = Row("FLUX.1", "Fill", partial(make_flux, fill=True), FLUX_FILL, RECIPE)
    folder = row.make(tmp_path / "model")
    family = loaded(folder)
    asked = ask(row, CHANNELS, family)
    asked = replace(asked, recipe=replace(asked.recipe, strength=1.0))
    assert asked.picture is not None
    clean = family.encode(to_tensor(asked.picture))
    mine, theirs = drawn(asked, family), FLUX_FILL[CHANNELS](folder, asked)
    assert torch.allclose(mine[..., OUTSIDE], clean[..., OUTSIDE], atol=1e-5)
    assert (theirs - clean)[..., OUTSIDE].abs().max() > 0.1
