"""A file's pieces, each at the layers of the loaded model that it is for. All of them, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn

from studio.core.errors import BadInput
from studio.models.adapters.deltas import Delta, Rows, shape_of
from studio.models.adapters.names import Names
from studio.models.adapters.reading import AdapterFile, Piece
from studio.models.files.additions import TITLES, addition_of


@dataclass(frozen=True)
class Target:
    """One layer's share of a piece."""

    delta: Delta
    magnitude: Tensor | None = None


Fitted = Mapping[str, Mapping[str, Target]]
"""By part and by the layer's path in it."""


def fit(file: AdapterFile, names: Names, model: str) -> Fitted:
    """Where each piece of the file belongs. `model` is the model's title, for the person.

    Raises BadInput, with one sentence, if the file is not for this model: whole or not at all.
    """
    found: dict[str, dict[str, Target]] = defaultdict(dict)
    lost, wrong = [], []
    for piece in file.pieces:
        part, paths, swapped = names.find(piece.layer)
        if not paths:
            lost.append(piece.layer)
            continue
        layers = [names.networks[part].get_submodule(path) for path in paths]
        shares = _shares(piece, layers, swapped)
        if shares is None:
            wrong.append(piece.layer)
            continue
        found[part] |= zip(paths, shares, strict=True)
    total = len(file.pieces)
    if len(lost) == total:
        raise BadInput(f"The LoRA {file.name} changes nothing in {model}.", _hint(file))
    if wrong:
        raise BadInput(
            f"The LoRA {file.name} does not fit {model}: {_many(len(wrong), total)} of its parts "
            "have the wrong shape.",
            _hint(file),
        )
    if lost:
        raise BadInput(
            f"The LoRA {file.name} fits {model} only in part: {_many(len(lost), total)} of its "
            f"parts are for layers that {model} does not have, such as {lost[0]}.",
            _hint(file),
        )
    return found


def made_for(file: AdapterFile) -> str:
    """The title of the family that a file is for; "" if that does not follow from its tensors."""
    shapes: dict[str, tuple[int, ...]] = {}
    for piece in file.pieces:
        for role, tensor in piece.delta.tensors.items():
            ending = {"down": "lora_down.weight", "up": "lora_up.weight"}.get(role, role)
            shapes[f"{piece.layer}.{ending}"] = tuple(tensor.shape)
    found = addition_of(shapes)
    return TITLES.get(found[1], "") if found else ""


def _hint(file: AdapterFile) -> str:
    title = made_for(file)
    return f"It was made for {title}: choose such a model." if title else "Take it off."


def _many(count: int, total: int) -> str:
    return "all" if count == total else f"{count} of {total}"


def _shares(piece: Piece, layers: list[nn.Module], swapped: bool) -> list[Target] | None:
    """Each layer's share of the piece; None if it does not fit them."""
    delta, magnitude = piece.delta, piece.magnitude
    tensors = delta.tensors
    if "w_norm" in tensors:
        shape = getattr(layers[0], "weight", None)
        fits = len(layers) == 1 and shape is not None and shape.shape == tensors["w_norm"].shape
        return (
            [Target(delta)] if fits and isinstance(layers[0], nn.LayerNorm | nn.GroupNorm) else None
        )
    if any(not isinstance(layer, nn.Linear | nn.Conv2d) for layer in layers):
        return None
    rows = [_rows(layer) for layer in layers]
    columns = _columns(layers[0])
    bias = tensors.get("bias")
    if bias is not None and bias.shape != (sum(rows),):
        return None
    if set(tensors) != {"bias"} and shape_of(tensors) != (sum(rows), columns):
        return None
    if magnitude is not None and not _weighs(magnitude, sum(rows), layers[0]):
        return None
    if len(layers) == 1:
        half = rows[0] // 2
        order: Rows = (slice(half, None), slice(0, half)) if swapped else ()
        return [Target(replace(_shaped(delta, layers[0]), rows=order), magnitude)]
    for_inputs = magnitude is not None and magnitude.ndim > 1 and magnitude.shape[0] == 1
    return [
        Target(
            replace(delta, rows=part),
            magnitude if magnitude is None or for_inputs else magnitude[part[0]],
        )
        for part in _spans(rows)
    ]


def _weighs(magnitude: Tensor, rows: int, layer: Any) -> bool:
    """Whether it is one number for each output, or for each input."""
    if magnitude.ndim == 0:
        return False
    wide = magnitude.flatten(1) if magnitude.ndim > 1 else magnitude[:, None]
    return tuple(wide.shape) in ((rows, 1), (1, layer.weight.shape[1]))


def _spans(rows: list[int]) -> list[Rows]:
    ends = [sum(rows[: number + 1]) for number in range(len(rows))]
    return [(slice(end - count, end),) for end, count in zip(ends, rows, strict=True)]


def _rows(layer: Any) -> int:
    return int(layer.weight.shape[0])


def _columns(layer: Any) -> int:
    return int(layer.weight[0].numel())


def _shaped(delta: Delta, layer: Any) -> Delta:
    """With factors in the shape of a convolution's kernels where the layer is one."""
    t = dict(delta.tensors)
    if isinstance(layer, nn.Conv2d) and "down" in t and "mid" not in t:
        t["down"] = t["down"].reshape(t["down"].shape[0], *layer.weight.shape[1:])
    if isinstance(layer, nn.Conv2d) and "up" in t:
        t["up"] = t["up"].flatten(1)[:, :, None, None]
    return replace(delta, tensors=t)
