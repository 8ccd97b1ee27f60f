"""The parts that a file lacks, in files of their own near it.

Networks of newer families are published without text encoders and autoencoder; ComfyUI, Forge and
SwarmUI keep those in folders beside the networks', and they are found there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from studio.core.errors import CannotLoad
from studio.core.model_file import ModelFile, Role
from studio.models.files.header import read_header
from studio.models.files.identify import describe_tensors
from studio.models.files.scan import scan

BESIDE = ("text_encoders", "text_encoder", "clip", "CLIP", "vae", "VAE", "Clip", "t5")
NAMES = {
    "clip-l": "the text encoder CLIP-L (clip_l.safetensors)",
    "clip-h": "the text encoder OpenCLIP H",
    "clip-g": "the text encoder OpenCLIP bigG (clip_g.safetensors)",
    "t5-xxl": "the text encoder T5-XXL (t5xxl_fp16.safetensors)",
    "qwen3-4b": "the text encoder Qwen3 4B (qwen_3_4b.safetensors)",
    "vae-sd": "the VAE of Stable Diffusion 1 or 2",
    "vae-sdxl": "the VAE of SDXL (sdxl_vae.safetensors)",
    "vae-sd3": "the VAE of Stable Diffusion 3",
    "vae-flux": "the VAE of FLUX.1 (ae.safetensors)",
}
"""What a person has to look for, by the kind of part."""
HIGH = 3
"""Folders above the file in which the others may be."""


def companion(path: Path, kind: str) -> Path | None:
    """The file near the one at `path` that holds the part of this kind; None if there is none."""
    fitting = [file for file in _near(path) if _fits(file, kind)]
    # Several differ in precision only: the most precise one that there is.
    fitting.sort(key=lambda file: (file.bytes, str(file.path)))
    return fitting[-1].path if fitting else None


def _fits(file: ModelFile, kind: str) -> bool:
    if not kind.startswith("vae-"):
        return file.role is Role.TEXT_ENCODER and file.layout == kind
    older = kind in ("vae-sd", "vae-sdxl")
    if file.role is not Role.VAE or file.layout != ("sd" if older else "flux"):
        return False
    # The same tensors, learnt for other latents: nothing but the name tells which.
    name = file.path.stem.lower()
    if older:
        return ("xl" in name) == (kind == "vae-sdxl")
    return ("sd3" in name) == (kind == "vae-sd3")


def _near(path: Path) -> Sequence[ModelFile]:
    """Single parts beside the file, and in the folders for them beside its folder."""
    folders = [path.parent]
    for above in list(path.parents)[:HIGH]:
        folders += [above / name for name in BESIDE]
    there = [folder for folder in dict.fromkeys(folders) if folder.is_dir()]
    found = _parts(path.parent, tuple((folder, folder.stat().st_mtime_ns) for folder in there))
    return [file for file in found if file.path != path]


@lru_cache(maxsize=32)
def _parts(own: Path, folders: tuple[tuple[Path, int], ...]) -> Sequence[ModelFile]:
    """The parts in these folders, of `own` without what is below; remembered until one changes."""
    found: dict[Path, ModelFile] = {}
    for folder, _ in folders:
        for one in scan(folder):
            if one.folder or (folder == own and one.path.parent != own):
                continue
            file = _look(one.path, one.bytes, one.modified)
            if file is not None and file.role in (Role.TEXT_ENCODER, Role.VAE):
                found[one.path] = file
    return tuple(found.values())


@lru_cache(maxsize=512)
def _look(path: Path, bytes: int, modified: int) -> ModelFile | None:
    """What the file is; remembered for as long as it stays the same."""
    if path.suffix.lower() != ".safetensors":
        return None
    try:
        header = read_header(path)
    except CannotLoad:
        return None
    bare = ModelFile(path, Role.UNKNOWN, bytes=bytes, modified=modified)
    return describe_tensors(bare, header)
