"""A model with another autoencoder: the same source, but for one part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from studio.core.errors import BadInput, CannotOpen
from studio.core.model_file import Role
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.models.adapters.embeddings import Vocabulary
from studio.models.adapters.finding import Finder
from studio.models.adapters.reading import read_tensors
from studio.models.source import Source, open_source, read_json

VAE = "vae"
TOKENIZERS = ("tokenizer", "tokenizer_2")


def with_vae(info: ModelInfo, recipe: Recipe, finder: Finder) -> ModelInfo:
    """The model with the autoencoder that the recipe names, if it names one.

    Raises BadInput for a model that has none, CannotOpen if the file is not there.
    """
    if not recipe.vae:
        return info
    if info.path is None or VAE not in open_source(info.path).parts:
        raise BadInput(
            f"{info.title} has no autoencoder that could be another.", "Choose no VAE for it."
        )
    return replace(info, vae=finder.find(Role.VAE, recipe.vae, recipe.files))


class Altered:
    """A `Source` whose tokenizers can learn words and whose autoencoder may be another file's.

    `vae`: a folder as diffusers writes it, or one file of the same build as the model's own, in
    diffusers' names or those of the first publication. `vocabularies` are filled on loading.
    """

    def __init__(self, source: Source, vae: Path | None) -> None:
        self._source, self._vae = source, vae
        self.path = source.path
        self.vocabularies: dict[str, Vocabulary] = {}

    @property
    def parts(self) -> Mapping[str, str]:
        return self._source.parts

    def config(self, part: str) -> dict[str, Any]:
        own = self._source.config(part)
        folder = self._folder() if part == VAE else None
        if folder is None:
            return own
        other = read_json(folder / "config.json")
        self._check(other, own)
        return other

    def files(self) -> Sequence[Path]:
        return self._source.files()

    def tokenizer(self, part: str, kind: type) -> Any:
        tokenizer = self._source.tokenizer(part, kind)
        if part not in TOKENIZERS or not kind.__name__.startswith("CLIPTokenizer"):
            return tokenizer
        return self.vocabularies.setdefault(part, Vocabulary(tokenizer))

    def network(self, part: str, kind: type, dtype: torch.dtype) -> Any:
        if part != VAE or self._vae is None:
            return self._source.network(part, kind, dtype)
        theirs: Any = kind
        folder = self._folder()
        if folder is not None:
            self.config(VAE)
            return theirs.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, torch_dtype=dtype
            )
        network = theirs.from_config(self._source.config(VAE))
        own = network.state_dict()
        found = _converted(read_tensors(self._vae, self._vae.stem)[0], network.config)
        latent = "decoder.conv_in.weight"
        if latent in found and found[latent].shape[1] != own[latent].shape[1]:
            raise self._other(int(found[latent].shape[1]), int(own[latent].shape[1]))
        wrong = [key for key, value in own.items() if key not in found]
        wrong += [key for key in own if key in found and found[key].shape != own[key].shape]
        if wrong:
            raise CannotOpen(
                f"{self._vae.name} is no autoencoder for this model: {len(wrong)} of its "
                f"{len(own)} tensors are missing or have another shape.",
                "Choose another VAE, or the model's own.",
            )
        network.load_state_dict({key: found[key] for key in own})
        return network.to(dtype)

    def _folder(self) -> Path | None:
        if self._vae is None:
            return None
        if self._vae.is_dir():
            inner = self._vae / VAE
            return inner if (inner / "config.json").is_file() else self._vae
        return None

    def _check(self, other: Mapping[str, Any], own: Mapping[str, Any]) -> None:
        theirs, ours = int(other.get("latent_channels", 4)), int(own.get("latent_channels", 4))
        if theirs != ours:
            raise self._other(theirs, ours)
        if len(other.get("block_out_channels", ())) != len(own.get("block_out_channels", ())):
            raise BadInput(
                f"{self._vae} makes latents of another size than the model's own autoencoder.",
                "Choose another VAE, or the model's own.",
            )

    def _other(self, theirs: int, ours: int) -> BadInput:
        return BadInput(
            f"{self._vae} is for another kind of model: its latents have {theirs} channels, and "
            f"this model's {ours}.",
            "Choose another VAE, or the model's own.",
        )


def _converted(tensors: dict[str, torch.Tensor], config: Any) -> dict[str, torch.Tensor]:
    """In diffusers' names. Raises CannotOpen for what is no autoencoder."""
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    if "encoder.conv_norm_out.weight" in tensors:
        return tensors
    prefixed = {key: tensor for key, tensor in tensors.items() if key.startswith("first_stage")}
    bare = {k.removeprefix("first_stage_model."): tensor for k, tensor in prefixed.items()}
    wanted = {
        k: t for k, t in (bare or tensors).items() if not k.startswith(("loss.", "model_ema"))
    }
    try:
        converted: dict[str, torch.Tensor] = convert_ldm_vae_checkpoint(wanted, config)
    except (KeyError, ValueError, IndexError, RuntimeError, SafetensorError) as error:
        raise CannotOpen(
            "The VAE that was chosen is not an autoencoder that is known.",
            "Choose another VAE, or the model's own.",
        ) from error
    return converted
