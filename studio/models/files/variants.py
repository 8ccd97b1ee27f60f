"""What a network predicts and for which size it was made, where its tensors' shapes leave it open.

Stable Diffusion 2 was published predicting noise and predicting velocities, in the same shapes.
Whoever trains one says so in the file's metadata (modelspec), in a tensor that is named for it
(NoobAI's SDXL), or in a configuration beside the file; else ComfyUI's rule of thumb is used: the
velocity models' last attention has learnt larger biases.
"""

from __future__ import annotations

import re
from math import isqrt
from pathlib import Path

import numpy as np

from studio.models.files.header import Header

TELLING = "output_blocks.11.1.transformer_blocks.0.norm1.bias"
LARGE = 0.09
"""Standard deviation of that bias from which on it is a velocity model (ComfyUI, `SD20`)."""
TYPES = {"F16": "<f2", "F32": "<f4"}
SAYS_V = re.compile(r"""parameterization["']?\s*:\s*["']?v\b""")


def variant_of(path: Path, header: Header, layout: str, prefix: str) -> str:
    """See `ModelFile.variant`. Raises nothing: what cannot be read says nothing."""
    if layout == "pixart-sigma":
        tokens = header.shape(f"{prefix}pos_embed")
        return str(16 * isqrt(tokens[1])) if len(tokens) == 3 else ""
    if not layout.startswith(("sd1", "sd2", "sdxl")):
        return ""
    said = header.metadata.get("modelspec.prediction_type", "").lower()
    if "v_pred" in header.entries or said in ("v", "v_prediction") or _says_v(path):
        return "v-zero" if "ztsnr" in header.entries else "v"
    if said or layout != "sd2":
        return ""
    bias = _read(path, header, f"{prefix}{TELLING}")
    return "v" if bias is not None and float(bias.std()) > LARGE else ""


def _says_v(path: Path) -> bool:
    """Whether the configuration beside the file, as A1111 reads them, says so."""
    note = path.with_suffix(".yaml")
    try:
        return note.is_file() and bool(SAYS_V.search(note.read_text(encoding="utf-8")[:100_000]))
    except (OSError, ValueError):
        return False


def _read(path: Path, header: Header, name: str) -> np.ndarray | None:
    """One small tensor; None if it is not there or of a type that numpy lacks."""
    entry = header.entries.get(name)
    if entry is None or header.begin == 0 or entry.end - entry.start > 2**16:
        return None
    try:
        with path.open("rb") as file:
            file.seek(header.begin + entry.start)
            data = file.read(entry.end - entry.start)
    except OSError:
        return None
    if entry.kind == "BF16":
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(data, TYPES[entry.kind]) if entry.kind in TYPES else None
