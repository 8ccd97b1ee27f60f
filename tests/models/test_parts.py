"""Where a model's networks are, and that it makes no difference to what they compute."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from studio.core.recipe import Recipe
from studio.diffusion.levels import Level
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.counting import Counting
from studio.models.dry import Dry
from studio.models.loading import load
from studio.models.memo import Memo
from studio.models.placement import Placement
from studio.models.stable_diffusion import StableDiffusion
from tests.tiny import make_tiny

CPU = torch.device("cpu")
LEVEL = Level(0.6, 0.8, 500.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("parts") / "tiny")


@pytest.fixture
def family(folder: Path, tmp_path: Path) -> StableDiffusion:
    info = Catalogue(Folders(tmp_path / "pictures", tmp_path / "data")).add(folder)
    family = load(info, CPU, torch.float32, lambda part: None)
    assert isinstance(family, StableDiffusion)
    return family


def pass_through(family: StableDiffusion) -> tuple[Tensor, Tensor]:
    """One prompt, one step, one picture."""
    family.parts.forget()
    x = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    told = family.condition("a cat", Recipe())
    (x0,) = family.predict(x, LEVEL, [told])
    return x0, family.decode(x0)


def weights(family: StableDiffusion) -> dict[str, Tensor]:
    return {
        f"{part}.{name}": tensor.clone()
        for part, network in family.parts.networks().items()
        for name, tensor in network.state_dict().items()
    }


PLACEMENTS = [
    Placement(),
    Placement("rest"),
    Placement("one"),
    Placement("one", budget=0),
    Placement("one", budget=100_000),
]


@pytest.mark.parametrize("placement", PLACEMENTS, ids=str)
def test_moving_networks_about_changes_no_bit(
    family: StableDiffusion, placement: Placement
) -> None:
    before, kept = pass_through(family), weights(family)
    family.parts.moves = True
    family.parts.follow(placement)
    for _ in range(2):
        for one, other in zip(pass_through(family), before, strict=True):
            assert torch.equal(one, other)
    family.parts.leave()
    assert family.parts.there == 0
    for name, tensor in weights(family).items():
        assert torch.equal(tensor, kept[name]), name


def test_what_is_on_the_device_at_the_same_time_is_what_was_asked_for(
    family: StableDiffusion,
) -> None:
    parts, sizes = family.parts, family.parts.sizes
    parts.moves = True
    parts.use("text_encoder")
    parts.use("unet")
    assert parts.there == sizes["text_encoder"] + sizes["unet"]
    parts.follow(Placement("rest"))
    assert parts.there == 0
    parts.use("text_encoder")
    parts.use("unet")
    parts.use("vae")
    assert parts.there == sizes["unet"] + sizes["vae"]
    parts.follow(Placement("one"))
    parts.use("unet")
    parts.use("vae")
    assert parts.there == sizes["vae"]


def test_block_by_block_no_more_is_there_than_the_budget_and_a_block(
    family: StableDiffusion,
) -> None:
    parts = family.parts
    parts.moves = True
    unet, block = parts.sizes["unet"], parts.blocks["unet"]
    told = family.condition("a cat", Recipe())
    x = torch.zeros(1, 4, 16, 16)
    parts.leave()
    family.predict(x, LEVEL, [told])
    parts.leave()
    peaks = []
    for budget in (None, 0, unet // 2):
        parts.follow(Placement("one", budget=budget))
        with Counting() as counting:
            family.predict(x, LEVEL, [told])
        peaks.append(counting.peak)
        parts.leave()
    whole, least, half = peaks
    assert whole - least > unet // 2
    assert least < half < whole
    assert whole - half >= unet // 2 - 2 * block


def test_weights_of_eight_bits_take_less_room_and_leave_the_model_as_it_was(
    family: StableDiffusion,
) -> None:
    (x0, _), kept = pass_through(family), weights(family)
    parts = family.parts
    parts.moves = True
    parts.follow(Placement("one", small=True))
    coarse, _ = pass_through(family)
    assert not torch.equal(coarse, x0)
    error = (coarse - x0).square().mean().sqrt() / x0.square().mean().sqrt()
    assert float(error) < 0.1
    parts.use("unet")
    at_home = sum(tensor.nbytes for name, tensor in kept.items() if name.startswith("unet"))
    assert parts.there < 0.4 * at_home
    assert parts.sizes["unet"] == at_home
    parts.follow(Placement())
    assert torch.equal(pass_through(family)[0], x0)
    parts.leave()
    for name, tensor in weights(family).items():
        assert torch.equal(tensor, kept[name]), name


def test_a_block_that_breaks_goes_home_all_the_same(family: StableDiffusion) -> None:
    parts = family.parts
    told = family.condition("a cat", Recipe())
    kept = weights(family)
    parts.moves = True
    parts.follow(Placement("one", budget=0))
    x = torch.zeros(1, 4, 16, 16)
    with pytest.raises(torch.OutOfMemoryError), Counting(limit=parts.blocks["unet"]):
        family.predict(x, LEVEL, [told])
    parts.leave()
    for name, tensor in weights(family).items():
        assert torch.equal(tensor, kept[name]), name
    assert family.predict(x, LEVEL, [told])[0].isfinite().all()


def test_a_twin_without_bytes_needs_what_the_model_needs(family: StableDiffusion) -> None:
    recipe = Recipe(prompt="a cat")
    dry = Dry(family, family.parts)
    for side in (16, 24):
        x = torch.zeros(1, 4, side, side)
        told = family.condition("a cat", recipe)
        with Counting() as step:
            family.predict(x, LEVEL, [told, told])
        with Counting() as decode:
            family.decode(x)
        assert dry.step(recipe, (1, 4, side, side), 2) == pytest.approx(step.peak, rel=0.01)
        assert dry.decode((1, 4, side, side)) == pytest.approx(decode.peak, rel=0.01)
    assert torch.equal(pass_through(family)[0], pass_through(family)[0])


def test_a_decoder_that_overflows_decodes_again_in_more_digits(family: StableDiffusion) -> None:
    parts = family.parts
    latents = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    vae: Any = parts.networks()["vae"]
    vae.to(torch.float16)
    with torch.no_grad():
        # 60000 times a half overflows float16 where it is added up, and float32 holds it.
        largest = float(vae.decoder.conv_in.weight.abs().max())
        vae.decoder.conv_in.weight.mul_(60000 / largest)
    kept = weights(family)
    picture = family.decode(latents)
    assert parts.rescued == {"vae"}
    assert picture.isfinite().all()
    assert parts.computes("vae") == torch.float16
    for name, tensor in weights(family).items():
        assert torch.equal(tensor, kept[name]), name


def test_what_was_encoded_is_kept_within_bounds() -> None:
    made = []

    def make(size: int) -> tuple[Tensor, None]:
        made.append(size)
        return torch.zeros(size, dtype=torch.uint8), None

    memo = Memo(CPU, limit=100)
    for size in (40, 50, 40):
        memo.of(size, partial(make, size))
    assert made == [40, 50]
    memo.of(30, partial(make, 30))
    assert memo.size == 70
    memo.of(50, partial(make, 50))
    assert made == [40, 50, 30, 50]


def test_a_prompt_is_encoded_once_until_what_is_worn_changes(
    family: StableDiffusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    real = family.parts.use

    def use(part: str) -> Any:
        used.append(part)
        return real(part)

    monkeypatch.setattr(family.parts, "use", use)
    first = family.condition("a cat", Recipe())
    again = family.condition("a cat", Recipe(seed=3))
    assert used == ["text_encoder"]
    assert torch.equal(first.states, again.states)
    family.parts.worn = ("another",)
    family.condition("a cat", Recipe())
    assert used == ["text_encoder"] * 2
