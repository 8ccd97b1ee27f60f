"""A single file in its authors' own format loads to the same weights, and the same pictures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
import transformers
from accelerate import init_empty_weights
from diffusers.loaders.single_file_utils import convert_flux_transformer_checkpoint_to_diffusers
from safetensors.torch import save_file
from torch import Tensor

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.core.request import Fork, Request
from studio.models.catalogue import describe
from studio.models.files import networks, tokenizers
from studio.models.files.identify import identify
from studio.models.files.inside import lacking
from studio.models.files.layouts import Layout, layouts
from studio.models.files.networks import Network
from studio.models.files.renaming import flux
from studio.models.files.single import SingleSource
from studio.models.files.weights import CONVERT
from studio.models.source import FolderSource, Source
from tests.engine.conftest import Bench
from tests.engine.conftest import bench as bench
from tests.engine.conftest import previews_fitted_once as previews_fitted_once
from tests.models.files.fixtures import write
from tests.models.files.originals import open_clip, original
from tests.models.tiny_flow import make_flux, make_pixart, make_sd3, make_z_image
from tests.models.tiny_sdxl import make_sdxl
from tests.tiny import make_tiny

INSIDE: dict[str, dict[str, str]] = {
    "sd1": {"unet": "model.diffusion_model.", "vae": "first_stage_model."}
    | {"text_encoder": "cond_stage_model.transformer."},
    "sd2": {"unet": "model.diffusion_model.", "vae": "first_stage_model."}
    | {"text_encoder": "cond_stage_model.model."},
    "sdxl": {"unet": "model.diffusion_model.", "vae": "first_stage_model."}
    | {"text_encoder": "conditioner.embedders.0.transformer."}
    | {"text_encoder_2": "conditioner.embedders.1.model."},
    "sd35-medium": {"transformer": "model.diffusion_model.", "vae": "first_stage_model."}
    | {"text_encoder": "text_encoders.clip_l.transformer."}
    | {"text_encoder_2": "text_encoders.clip_g.transformer."}
    | {"text_encoder_3": "text_encoders.t5xxl.transformer."},
    "flux-dev": {"transformer": "model.diffusion_model.", "vae": "vae."}
    | {"text_encoder": "text_encoders.clip_l.transformer."}
    | {"text_encoder_2": "text_encoders.t5xxl.transformer."},
    "z-image": {"transformer": "", "vae": "vae."}
    | {"text_encoder": "text_encoders.qwen3_4b.transformer."},
    "pixart-sigma": {"transformer": "", "vae": "vae."}
    | {"text_encoder": "text_encoders.t5xxl.transformer."},
}
"""What stands before each part's names in a checkpoint of everything."""
TINY: dict[str, Callable[[Path], Path]] = {
    "sd1": make_tiny,
    "sd2": lambda folder: make_tiny(folder, "v_prediction"),
    "sdxl": make_sdxl,
    "sd35-medium": make_sd3,
    "flux-dev": make_flux,
    "z-image": make_z_image,
    "pixart-sigma": make_pixart,
}
OPEN = ("cond_stage_model.model.", "conditioner.embedders.1.model.")
"""What stands before text encoders in OpenCLIP's form."""


def class_of(name: str) -> Any:
    return getattr(diffusers, name, None) or getattr(transformers, name)


def published(source: FolderSource, layout: str) -> dict[str, Tensor]:
    """All weights of a folder under the names of a single file."""
    tensors: dict[str, Tensor] = {}
    for part, prefix in INSIDE[layout].items():
        name = source.parts[part]
        network = source.network(part, class_of(name), torch.float32)
        state = open_clip(network.state_dict()) if prefix in OPEN else original(name, network)
        tensors |= {prefix + key: tensor.contiguous().clone() for key, tensor in state.items()}
    return tensors


def tiny_layout(source: FolderSource, layout: str) -> Layout:
    """The layout with the numbers of a tiny model."""
    real = layouts()[layout]
    configs = {part: source.config(part) for part in real.parts if not part.startswith("token")}
    return Layout(
        real.parts,
        configs | {part: {} for part in real.parts if part.startswith("token")},
        real.index,
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def make(layout: str) -> Path:
        if layout not in made:
            made[layout] = TINY[layout](tmp_path_factory.mktemp(layout) / "model")
        return made[layout]

    return make


class Tiny(SingleSource):
    """A tiny model's single file, with the tokenizers of its folder."""

    def __init__(self, path: Path, folder: Path, layout: str) -> None:
        source = FolderSource(folder)
        tensors = published(source, layout)
        save_file(tensors, path)
        wanted = tiny_layout(source, layout)
        file = ModelFile(path, Role.CHECKPOINT, layout, lacks=lacking(wanted, tensors))
        super().__init__(file, wanted)
        self.folder = source

    def tokenizer(self, part: str, kind: type) -> Any:
        return self.folder.tokenizer(part, kind)


@pytest.mark.parametrize("layout", TINY)
def test_the_same_weights_come_out_of_a_single_file(
    layout: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = FolderSource(folders(layout))
    source = Tiny(tmp_path / "a.safetensors", folder.path, layout)
    for part in INSIDE[layout]:
        kind = class_of(folder.parts[part])
        theirs = folder.network(part, kind, torch.float32).state_dict()
        ours = source.network(part, kind, torch.float32).state_dict()
        assert ours.keys() == theirs.keys(), part
        for name, tensor in theirs.items():
            assert torch.equal(ours[name], tensor), (part, name)


@pytest.mark.parametrize("layout", ["sd1", "sdxl", "sd35-medium", "flux-dev"])
def test_the_same_latents_come_out_of_a_single_file(
    layout: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = FolderSource(folders(layout))
    info = describe(folder.path)
    single = Tiny(tmp_path / "a.safetensors", folder.path, layout)
    recipe = Recipe(
        prompt="a red boat",
        size=Size(64, 64),
        steps=2,
        sampler=info.abilities.default_sampler,
        guidance_scale=2.0,
    )
    assert torch.equal(latents(info, folder, recipe), latents(info, single, recipe))


def latents(info: ModelInfo, source: Source, recipe: Recipe) -> Tensor:
    module = import_module(f"studio.models.{info.family}")
    family = module.load(info, source, torch.device("cpu"), torch.float32, lambda _: None)
    schedule = family.schedule(recipe, recipe.size)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn((1, *family.latent_shape(recipe.size)), generator=generator)
    condition = family.condition(recipe.prompt, recipe)
    with torch.inference_mode():
        for level in schedule.levels[:2]:
            (x0,) = family.predict(x, level, [condition])
            x = (x + x0) / 2
    return x


PUBLISHED = {
    "sd1": 859_520_964,
    "sd2": 865_910_724,
    "sdxl": 2_567_463_684,
    "sd3-medium": 2_028_328_000,
    "sd35-large": 8_056_627_520,
    "flux-dev": 11_901_408_320,
    "flux-schnell": 11_891_178_560,
    "z-image": 6_154_908_736,
    "pixart-sigma": 610_856_096,
}
"""Parameters of the network, as its authors or model cards count them."""
ENCODERS = {"clip-l": 123_060_480, "clip-h": 340_387_840, "clip-g": 694_659_840}


def empty(layout: Layout, part: str) -> Any:
    """The true network without its weights."""
    kind = class_of(layout.parts[part][0])
    tabled = kind.__name__ == "SD3Transformer2DModel"  # it takes long to compute
    with torch.device("meta") if tabled else init_empty_weights():
        if kind.__module__.startswith("diffusers"):
            return kind.from_config(dict(layout.configs[part]))
        return kind(kind.config_class(**layout.configs[part]))


@pytest.mark.parametrize("name", layouts())
def test_our_configurations_make_the_published_networks(name: str, tmp_path: Path) -> None:
    """At full size, without a weight: the network has as many parameters as was published, its
    file is known for what it is, and all of its tensors find their place."""
    layout = layouts()[name]
    part = "unet" if "unet" in layout.parts else "transformer"
    network = empty(layout, part)
    count = sum(tensor.numel() for tensor in network.parameters())
    assert count == PUBLISHED.get(name, count)
    kind = layout.parts[part][0]
    tensors = original(kind, network)
    if name == "pixart-sigma":
        tensors |= {"y_embedder.y_embedding": torch.empty(300, 4096, device="meta")}
        tensors |= {"pos_embed": torch.empty(1, 4096, 1152, device="meta")}
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    found = identify(write(tmp_path / "a.safetensors", shapes))
    assert (found.layout, found.role, found.problem) == (name, Role.NETWORK, "")
    encoders = [part for part in layout.parts if part.startswith("text_encoder")]
    assert set(found.lacks) == {"vae", *encoders}
    converted = CONVERT[kind](tensors, layout.configs[part], network)
    wanted = {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}
    got = {key: tuple(tensor.shape) for key, tensor in converted.items()}
    assert {key: got.get(key) for key in wanted} == wanted


@pytest.mark.parametrize("name", ["sd1", "sd2", "sdxl"])
def test_a_published_checkpoint_is_whole(name: str, tmp_path: Path) -> None:
    layout = layouts()[name]
    shapes: dict[str, tuple[int, ...]] = {}
    for part, prefix in INSIDE[name].items():
        network = empty(layout, part)
        kind = layout.parts[part][0]
        state = open_clip(network.state_dict()) if prefix in OPEN else original(kind, network)
        shapes |= {prefix + key: tuple(tensor.shape) for key, tensor in state.items()}
        encoder = layout.kind(part)
        count = sum(tensor.numel() for tensor in network.parameters())
        assert count == ENCODERS.get(encoder, count)
    found = identify(write(tmp_path / "a.safetensors", shapes, "F16"))
    assert (found.layout, found.role, found.lacks) == (name, Role.CHECKPOINT, ())
    assert found.precision == "fp16"
    assert describe(found.path).family == ("sdxl" if name == "sdxl" else "stable_diffusion")


def test_flux_is_renamed_as_diffusers_does_it_at_the_width_that_it_knows() -> None:
    real = layouts()["flux-dev"]
    config = dict(real.configs["transformer"]) | {"num_layers": 2, "num_single_layers": 2}
    with init_empty_weights():
        network = diffusers.FluxTransformer2DModel.from_config(config)
    generator = torch.Generator().manual_seed(0)
    thin = {  # two columns of each matrix: all that is cut is cut along the rows
        name: torch.rand((tensor.shape[0], *[2] * (tensor.dim() - 1)), generator=generator)
        for name, tensor in original("FluxTransformer2DModel", network).items()
    }
    theirs = convert_flux_transformer_checkpoint_to_diffusers(dict(thin))
    ours = flux(dict(thin), config, network)
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_a_file_without_its_text_encoders_names_what_is_missing(tmp_path: Path) -> None:
    network = empty(layouts()["flux-schnell"], "transformer")
    tensors = original("FluxTransformer2DModel", network)
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    path = write(tmp_path / "models/diffusion_models/schnell.safetensors", shapes)
    with pytest.raises(CannotLoad, match=r"missing: .*VAE.*CLIP-L.*T5-XXL"):
        describe(path)
    others = tmp_path / "models"
    write(others / "vae" / "ae.safetensors", shapes_of("flux-schnell", "vae"))
    write(others / "clip" / "clip_l.safetensors", shapes_of("flux-schnell", "text_encoder"))
    with pytest.raises(CannotLoad, match=r"missing: the text encoder T5-XXL .t5xxl"):
        describe(path)
    write(others / "text_encoders" / "t5.safetensors", shapes_of("flux-schnell", "text_encoder_2"))
    info = describe(path)
    assert (info.family, info.abilities.default_steps) == ("flux", 4)


def shapes_of(name: str, part: str) -> dict[str, tuple[int, ...]]:
    layout = layouts()[name]
    tensors = original(layout.parts[part][0], empty(layout, part))
    return {key: tuple(tensor.shape) for key, tensor in tensors.items()}


def test_a_stable_diffusion_3_without_t5_does_without_it(tmp_path: Path) -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    for part, prefix in INSIDE["sd35-medium"].items():
        if part != "text_encoder_3":
            found = shapes_of("sd3-medium", part)
            shapes |= {prefix + name: shape for name, shape in found.items()}
    info = describe(write(tmp_path / "a.safetensors", shapes))
    assert (info.family, info.abilities.max_tokens) == ("sd3", 77)


def test_a_velocity_model_is_known_by_what_it_says_or_has_learnt(tmp_path: Path) -> None:
    shapes = shapes_of("sd2", "unet")
    plain = write(tmp_path / "a.safetensors", shapes)
    assert identify(plain).variant == ""
    said = write(tmp_path / "b.safetensors", shapes, metadata={"modelspec.prediction_type": "v"})
    assert identify(said).variant == "v"
    (tmp_path / "a.yaml").write_text('model:\n  params:\n    parameterization: "v"\n')
    assert identify(plain).variant == "v"
    sdxl = shapes_of("sdxl", "unet") | {"v_pred": (0,), "ztsnr": (0,)}
    assert identify(write(tmp_path / "c.safetensors", sdxl)).variant == "v-zero"
    telling = tmp_path / "d.safetensors"
    name = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
    write(telling, {name: shapes[name], **{k: s for k, s in shapes.items() if k != name}})
    bias = torch.linspace(-0.3, 0.3, shapes[name][0]).half().numpy().tobytes()
    with telling.open("r+b") as file:
        file.seek(8 + int.from_bytes(file.read(8), "little"))
        file.write(bias)
    assert identify(telling).variant == "v"


def test_a_file_that_lacks_tensors_says_which(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    source = Tiny(tmp_path / "a.safetensors", folders("sd1"), "sd1")
    tensors = published(FolderSource(folders("sd1")), "sd1")
    del tensors["model.diffusion_model.middle_block.0.in_layers.2.weight"]
    save_file(tensors, source.path)
    with pytest.raises(CannotLoad, match=r"lacks 1 of the tensors.*mid_block\.resnets\.0\.conv1"):
        source.network("unet", diffusers.UNet2DConditionModel, torch.float32)


def test_weights_in_eight_bits_are_scaled_back(
    folders: Callable[[str], Path], tmp_path: Path
) -> None:
    source = Tiny(tmp_path / "a.safetensors", folders("flux-dev"), "flux-dev")
    kind = diffusers.FluxTransformer2DModel
    before = source.network("transformer", kind, torch.float32).context_embedder.weight.detach()
    tensors = published(FolderSource(folders("flux-dev")), "flux-dev")
    name = "model.diffusion_model.txt_in"
    scale = tensors[f"{name}.weight"].abs().max() / 448
    tensors[f"{name}.weight"] = (tensors[f"{name}.weight"] / scale).to(torch.float8_e4m3fn)
    tensors[f"{name}.scale_weight"] = scale.reshape(())
    save_file(tensors, source.path)
    after = source.network("transformer", kind, torch.float32).context_embedder.weight.detach()
    assert torch.allclose(after, before, atol=0.07 * float(before.abs().max()))
    assert not torch.equal(after, before)


@pytest.mark.parametrize("suffix", [".safetensors", ".ckpt"])
def test_the_engine_draws_the_same_picture_from_a_single_file(
    suffix: str,
    folders: Callable[[str], Path],
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All the way: known by its tensors, listed from a folder of the person's, branched from."""
    folder = FolderSource(folders("sd1"))
    tensors = published(folder, "sd1")
    shape = tuple(tensors["model.diffusion_model.input_blocks.0.0.weight"].shape)
    row = Network("tiny", "Tiny", {"input_blocks.0.0.weight": shape})
    monkeypatch.setattr(networks, "ROWS", (row, *networks.ROWS))
    real = layouts()["sd1"]
    tiny = tiny_layout(folder, "sd1")
    configs = {**tiny.configs, "tokenizer": {"model_max_length": 32}}
    monkeypatch.setitem(layouts(), "tiny", Layout(real.parts, configs, {}))  # type: ignore[arg-type]
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tokenizers, "_found", {})
    shutil.copytree(folder.path / "tokenizer", tmp_path / "home/data/tokenizers/clip")
    path = tmp_path / "mine" / f"waves{suffix}"
    path.parent.mkdir()
    if suffix == ".ckpt":
        torch.save({"state_dict": tensors}, path)
    else:
        save_file(tensors, path)
    bench.catalogue.shelf.add_folder(path.parent)
    bench.catalogue.shelf.look()
    whole = bench.catalogue.add(folder.path).name
    recipe = Recipe(prompt="a boat", model=whole, size=Size(64, 64), steps=2, seed=5)
    theirs = bench.finish(Request(recipe)).results[0]
    ours = bench.finish(Request(replace(recipe, model="waves"))).results[0]
    assert (ours.picture.pixels == theirs.picture.pixels).all()
    again = bench.finish(Request(replace(recipe, model="waves"), fork=Fork(ours.record.run, 1)))
    assert (again.results[0].picture.pixels == ours.picture.pixels).all()
