"""A collection of models for the pictures of this app's pages: true headers, and holes for data.

Nothing here could draw, but for the LoRAs of the starter model, which are small random ones. The
names are made up; the previews are pictures of the starter's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diffusers import UNet2DConditionModel
from PySide6.QtGui import QImage

from studio.core.picture import Picture
from studio.core.resources import resource
from studio.ui.pixels import to_qimage
from tests.models.adapters.making import kohya, lora, save
from tests.models.files import fixtures

BILLION = 10**9
WHOLE = {
    "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
    "first_stage_model.decoder.mid.block_1.norm1.weight": (512,),
    "conditioner.embedders.1.model.transformer.resblocks.31.mlp.c_fc.weight": (5120, 1280),
}
"""What shows that a checkpoint brings its autoencoder and its second text encoder."""


def checkpoints(folder: Path, previews: Sequence[Picture]) -> None:
    """As ComfyUI keeps them, in `folder`/models."""
    inside = folder / "models" / "checkpoints"
    rows: tuple[tuple[str, dict[str, tuple[int, ...]], float, str], ...] = (
        ("sea-and-sky-xl", fixtures.sdxl() | WHOLE, 3.4, "F16"),
        ("sea-and-sky-xl-inpainting", fixtures.sdxl(9) | WHOLE, 3.4, "F16"),
        ("paper-cuts", fixtures.sd1(), 1.0, "F16"),
        ("old-photographs", fixtures.sd1(), 1.0, "F32"),
    )
    for number, (name, shapes, size, kind) in enumerate(rows):
        # One more tensor for all that the true file has besides those it is known by.
        whole = shapes | {f"{fixtures.UNET}out.2.weight": (int(size * BILLION),)}
        path = fixtures.write(inside / f"{name}.safetensors", whole, kind)
        _save(previews[number % len(previews)], path.with_suffix(".png"))
    fixtures.write(folder / "models" / "loras" / "linocut-xl.safetensors", fixtures.kohya(2048, 64))


def loras(folder: Path, previews: Sequence[Picture]) -> None:
    """Three that fit the starter model."""
    theirs: Any = UNet2DConditionModel
    unet = theirs.from_pretrained(resource("starter-model") / "unet")
    folder.mkdir(parents=True, exist_ok=True)
    words = (("linocut", ("linocut", "two colours")), ("soft-evening", ("evening haze",)),
             ("tall-trees", ()))  # fmt: skip
    for number, (name, triggers) in enumerate(words):
        path = folder / f"{name}.safetensors"
        save(path, lora(unet, kohya("lora_unet"), strength=0.05, seed=number))
        _save(previews[number % len(previews)], path.with_suffix(".preview.png"))
        if triggers:
            path.with_suffix(".json").write_text(json.dumps({"trainedWords": triggers}))


def _save(picture: Picture, path: Path) -> None:
    image: QImage = to_qimage(picture)
    image.save(str(path))
