"""Another autoencoder in a model: the network's own pictures, seen through it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

from studio.core.errors import BadInput, CannotOpen
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.models.adapters.autoencoders import with_vae
from studio.models.adapters.finding import Finder
from studio.models.catalogue import TOY, describe
from studio.models.family import Family
from studio.models.loading import load
from tests.tiny import make_tiny


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("other"), seed=1) / "vae"


def opened(info: ModelInfo) -> Family:
    return load(info, torch.device("cpu"), torch.float32, lambda part: None)


def test_pictures_are_the_other_autoencoders(base: Path, other: Path, tmp_path: Path) -> None:
    info = describe(base)
    own, theirs = opened(info), opened(replace(info, vae=other))
    x = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(0))
    reference = AutoencoderKL.from_pretrained(other)
    with torch.inference_mode():
        wanted = reference.decode(x / reference.config.scaling_factor).sample
    torch.testing.assert_close(theirs.decode(x), wanted)
    assert not torch.allclose(theirs.decode(x), own.decode(x), atol=1e-3)
    # What is shown while it goes is fitted to the one that will draw.
    assert not torch.allclose(theirs.preview.weight, own.preview.weight, atol=1e-3)
    single = tmp_path / "single.safetensors"
    save_file(reference.state_dict(), single)
    assert torch.equal(opened(replace(info, vae=single)).decode(x), theirs.decode(x))
    # Files of the first publication, and checkpoints that have one among other things.
    original = tmp_path / "original.safetensors"
    save_file(first_names(reference), original)
    assert torch.equal(opened(replace(info, vae=original)).decode(x), theirs.decode(x))


def first_names(vae: AutoencoderKL) -> dict[str, torch.Tensor]:
    """Rombach et al.'s names of an autoencoder's tensors, written out from their code."""
    blocks = len(vae.config.block_out_channels)
    found = {}
    for key, tensor in vae.state_dict().items():
        name = key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        for number in range(blocks):
            name = name.replace(f"down_blocks.{number}.resnets.", f"down.{number}.block.")
            name = name.replace(f"down_blocks.{number}.downsamplers.0", f"down.{number}.downsample")
            up = blocks - 1 - number
            name = name.replace(f"up_blocks.{number}.resnets.", f"up.{up}.block.")
            name = name.replace(f"up_blocks.{number}.upsamplers.0", f"up.{up}.upsample")
        name = name.replace("mid_block.attentions.0.", "mid.attn_1.")
        for number in (0, 1):
            name = name.replace(f"mid_block.resnets.{number}.", f"mid.block_{number + 1}.")
        if "attn_1" in name:
            for ours, theirs in (
                ("group_norm", "norm"),
                ("to_q", "q"),
                ("to_k", "k"),
                ("to_v", "v"),
                ("to_out.0", "proj_out"),
            ):
                name = name.replace(f"attn_1.{ours}.", f"attn_1.{theirs}.")
            if name.endswith("weight") and tensor.ndim == 2:
                tensor = tensor[:, :, None, None]
        found[f"first_stage_model.{name}"] = tensor.contiguous()
    return found


def test_an_autoencoder_of_another_kind_is_refused(base: Path, tmp_path: Path) -> None:
    info = describe(base)
    wide = AutoencoderKL(
        block_out_channels=(16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=16,
        norm_num_groups=4,
    )
    wide.save_pretrained(tmp_path / "wide")
    save_file(wide.state_dict(), tmp_path / "wide.safetensors")
    for path in (tmp_path / "wide", tmp_path / "wide.safetensors"):
        with pytest.raises(BadInput, match="16 channels"):
            opened(replace(info, vae=path))
    save_file({"nothing": torch.ones(2)}, tmp_path / "nothing.safetensors")
    with pytest.raises(CannotOpen, match="no autoencoder"):
        opened(replace(info, vae=tmp_path / "nothing.safetensors"))


def test_a_name_becomes_a_file(base: Path, other: Path, tmp_path: Path) -> None:
    finder, info = Finder(tmp_path), describe(base)
    recipe = Recipe(vae="soft")
    with pytest.raises(CannotOpen, match="no VAE named soft"):
        with_vae(info, recipe, finder)
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "soft.safetensors").write_bytes(b"")
    assert with_vae(info, recipe, finder).vae == tmp_path / "vae" / "soft.safetensors"
    assert with_vae(info, Recipe(vae=str(other)), finder).vae == other
    assert with_vae(info, Recipe(), finder) == info
    with pytest.raises(BadInput, match="no autoencoder"):
        with_vae(TOY, recipe, finder)
