"""models list, add, inspect and convert: the person's own files."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.cli.console import Console
from studio.core.amounts import amount
from studio.core.errors import BadInput
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import ModelInfo
from studio.models.catalogue import Catalogue
from studio.models.files.hashing import whole_hash
from studio.models.files.identify import identify
from studio.models.source import INDEX

AddParser = Callable[..., argparse.ArgumentParser]


def add_actions(add: AddParser, json_too: Callable[[argparse.ArgumentParser], None]) -> None:
    """The words of the command line."""
    listing = add("list", help="the models there are (the default)")
    listing.add_argument(
        "--files", action="store_true", help="LoRAs, VAEs and all other files as well"
    )
    json_too(listing)
    for name, subject, text in (
        ("add", "PATH", "use a model, or a folder of models, where it is"),
        ("remove", "NAME", "forget a model or a folder; its files stay"),
        ("inspect", "FILE", "say what a model file is, from its tensors, and its hash"),
    ):
        action = add(name, help=text)
        action.add_argument("subject", metavar=subject)
        json_too(action)
    convert = add("convert", help="write a .ckpt or .pt again as safetensors")
    convert.add_argument("subject", metavar="FILE")
    convert.add_argument("--out", type=Path, metavar="FILE.safetensors")
    json_too(convert)


def listed(args: argparse.Namespace, catalogue: Catalogue, console: Console) -> None:
    """The models, looked for anew; with --files everything."""
    catalogue.shelf.look()
    found = catalogue.models()
    data: dict[str, Any] = {"models": [model_data(model) for model in found]}
    rows = [model_row(model) for model in found]
    if getattr(args, "files", False):
        files = catalogue.files()
        data["files"] = [file_data(file) for file in files]
        data["folders"] = [str(folder) for folder in catalogue.shelf.folders]
        usable = {model.path for model in found}
        rows += ["", *(file_row(file) for file in files if file.path not in usable)]
    console.result(data, "\n".join(rows))


def add(args: argparse.Namespace, catalogue: Catalogue, console: Console) -> None:
    """A model, or a folder of them. Raises BadInput, CannotLoad, CannotWrite."""
    path = Path(args.subject).expanduser()
    if not path.is_dir() or (path / INDEX).is_file():
        info = catalogue.add(path)
        console.result({"added": model_data(info)}, f"Added {info.name}: {info.path}")
        return
    before = {file.path for file in catalogue.shelf.files}
    catalogue.shelf.add_folder(path)
    catalogue.shelf.look()
    found = [file for file in catalogue.files() if file.path not in before]
    if all(file.role in (Role.UNKNOWN, Role.DAMAGED, Role.OTHER) for file in found):
        catalogue.shelf.remove_folder(path.resolve())
        raise BadInput(
            f"{path} has no {INDEX}, and no model files in it.",
            "Choose a folder in diffusers' format, or one of single files.",
        )
    usable = {model.path for model in catalogue.models()}
    count = sum(file.path in usable for file in found)
    text = f"Added {path}: {len(found)} files, {count} of them models that can be used."
    data = {"added": str(path.resolve()), "files": [file_data(file) for file in found]}
    console.result(data, text)


def remove(args: argparse.Namespace, catalogue: Catalogue, console: Console) -> None:
    """A model by its name, or a folder by its path. Raises BadInput, CannotWrite."""
    folder = Path(args.subject).expanduser()
    if folder.exists() and folder.resolve() in catalogue.shelf.folders:
        catalogue.shelf.remove_folder(folder.resolve())
    else:
        catalogue.remove(args.subject)
    text = f"Removed {args.subject}; its files are where they were."
    console.result({"removed": args.subject}, text)


def inspect(args: argparse.Namespace, catalogue: Catalogue, console: Console) -> None:
    """What one file is. Raises CannotLoad."""
    path = Path(args.subject).expanduser()
    if path.is_dir():
        raise BadInput(f"{path} is a folder.", "Give a file, or add the folder.")
    file = identify(path)
    data = file_data(file) | {"sha256": whole_hash(path)}
    facts = {
        "File": path.name,
        "Kind": " · ".join(part for part in (file.role.value, file.detail) if part),
        "Family": file.title,
        "Precision": file.precision,
        "Size": amount(file.bytes),
        "Parameters": f"{file.parameters:,}" if file.parameters else "",
        "Lacks": ", ".join(file.lacks),
        "Words": ", ".join(file.words),
        "SHA-256": str(data["sha256"]),
        "Problem": file.problem,
    }
    console.result(data, "\n".join(f"{key:<11}{value}" for key, value in facts.items() if value))


def convert(args: argparse.Namespace, catalogue: Catalogue, console: Console) -> None:
    """A pickled checkpoint as safetensors. Raises BadInput, CannotLoad, CannotWrite."""
    made = catalogue.convert(Path(args.subject).expanduser(), args.out)
    console.result({"converted": str(made)}, f"Written: {made}")


def model_row(model: ModelInfo) -> str:
    """One line of the list."""
    native, file = model.abilities.native_size, model.file
    parts = (file.title, file.precision, amount(file.bytes)) if file else ()
    about = f"  ({', '.join(part for part in parts if part)})" if parts else ""
    return f"{model.name:<16} {native!s:<10} {model.path or 'built in'}{about}"


def model_data(model: ModelInfo) -> dict[str, Any]:
    """A model as JSON."""
    native = model.abilities.native_size
    data: dict[str, Any] = {
        "name": model.name,
        "title": model.title,
        "family": model.family,
        "path": str(model.path) if model.path else None,
        "native_size": [native.width, native.height],
    }
    return data | ({"file": file_data(model.file)} if model.file else {})


def file_row(file: ModelFile) -> str:
    """One line for a file that is no model by itself, or cannot be used."""
    what = " ".join(part for part in (file.title, file.role.value) if part)
    return f"{what:<28} {amount(file.bytes):>9}  {file.path}" + (
        f"  [{file.problem}]" if file.problem else ""
    )


def file_data(file: ModelFile) -> dict[str, Any]:
    """A file as JSON."""
    return {
        "path": str(file.path),
        "kind": file.role.value,
        "family": file.layout,
        "title": file.title,
        "detail": file.detail,
        "bytes": file.bytes,
        "precision": file.precision,
        "parameters": file.parameters,
        "lacks": list(file.lacks),
        "words": list(file.words),
        "sha256": file.sha256,
        "preview": str(file.preview) if file.preview else None,
        "problem": file.problem,
    }
