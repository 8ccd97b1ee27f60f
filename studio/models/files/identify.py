"""What a file is, decided from its tensors: never from its name, and never by default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from studio.core.errors import CannotLoad
from studio.core.model_file import ModelFile, Role
from studio.models.files.additions import addition_of
from studio.models.files.header import BITS, Entry, Header, read_header
from studio.models.files.inside import lacking
from studio.models.files.layouts import layouts
from studio.models.files.networks import network_of
from studio.models.files.variants import variant_of

PRECISIONS = {
    "F64": "fp64",
    "F32": "fp32",
    "F16": "fp16",
    "BF16": "bf16",
    "F8_E4M3": "fp8",
    "F8_E5M2": "fp8",
    "I8": "int8",
    "U8": "int8",
    "F4": "fp4",
}
WHOLE = ("first_stage_model.", "vae.", "cond_stage_model.", "conditioner.", "text_encoders.")
"""What stands before the parts that a checkpoint has besides its network."""
PICKLED = (".ckpt", ".pt", ".pth", ".bin")
SUFFIXES = (".safetensors", ".sft", *PICKLED, ".gguf")
"""Endings of files that hold tensors."""


def identify(path: Path) -> ModelFile:
    """What the file at `path` is, from its header alone; damaged ones say so. Raises CannotLoad
    only if there is no file that could be looked into."""
    try:
        stat = path.stat()
    except (OSError, ValueError) as error:
        raise CannotLoad(f"{path} cannot be looked into.", "Check where it is.") from error
    bare = ModelFile(path, Role.UNKNOWN, bytes=stat.st_size, modified=stat.st_mtime_ns)
    suffix = path.suffix.lower()
    if suffix == ".gguf":
        problem = "GGUF files cannot be used; get the model as safetensors."
        return replace(bare, role=Role.OTHER, title="GGUF", problem=problem)
    if suffix in PICKLED:
        from studio.models.files.pickled import describe_pickle  # it loads torch

        return describe_pickle(bare)
    try:
        header = read_header(path)
    except CannotLoad as error:
        return replace(bare, role=Role.DAMAGED, problem=error.message)
    return describe_tensors(bare, header)


def describe_tensors(bare: ModelFile, header: Header) -> ModelFile:
    """`bare` with what follows from the names, shapes and types of its tensors."""
    entries = header.entries
    shapes = {name: entry.shape for name, entry in entries.items()}
    precision, count = _counted(entries)
    known = replace(bare, precision=precision, parameters=count)
    added = addition_of(shapes) if not _has_network(shapes) else None
    if added is not None:
        role, layout, title, detail = added
        words = tuple(filter(None, [header.metadata.get("modelspec.trigger_phrase", "")[:200]]))
        return replace(known, role=role, layout=layout, title=title, detail=detail, words=words)
    found = network_of(shapes)
    if found is None:
        return replace(known, problem="Its tensors fit no kind of model that is known.")
    row, prefix = found
    whole = any(name.startswith(WHOLE) for name in shapes)
    known = replace(
        known, role=Role.CHECKPOINT if whole else Role.NETWORK, layout=row.layout, title=row.title
    )
    if not row.layout:
        return replace(known, problem=f"{row.title} models cannot be used yet.")
    variant = variant_of(bare.path, header, row.layout, prefix)
    detail = "v-prediction" if variant.startswith("v") else ""
    lacks = lacking(layouts()[row.layout], shapes)
    return replace(known, variant=variant, detail=detail, lacks=lacks)


def _has_network(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether there is a network in it, so that an autoencoder in it is not all there is."""
    return "\nmodel.diffusion_model." in "\n" + "\n".join(shapes)


def _counted(entries: Mapping[str, Entry]) -> tuple[str, int]:
    """What most of the bytes are, and how many numbers there are."""
    sizes: dict[str, int] = {}
    for kind, _, start, end in entries.values():
        sizes[kind] = sizes.get(kind, 0) + end - start
    most = max(sizes, key=lambda kind: sizes[kind], default="")
    count = sum(size * 8 // BITS[kind] for kind, size in sizes.items())
    return PRECISIONS.get(most, most.lower()), count
