from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL

from studio.core.errors import Cancelled, CannotLoad
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.models.catalogue import describe
from studio.models.loading import load as load_model
from studio.models.loading import weights_hash
from studio.models.stable_diffusion import StableDiffusion
from tests.tiny import make_tiny

CPU = torch.device("cpu")
SIZE = Size(64, 48)


def load(folder: Path) -> StableDiffusion:
    return load_model(describe(folder), CPU, torch.float32, lambda part: None)


def states(family: StableDiffusion, prompt: str) -> torch.Tensor:
    return family.condition(prompt, Recipe()).states


@torch.inference_mode()
def test_a_picture_is_decoded_as_diffusers_decodes_it(tmp_path: Path) -> None:
    folder = make_tiny(tmp_path / "tiny")
    family = load(folder)
    latents = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(5))
    vae = AutoencoderKL.from_pretrained(folder / "vae", local_files_only=True)
    theirs = vae.decode(latents / vae.config.scaling_factor).sample
    assert (family.decode(latents) - theirs).abs().max() < 1e-3


def test_encoding_is_deterministic_and_scaled(tmp_path: Path) -> None:
    family = load(make_tiny(tmp_path / "tiny"))
    pixels = torch.rand(1, 3, 64, 64) * 2 - 1
    latents = family.encode(pixels)
    assert latents.shape == (1, *family.latent_shape(Size(64, 64)))
    assert torch.equal(latents, family.encode(pixels))


def test_a_prompt_is_encoded_once(tmp_path: Path) -> None:
    family = load(make_tiny(tmp_path / "tiny"))
    assert states(family, "sea") is states(family, "sea")
    assert not torch.equal(states(family, "sea"), states(family, "moon"))


def test_a_prompt_longer_than_the_model_reads_is_read_in_chunks(tmp_path: Path) -> None:
    family = load(make_tiny(tmp_path / "tiny"))
    short, long = (family.condition(words, Recipe()) for words in ("sea", "sea " * 30))
    assert short.states.shape == (1, 32, 32)
    assert long.states.shape == (1, 96, 32)
    x = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(5))
    level = family.schedule(Recipe(), SIZE).levels[3]
    alone, beside = family.predict(x, level, [short])[0], family.predict(x, level, [short, long])[0]
    assert torch.allclose(alone, beside, atol=1e-5)


def test_the_description_comes_from_the_folder(tmp_path: Path) -> None:
    info = describe(make_tiny(tmp_path / "My Tiny Model"))
    assert info.name == "my-tiny-model"
    assert info.abilities.native_size == Size(64, 64)
    assert info.abilities.multiple == 8
    assert info.abilities.max_tokens == 32


def test_loading_can_be_stopped_between_its_parts(tmp_path: Path) -> None:
    info = describe(make_tiny(tmp_path / "tiny"))
    heard: list[str] = []

    def tell(part: str) -> None:
        heard.append(part)
        if len(heard) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        load_model(info, CPU, torch.float32, tell)
    assert len(heard) == 2


@pytest.mark.parametrize(
    "file",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "scheduler/scheduler_config.json",
        "tokenizer/tokenizer.json",
    ],
)
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_damaged_files_are_refused_in_one_sentence(tmp_path: Path, file: str, damage: str) -> None:
    folder = make_tiny(tmp_path / "tiny")
    info = describe(folder)
    if damage == "cut":
        data = (folder / file).read_bytes()
        (folder / file).write_bytes(data[: len(data) // 2])
    else:
        (folder / file).unlink()
    with pytest.raises(CannotLoad, match="tiny") as caught:
        load_model(info, CPU, torch.float32, lambda part: None)
    assert "\n" not in str(caught.value)


def test_an_unknown_schedule_is_refused(tmp_path: Path) -> None:
    folder = make_tiny(tmp_path / "tiny")
    config = folder / "scheduler/scheduler_config.json"
    config.write_text(config.read_text().replace("scaled_linear", "wavy"))
    with pytest.raises(CannotLoad):
        load(folder)


def test_the_hash_follows_the_weights(tmp_path: Path) -> None:
    one, same, other = (
        make_tiny(tmp_path / name, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    one_hash, same_hash, other_hash = (weights_hash(at, lambda: None) for at in (one, same, other))
    assert one_hash == same_hash != other_hash
    assert weights_hash(None, lambda: None) == ""


def test_hashing_a_large_model_can_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")

    def ask() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        weights_hash(tmp_path, ask)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    info = replace(describe(make_tiny(tmp_path / "tiny")), path=tmp_path / "gone")
    with pytest.raises(CannotLoad):
        load_model(info, CPU, torch.float32, lambda part: None)


def test_a_weight_changes_what_the_prompt_means(tmp_path: Path) -> None:
    family = load(make_tiny(tmp_path / "tiny"))
    plain, heavy = states(family, "red sea"), states(family, "(red:1.5) sea")
    assert plain.shape == heavy.shape
    assert not torch.equal(plain, heavy)
    assert torch.equal(states(family, "(red:1.0) sea"), plain)


def test_a_prompt_with_half_a_surrogate_pair_is_read(tmp_path: Path) -> None:
    family = load(make_tiny(tmp_path / "tiny"))
    assert torch.equal(states(family, "red \udcff"), states(family, "red ?"))
