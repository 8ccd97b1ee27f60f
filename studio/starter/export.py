"""The finished model as an ordinary Stable Diffusion folder, in float16."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import diffusers

from studio.starter.sampling import Networks

_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def _twin(part: Any) -> Any:
    """A copy without what training hung onto the module: hooks, attention processors."""
    kind = type(part)
    twin = kind.from_config(part.config) if hasattr(kind, "from_config") else kind(part.config)
    weights = {k: v.detach().contiguous() for k, v in part.state_dict().items()}
    twin.load_state_dict(weights)
    return twin


def _forget_origin(config: Path) -> None:
    """Leave out the folder of this machine that the part was once read from."""
    known = json.loads(config.read_text(encoding="utf-8"))
    known.pop("_name_or_path", None)
    config.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def export(folder: Path, networks: Networks) -> None:
    """Write the folder that diffusers' pipelines load; no file in it is above 14 MB.

    The parts that are there already are replaced, other files of the folder stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"unet": networks.unet, "vae": networks.vae, "text_encoder": networks.encoder}
    for name in (*parts, "tokenizer", "scheduler"):
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    for name, part in parts.items():
        half = _twin(part).half()
        half.save_pretrained(folder / name, max_shard_size="14MB", safe_serialization=True)
        _forget_origin(folder / name / "config.json")
    networks.tokenizer.save_pretrained(folder / "tokenizer")
    networks.scheduler.save_pretrained(folder / "scheduler")
    for file in folder.rglob("*.safetensors"):
        file.chmod(0o644)  # written for the owner alone, but meant to be installed for everyone
    index = {**_INDEX, "_diffusers_version": diffusers.__version__}
    text = json.dumps(dict(sorted(index.items())), indent=2) + "\n"
    (folder / "model_index.json").write_text(text, encoding="utf-8")
