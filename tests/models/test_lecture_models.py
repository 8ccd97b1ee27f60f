"""DDPM and DiT besides what the agreement table shows."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import DiTTransformer2DModel

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.diffusion.levels import Level
from studio.models.catalogue import describe
from studio.models.dit import of_any_shape
from studio.models.predicts import schedule_of
from tests.models.agreement import ask, loaded, ours
from tests.models.rows_lecture import ROWS
from tests.models.tiny_lecture import make_ddpm, make_dit

PLAIN, CLASSES = ROWS[1], ROWS[3]


@pytest.fixture(scope="module")
def ddpm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_ddpm(tmp_path_factory.mktemp("models") / "ddpm")


@pytest.fixture(scope="module")
def dit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dit(tmp_path_factory.mktemp("models") / "dit")


def test_a_ddpm_takes_no_words(ddpm: Path) -> None:
    able = describe(ddpm).abilities
    assert (able.prompt, able.negative_prompt) == (False, False)
    assert "takes no words" in able.prompt_hint
    assert (able.native_size, able.multiple) == (Size(16, 16), 2)


def test_a_dit_asks_for_one_of_its_classes(dit: Path) -> None:
    able = describe(dit).abilities
    assert "golden retriever" in able.classes
    assert "class" in able.prompt_hint
    assert (able.native_size, able.multiple, able.tokenizer) == (Size(64, 64), 8, "")


def test_a_folder_of_one_network_may_have_its_files_beside_the_index(
    ddpm: Path, tmp_path: Path
) -> None:
    flat = shutil.copytree(ddpm, tmp_path / "flat")
    for part in ("unet", "scheduler"):
        for file in (flat / part).iterdir():
            file.rename(flat / file.name)
        (flat / part).rmdir()
    asked = ask(PLAIN, "text to image", loaded(ddpm))
    assert torch.equal(ours(asked, loaded(flat)), ours(asked, loaded(ddpm)))


def test_no_pixel_is_brighter_than_white_unless_the_scheduler_says_so(
    ddpm: Path, tmp_path: Path
) -> None:
    x = 3 * torch.randn(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    level = Level(0.5, 0.75**0.5, 500)
    (clipped,) = loaded(ddpm).predict(x, level, [None])
    (free,) = loaded(make_ddpm(tmp_path / "free", clip_sample=False)).predict(x, level, [None])
    assert free.abs().max() > 1
    assert torch.equal(clipped, free.clamp(-1, 1))


def test_a_model_of_grey_pictures_is_seen_in_grey(tmp_path: Path) -> None:
    family = loaded(make_ddpm(tmp_path / "grey", channels=1))
    pixels = torch.rand(1, 3, 16, 16) * 2 - 1
    latents = family.encode(pixels)
    assert latents.shape == (1, *family.latent_shape(Size(16, 16))) == (1, 1, 16, 16)
    grey = pixels.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    assert torch.equal(family.decode(latents), grey)
    assert torch.allclose(family.preview(latents), grey, atol=1e-6)


def test_its_levels_are_known_without_loading_it(ddpm: Path) -> None:
    recipe = PLAIN.recipe
    known = schedule_of(describe(ddpm), recipe, recipe.size)
    assert known.levels == loaded(ddpm).schedule(recipe, recipe.size).levels


def test_a_network_that_wants_classes_without_names_is_refused(tmp_path: Path) -> None:
    folder = make_ddpm(tmp_path / "classes")
    config = folder / "unet" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"num_class_embeds": 10}))
    with pytest.raises(CannotLoad, match="is told classes"):
        describe(folder)


@torch.inference_mode()
def test_the_transformer_is_the_same_for_squares_and_can_do_other_shapes(dit: Path) -> None:
    network = DiTTransformer2DModel.from_pretrained(dit / "transformer", local_files_only=True)
    x = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    told = {"timestep": torch.tensor([7.0, 7.0]), "class_labels": torch.tensor([1, 1000])}
    assert torch.equal(of_any_shape(network, x, **told), network(x, **told).sample)
    # With nothing to attend to and no positions, what a patch becomes depends on it alone.
    network.transformer_blocks = network.transformer_blocks[:1]
    network.transformer_blocks[0].attn1.to_out[0].weight.zero_()
    network.pos_embed.register_forward_hook(
        lambda module, given, _: module.proj(given[0]).flatten(2).transpose(1, 2)
    )
    whole = of_any_shape(network, x, **told)
    part = of_any_shape(network, x[..., 4:16, 2:8].contiguous(), **told)
    assert part.shape == (2, 8, 12, 6)
    assert torch.allclose(part, whole[..., 4:16, 2:8], atol=1e-6)


def test_a_dit_draws_pictures_that_are_not_square(dit: Path) -> None:
    family = loaded(dit)
    asked = ask(
        replace(CLASSES, recipe=replace(CLASSES.recipe, size=Size(96, 64))),
        "image to image",
        family,
    )
    assert ours(asked, family).shape == (1, 4, 16, 24)


def test_a_folder_that_names_the_transformer_as_it_was_once_called_is_a_dit(
    dit: Path, tmp_path: Path
) -> None:
    old = shutil.copytree(dit, tmp_path / "old")
    for file in (old / "model_index.json", old / "transformer" / "config.json"):
        text = file.read_text().replace("DiTTransformer2DModel", "Transformer2DModel")
        file.write_text(text)
    config = old / "transformer" / "config.json"
    # What that class had, and this one has not.
    more = {"cross_attention_dim": None, "num_vector_embeds": None, "use_linear_projection": False}
    config.write_text(json.dumps(json.loads(config.read_text()) | more))
    assert describe(old).family == "dit"
    asked = ask(CLASSES, "text to image", loaded(dit))
    assert torch.equal(ours(asked, loaded(old)), ours(asked, loaded(dit)))
