"""What the newer families are told, refuse, and have besides diffusers' own results."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.errors import BadInput, CannotLoad
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.models.catalogue import describe
from studio.models.dry import Dry
from studio.models.family import Family
from studio.models.files.layouts import layouts
from studio.models.flux import pack, places, unpack
from studio.models.kinds import kind_of
from studio.models.loading import load
from studio.models.placement import Placement
from studio.models.predicts import predicts, schedule_of
from tests.models.agreement import loaded
from tests.models.tiny_flow import make_flux, make_pixart, make_sd3, make_z_image

SIZE = Size(64, 48)
MAKERS: dict[str, Callable[[Path], Path]] = {
    "sd3": make_sd3,
    "flux": make_flux,
    "z_image": make_z_image,
    "pixart": make_pixart,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {name: make(root / name) for name, make in MAKERS.items()}


@pytest.fixture(scope="module")
def families(folders: dict[str, Path]) -> dict[str, Family]:
    return {name: loaded(folder) for name, folder in folders.items()}


@pytest.mark.parametrize("name", MAKERS)
def test_the_levels_are_known_before_the_model_is_loaded(
    folders: dict[str, Path], families: dict[str, Family], name: str
) -> None:
    family, info = families[name], describe(folders[name])
    for sampler in ("euler", "ddim", "dpmpp_2m"):
        for sigmas in ("model", "karras"):
            recipe = Recipe(steps=6, sampler=sampler, sigmas=sigmas)
            wanted = family.schedule(recipe, SIZE).levels
            assert schedule_of(info, recipe, SIZE).levels == wanted
    found = predicts(info)
    assert found is not None
    assert found.flow == (name != "pixart")


def test_larger_pictures_begin_with_more_noise(families: dict[str, Family]) -> None:
    """The shift of FLUX.1 dev grows with the number of patches: exp(1.15) of them at 1024²."""
    family, recipe = families["flux"], Recipe(steps=2, sampler="euler")
    small, large = (family.schedule(recipe, Size(n, n)).levels[1].sigma for n in (128, 512))
    assert small < large
    factor = torch.exp(torch.tensor(1.15)).item()
    assert large == pytest.approx(factor * 0.5 / (1 + (factor - 1) * 0.5))


@torch.inference_mode()
@pytest.mark.parametrize("name", MAKERS)
def test_half_precision_says_about_the_same(folders: dict[str, Path], name: str) -> None:
    cpu = torch.device("cpu")
    whole, half = (
        load(describe(folders[name]), cpu, dtype, lambda part: None)
        for dtype in (torch.float32, torch.bfloat16)
    )
    x = torch.randn(1, *whole.latent_shape(SIZE), generator=torch.Generator().manual_seed(1))
    one, other = (said(family, x) for family in (whole, half))
    assert other.dtype == torch.float32
    assert (one - other).norm() / one.norm() < 0.05


def said(family: Family, x: torch.Tensor, prompt: str = "a red boat") -> torch.Tensor:
    level = family.schedule(Recipe(steps=4, sampler="euler"), SIZE).levels[2]
    (x0,) = family.predict(x, level, [family.condition(prompt, Recipe())])
    return x0


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("placement", "off"),
    [
        (Placement("rest"), 0.0),
        (Placement("one", budget=0), 0.0),
        (Placement("one", budget=20_000), 0.0),
        (Placement(small=True), 0.05),  # weights of eight bits
    ],
)
def test_it_draws_the_same_with_little_memory(
    families: dict[str, Family], name: str, placement: Placement, off: float
) -> None:
    family: Any = families[name]
    x = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(1))
    plain = said(family, x)
    family.parts.moves = True
    family.parts.follow(placement)
    family.parts.forget()
    try:
        moved = said(family, x)
    finally:
        family.parts.follow(Placement())
        family.parts.leave()
        family.parts.moves = False
    assert (moved - plain).norm() / plain.norm() <= off
    assert torch.equal(moved, plain) == (not off)
    assert torch.equal(said(family, x), plain)


@pytest.mark.parametrize("name", MAKERS)
def test_what_memory_it_takes_is_found_without_computing(
    families: dict[str, Family], name: str
) -> None:
    """Nothing on the way from a prompt to a picture looks at numbers to decide what to do."""
    family: Any = families[name]
    dry, recipe = Dry(family, family.parts), Recipe(prompt="a (red:1.3) boat")
    assert dry.condition(recipe) > 0
    small, large = (
        dry.step(recipe, (1, *family.latent_shape(Size(side, side))), 1) for side in (64, 128)
    )
    assert 0 < small < large
    assert dry.decode((1, *family.latent_shape(SIZE))) > 0


@pytest.mark.parametrize("name", MAKERS)
def test_two_conditions_at_once_are_as_two_alone(families: dict[str, Family], name: str) -> None:
    family = families[name]
    x = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(1))
    level = family.schedule(Recipe(steps=4, sampler="euler"), SIZE).levels[2]
    # Of different lengths, where a prompt is not filled up.
    both = [family.condition(text, Recipe()) for text in ("sea", "a red boat " * 9)]
    together = family.predict(x, level, both)
    for condition, x0 in zip(both, together, strict=True):
        (alone,) = family.predict(x, level, [condition])
        assert (alone - x0).norm() / alone.norm() < 1e-5


@pytest.mark.parametrize("name", MAKERS)
def test_a_prompt_of_any_length_is_read(families: dict[str, Family], name: str) -> None:
    family = families[name]
    x = torch.zeros(1, *family.latent_shape(SIZE))
    level = family.schedule(Recipe(steps=4, sampler="euler"), SIZE).levels[2]
    for text in ("", "sea " * 900, "half a pair \udcff"):
        (x0,) = family.predict(x, level, [family.condition(text, Recipe())])
        assert torch.isfinite(x0).all()


@pytest.mark.parametrize("name", MAKERS)
def test_weights_count_and_their_signs_are_no_words(families: dict[str, Family], name: str) -> None:
    family = families[name]
    x = torch.zeros(1, *family.latent_shape(SIZE))
    plain, same, heavy = (
        said(family, x, f"a {word} sea") for word in ("red", "(red:1)", "(red:2)")
    )
    assert torch.equal(plain, same)
    assert not torch.equal(plain, heavy)


@pytest.mark.parametrize("name", MAKERS)
def test_a_long_prompt_and_a_short_one_go_together(families: dict[str, Family], name: str) -> None:
    """CLIP reads a long one in several chunks."""
    family = families[name]
    x = torch.randn(1, *family.latent_shape(SIZE), generator=torch.Generator().manual_seed(1))
    level = family.schedule(Recipe(steps=4, sampler="euler"), SIZE).levels[2]
    texts = ("fog", "a red boat on a very long river " * 4)
    both = family.predict(x, level, [family.condition(text, Recipe()) for text in texts])
    for text, x0 in zip(texts, both, strict=True):
        (alone,) = family.predict(x, level, [family.condition(text, Recipe())])
        assert (alone - x0).norm() / alone.norm() < 1e-5


def test_pixart_reads_small_letters_and_breaks_all_the_same(families: dict[str, Family]) -> None:
    family, x = families["pixart"], torch.zeros(1, *families["pixart"].latent_shape(SIZE))
    assert torch.equal(said(family, x, "A Red BOAT"), said(family, x, "a red boat"))
    assert torch.equal(said(family, x, "a BREAK b"), said(family, x, "a b"))


def test_a_message_without_a_template_is_put_as_the_template_would(
    tmp_path: Path, families: dict[str, Family]
) -> None:
    folder = make_z_image(tmp_path / "bare")
    (folder / "tokenizer/chat_template.jinja").unlink()
    x = torch.zeros(1, *families["z_image"].latent_shape(SIZE))
    assert torch.equal(said(loaded(folder), x), said(families["z_image"], x))


def test_the_guidance_of_dev_is_a_condition_and_the_words_are_encoded_once(
    families: dict[str, Family],
) -> None:
    family = families["flux"]
    low, high = (family.condition("sea", Recipe(guidance_scale=s)) for s in (1.0, 5.0))
    assert low.words.states is high.words.states
    assert (low.guidance, high.guidance) == (1.0, 5.0)


def test_patches_come_back_as_they_were() -> None:
    x = torch.randn(2, 3, 6, 4)
    assert pack(x).shape == (2, 6, 12)
    assert torch.equal(unpack(pack(x), 3, 2), x)
    assert places(2, 3).tolist()[4] == [0, 1, 1]


@pytest.mark.parametrize(
    ("make", "steps", "guidance", "tokens"),
    [
        (make_sd3, 28, 4.5, 256),
        (partial(make_sd3, t5=False), 28, 4.5, 77),
        (partial(make_sd3, qk_norm=None), 28, 7.0, 256),
        (make_flux, 28, 3.5, 512),
        (partial(make_flux, guidance=False), 4, 1.0, 256),
        (partial(make_flux, fill=True), 50, 30.0, 512),
        (make_z_image, 8, 1.0, 512),
        (partial(make_z_image, shift=6.0), 50, 5.0, 512),
        (make_pixart, 20, 4.5, 300),
    ],
)
def test_each_begins_with_what_it_was_published_with(
    tmp_path: Path, make: Callable[[Path], Path], steps: int, guidance: float, tokens: int
) -> None:
    able = describe(make(tmp_path / "model")).abilities
    assert (able.default_steps, able.default_guidance, able.max_tokens) == (steps, guidance, tokens)
    assert able.default_sampler == ("dpmpp_2m" if make is make_pixart else "euler")
    assert (able.native_size, able.multiple, able.half) == (Size(64, 64), 8, "bfloat16")


class Published:
    """The parts and configurations that single files of a family are read with."""

    def __init__(self, name: str) -> None:
        self.path, self._layout = Path(name), layouts()[name]

    @property
    def parts(self) -> dict[str, str]:
        return {part: kind for part, (kind, _) in self._layout.parts.items()}

    def config(self, part: str) -> dict[str, Any]:
        return dict(self._layout.configs[part])


@pytest.mark.parametrize(
    ("name", "family", "side", "fills"),
    [
        ("sd3-medium", "sd3", 1024, False),
        ("sd35-medium", "sd3", 1024, False),
        ("sd35-large", "sd3", 1024, False),
        ("flux-dev", "flux", 1024, False),
        ("flux-schnell", "flux", 1024, False),
        ("flux-fill", "flux", 1024, True),
        ("z-image", "z_image", 1024, False),
        ("pixart-sigma", "pixart", 1024, False),
    ],
)
def test_as_published_they_are_known_at_their_size(
    name: str, family: str, side: int, fills: bool
) -> None:
    source: Any = Published(name)
    kind = kind_of(source)
    able = kind.abilities(source)
    assert kind.family == family
    assert (able.native_size, able.multiple) == (Size(side, side), 16)
    assert able.inpaint_channels == fills


@pytest.mark.parametrize("damage", ["cut", "gone"])
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("sd3", "text_encoder_3/model.safetensors"),
        ("sd3", "tokenizer_2/tokenizer.json"),
        ("flux", "transformer/diffusion_pytorch_model.safetensors"),
        ("flux", "tokenizer_2/tokenizer.json"),
        ("z_image", "text_encoder/model.safetensors"),
        ("z_image", "scheduler/scheduler_config.json"),
        ("pixart", "vae/diffusion_pytorch_model.safetensors"),
        ("pixart", "tokenizer/tokenizer.json"),
    ],
)
def test_what_is_damaged_is_refused_in_one_sentence(
    tmp_path: Path, folders: dict[str, Path], name: str, file: str, damage: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(folders[name], folder)
    info, path = describe(folder), folder / file
    if damage == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.unlink()
    with pytest.raises(CannotLoad) as caught:
        load(info, torch.device("cpu"), torch.float32, lambda part: None)
    assert "\n" not in str(caught.value)


def change(file: Path, **values: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def test_the_earlier_files_of_pixart_are_the_same_model(
    tmp_path: Path, families: dict[str, Family]
) -> None:
    """They name the class that all transformers had then."""
    folder = make_pixart(tmp_path / "early")
    change(folder / "model_index.json", transformer=["diffusers", "Transformer2DModel"])
    change(folder / "transformer/config.json", _class_name="Transformer2DModel")
    early, late = loaded(folder), families["pixart"]
    x = torch.ones(1, *late.latent_shape(SIZE))
    assert torch.equal(said(early, x), said(late, x))


@pytest.mark.parametrize(
    ("make", "values", "words"),
    [
        (make_flux, {"in_channels": 128}, "takes 128 channels"),
        (make_sd3, {"in_channels": 48}, "takes 48 channels"),
        (make_z_image, {"siglip_feat_dim": 1152}, "wants pictures"),
        (make_pixart, {"use_additional_conditions": True}, "PixArt-α"),
    ],
)
def test_relatives_that_want_more_are_refused_by_name(
    tmp_path: Path, make: Callable[[Path], Path], values: dict[str, Any], words: str
) -> None:
    folder = make(tmp_path / "model")
    change(folder / "transformer/config.json", **values)
    with pytest.raises(CannotLoad, match=words):
        describe(folder)


def test_a_size_beyond_what_the_places_reach_is_refused(families: dict[str, Family]) -> None:
    for name, most in (("sd3", 192), ("z_image", 256)):
        family, recipe = families[name], Recipe(sampler="euler")
        with pytest.raises(BadInput, match=f"up to {most} pixels"):
            family.schedule(recipe, Size(most + 8, 64))
        assert family.schedule(recipe, Size(most, most))


@pytest.mark.parametrize("name", MAKERS)
def test_blocks_of_all_slow_networks_can_be_interrupted(
    families: dict[str, Family], name: str
) -> None:
    family = families[name]
    called: set[int] = set()
    blocks = family.networks()
    for block in blocks:
        block.register_forward_pre_hook(lambda module, inputs: called.add(id(module)))
    said(family, torch.zeros(1, *family.latent_shape(SIZE)), "words never read before")
    family.decode(family.encode(torch.zeros(1, 3, 64, 64)))
    assert called == {id(block) for block in blocks}
