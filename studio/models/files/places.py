"""Where other programs keep their models, so that a person's files are used where they lie."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

COMFY = ("models",)
A1111 = ("models", "embeddings")
INVOKE = ("models",)
EXTRA = "extra_model_paths.yaml"
USUAL = (
    "ComfyUI",
    "Documents/ComfyUI",
    "comfy/ComfyUI",
    "ComfyUI_windows_portable/ComfyUI",
    "stable-diffusion-webui",
    "stable-diffusion-webui-forge",
    "stable-diffusion-webui-reForge",
    "webui_forge/webui",
    "invokeai",
    "StabilityMatrix/Data",
    ".local/share/StabilityMatrix",
    "Documents/models",
)
"""Folders in a person's home in which these programs are put by their own instructions."""


@dataclass(frozen=True)
class Place:
    """A folder of models, and the program that it belongs to ("" for none that is known)."""

    path: Path
    program: str = ""


def program_of(folder: Path) -> str:
    """The program that keeps its models in `folder`; "" if it is none that is known."""

    def has(*names: str) -> bool:
        with suppress(OSError):
            return any((folder / name).is_dir() for name in names)
        return False

    if has("models/checkpoints", "checkpoints") or _is_file(folder / "folder_paths.py"):
        return "ComfyUI"
    if has("models/Stable-diffusion", "Stable-diffusion"):
        return "A1111"
    if _is_file(folder / "invokeai.yaml") or has("models/sd-1", "models/.download_cache"):
        return "InvokeAI"
    if has("Models/StableDiffusion", "StableDiffusion"):
        return "Stability Matrix"
    return ""


def roots(folder: Path) -> Sequence[Path]:
    """The folders to look through for what is in `folder`: a program's models, without the rest
    of the program, and those that its settings name elsewhere."""
    program = program_of(folder)
    parts = {"ComfyUI": COMFY, "A1111": A1111, "InvokeAI": INVOKE, "Stability Matrix": ("Models",)}
    inside = [folder / name for name in parts.get(program, ()) if _is_dir(folder / name)]
    found = inside or [folder]
    if program == "ComfyUI":
        found += _extra(folder / EXTRA)
    return tuple(dict.fromkeys(found))


def usual(home: Path) -> Sequence[Place]:
    """The programs' folders that there are on this machine, to be offered to the person."""
    places = (Place(home / name, program_of(home / name)) for name in USUAL)
    return tuple(place for place in places if place.program)


def _extra(file: Path) -> Iterator[Path]:
    """The folders that ComfyUI's settings name, as its own `load_extra_path_config` reads them."""
    try:
        data: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return
    for section in data.values() if isinstance(data, dict) else ():
        if not isinstance(section, dict):
            continue
        base = Path(str(section.get("base_path") or file.parent)).expanduser()
        base = base if base.is_absolute() else file.parent / base
        for key, value in section.items():
            if key in ("base_path", "is_default") or not isinstance(value, str):
                continue
            for line in filter(None, (line.strip() for line in value.splitlines())):
                path = base / line
                if _is_dir(path):
                    yield path


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
