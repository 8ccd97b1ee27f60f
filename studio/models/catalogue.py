"""The models that can be used: the built-in ones and the folders the person has added.

Reads small JSON files only; loads no weights and no torch, so that a list costs milliseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.core.errors import BadInput, CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo
from studio.core.resources import resource
from studio.library import atomic
from studio.library.folders import Folders

STARTER = "starter"
DEFAULT_MODEL = STARTER

TOY = ModelInfo(
    name="toy",
    title="Toy (closed form)",
    family="toy",
    path=None,
    abilities=Abilities(native_size=Size(64, 64), multiple=8, default_guidance=1.0, photos=False),
    summary="Colour fades from an ideal denoiser, no weights: for lessons and tests.",
)
PATCHES = ModelInfo(
    name="patches",
    title="This photo",
    family="patches",
    path=None,
    abilities=Abilities(
        native_size=Size(768, 768),
        multiple=1,
        prompt=False,
        negative_prompt=False,
        inpaint_channels=True,
        mask_needed=True,
        own_scale=True,
        least_context=1.0,
        default_fill="edges",
        default_steps=32,
        default_guidance=1.0,
        photos=False,
    ),
    summary="Fills what is painted over from the rest of the picture. No weights, no words.",
)
BUILT_IN = (PATCHES, TOY)
"""Those without files, which are always there."""
BUILT_IN_NAMES = (STARTER, *(model.name for model in BUILT_IN))


class Catalogue:
    """The list of models. The person's own folders are remembered in `models.json`."""

    def __init__(self, folders: Folders) -> None:
        self._file = folders.data / "models.json"
        self.downloads = folders.data / "models"

    def models(self) -> tuple[ModelInfo, ...]:
        """Built-in models first, then the person's own by name; unreadable folders left out."""
        found = [self._starter()] if self._starter() else []
        for name, path in sorted(self._added().items()):
            try:
                found.append(replace(describe(path), name=name))
            except CannotLoad:
                continue
        return tuple(model for model in (*found, *BUILT_IN) if model)

    def find(self, name: str) -> ModelInfo:
        """The model of that name. Raises CannotLoad if there is none, or its folder is gone."""
        added = self._added()
        if name in added:
            return replace(describe(added[name]), name=name)
        models = {model.name: model for model in self.models()}
        if name not in models:
            raise CannotLoad(f"There is no model named {name}.", f"There is: {', '.join(models)}.")
        return models[name]

    def add(self, path: Path) -> ModelInfo:
        """Remember a model folder where it is; it is not copied. Raises CannotLoad."""
        info = describe(path)
        # Those that cannot be read today (a drive that is not plugged in) keep their names too.
        taken: dict[str, Path | None] = dict.fromkeys(BUILT_IN_NAMES) | self._added()
        name, number = info.name, 2
        while name in taken and taken[name] != info.path:
            name, number = f"{info.name}-{number}", number + 1
        self._write({**self._added(), name: path.resolve()})
        return replace(info, name=name)

    def remove(self, name: str) -> None:
        """Forget a model folder; its files stay. Raises BadInput for built-in and unknown names."""
        added = self._added()
        if name in BUILT_IN_NAMES:
            raise BadInput(f"{name} is built in and cannot be removed.")
        if name not in added:
            raise BadInput(
                f"No model named {name} was added.",
                f"Added are: {', '.join(sorted(added)) or 'none'}.",
            )
        self._write({key: path for key, path in added.items() if key != name})

    def _starter(self) -> ModelInfo | None:
        folder = resource("starter-model")
        try:
            info = describe(folder)
        except CannotLoad:
            return None
        return replace(
            info,
            name=STARTER,
            title="Starter",
            abilities=replace(info.abilities, photos=False),
            summary="Built in: small travel-poster landscapes, trained for this app.",
        )

    def _added(self) -> dict[str, Path]:
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(name): Path(path) for name, path in data.items()}
        except OSError:
            return {}
        except (ValueError, AttributeError, TypeError):
            # Kept beside the new one: the names in it may be all that is known of a collection.
            with suppress(OSError):
                self._file.replace(self._file.with_suffix(".json.damaged"))
            return {}

    def _write(self, added: Mapping[str, Path]) -> None:
        data = {name: str(path) for name, path in added.items()}
        atomic.make_folder(self._file.parent)
        atomic.write(self._file, json.dumps(data, indent=1).encode())


def describe(folder: Path) -> ModelInfo:
    """What the model in `folder` is, from its configuration files. Raises CannotLoad."""
    try:
        there, indexed = folder.exists(), (folder / "model_index.json").is_file()
    except (OSError, ValueError) as error:
        raise CannotLoad(f"{folder} cannot be looked into.", "Check its permissions.") from error
    if not there:
        raise CannotLoad(f"There is no folder {folder}.")
    if not indexed:
        raise CannotLoad(
            f"{folder} is not a model folder: it has no model_index.json.",
            "Choose a folder in diffusers' format.",
        )
    index = _json(folder / "model_index.json")
    kind = str(index.get("_class_name", ""))
    parts = {part: value[1] for part, value in index.items() if _is_part(value)}
    wanted = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
    wanted["text_encoder"] = "CLIPTextModel"
    if any(parts.get(part) != name for part, name in wanted.items()) or "text_encoder_2" in parts:
        raise CannotLoad(
            f"{folder} holds a {kind or 'model of an unknown kind'}, which cannot be used yet.",
            "Choose a Stable Diffusion 1 or 2 model in diffusers' format.",
        )
    unet, vae = _json(folder / "unet/config.json"), _json(folder / "vae/config.json")
    text = _json(folder / "text_encoder/config.json")
    try:
        factor = 2 ** (len(vae["block_out_channels"]) - 1)
        side = int(unet.get("sample_size") or 64) * factor
        multiple = factor * 2 ** (len(unet["block_out_channels"]) - 1)
        tokens = int(text.get("max_position_embeddings", 77))
        latent = int(vae.get("latent_channels", 4))
        inpaints = int(unet.get("in_channels", latent)) == 2 * latent + 1
    except (KeyError, TypeError, ValueError) as error:
        raise CannotLoad(f"The configuration in {folder} is damaged: {error}.") from error
    return ModelInfo(
        name=re.sub(r"[^\w.-]+", "-", folder.resolve().name.lower()).strip("-") or "model",
        title=folder.resolve().name,
        family="stable_diffusion",
        path=folder.resolve(),
        abilities=Abilities(
            native_size=Size(side, side),
            multiple=multiple,
            default_guidance=7.0 if side >= 256 else 4.0,
            max_tokens=tokens,
            inpaint_channels=inpaints,
        ),
    )


def _is_part(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and value[0] is not None


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotLoad(
            f"{path} is missing or damaged.", "Put the model's files there again."
        ) from error
    if not isinstance(data, dict):
        raise CannotLoad(f"{path} is damaged.", "Put the model's files there again.")
    return data
