"""What lies beside a model file and is about it: a preview picture, its maker's name for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.core.model_file import ModelFile

PICTURES = tuple(
    f"{middle}{end}" for end in (".png", ".jpg", ".jpeg", ".webp") for middle in (".preview", "")
)
"""Endings of a preview, the first that is there: as A1111, ComfyUI's managers and InvokeAI do."""
NOTES = (".civitai.info", ".cm-info.json", ".metadata.json", ".json")
LONGEST = 4 * 2**20
"""Bytes of a note: one that is longer is something else."""


def with_what_is_beside(file: ModelFile, names: Collection[str]) -> ModelFile:
    """The file with its preview, title and trigger words; `names` are those in its folder."""
    stem, folder = file.path.stem, file.path.parent
    preview = next((folder / (stem + end) for end in PICTURES if stem + end in names), None)
    caption, words = "", file.words
    for end in NOTES:
        if stem + end in names:
            note = _read(folder / (stem + end))
            caption = caption or _caption(note)
            words = words or _words(note)
    return replace(file, preview=preview, caption=caption, words=words)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > LONGEST:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _caption(note: Mapping[str, Any]) -> str:
    """The model's name with its version's."""
    model = note.get("model")
    title = model.get("name") if isinstance(model, dict) else note.get("ModelName")
    version = note.get("VersionName") if "ModelName" in note else note.get("name")
    if not isinstance(title, str):
        return ""
    return _line(f"{title} {version}" if isinstance(version, str) else title)


def _words(note: Mapping[str, Any]) -> tuple[str, ...]:
    for key in ("trainedWords", "TrainedWords", "trigger_words"):
        words = note.get(key)
        if isinstance(words, list):
            return tuple(_line(word) for word in words if isinstance(word, str) and word.strip())
    text = note.get("activation text")
    if isinstance(text, str) and text.strip():
        return (_line(text),)
    return ()


def _line(text: str) -> str:
    return " ".join(text.split())[:200]
