"""models and doctor."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shutil
from pathlib import Path

from studio import __version__
from studio.cli import files, hub
from studio.cli.console import Console
from studio.core.errors import StudioError
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue

LIBRARIES = ("torch", "diffusers", "transformers", "numpy", "Pillow", "PySide6_Essentials")


def models(args: argparse.Namespace) -> int:
    """List the models, or add, browse, download or remove some."""
    catalogue, console = Catalogue(Folders.default()), Console(args.json)
    match args.action:
        case "add":
            files.add(args, catalogue, console)
        case "inspect":
            files.inspect(args, catalogue, console)
        case "convert":
            files.convert(args, catalogue, console)
        case "get":
            brought = hub.get(args, catalogue, console)
            path = str(brought.path)
            data = (
                files.model_data(brought.info)
                if brought.info
                else {"name": brought.name, "path": path}
            )
            text = f"Added {brought.name}: {path} {brought.advice}".strip()
            console.result({"added": data}, text)
        case "browse":
            hub.browse(args, console)
        case "fetch-tokenizer":
            hub.fetch(args, console)
        case "remove":
            files.remove(args, catalogue, console)
        case _:
            files.listed(args, catalogue, console)
    return 0


def doctor(args: argparse.Namespace) -> int:
    """What this installation is, can use, and lacks; 1 if something needed is missing."""
    from studio.engine.device import choose_device, device_name, free_memory
    from studio.engine.memory.forecast import forecast
    from studio.engine.memory.room import Room

    folders = Folders.default()
    problems, room = [], None
    try:
        device = choose_device(args.device)
        device_text, memory = f"{device} ({device_name(device)})", free_memory(device)
        room = Room(device)
    except StudioError as error:
        device_text, memory = "none", None
        problems.append(str(error))
    found = Catalogue(folders).models()
    if not any(model.path for model in found):
        problems.append("The starter model is missing: put resources/starter-model back.")
    plans = {model.name: forecast(model, room) for model in found} if room else {}
    places = {"pictures": folders.pictures, "data": folders.data}
    for name, path in places.items():
        problem = _unwritable(path)
        if problem:
            problems.append(f"The {name} folder {path} {problem}.")
    versions = {"studio": __version__, "python": platform.python_version()}
    versions |= {name: _version(name) for name in LIBRARIES}
    data = {
        "device": device_text,
        "free_memory": memory,
        "versions": versions,
        "folders": {name: str(path) for name, path in places.items()},
        "free_disk": {name: _free_disk(path) for name, path in places.items()},
        "models": [
            files.model_data(model) | {"memory": plans.get(model.name, "")} for model in found
        ],
        "problems": problems,
    }
    lines = [
        f"Device    {device_text}",
        f"Memory    {_gib(memory)} free",
        "Versions  " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        *(
            f"{name.title():<9} {path} ({_gib(_free_disk(path))} free)"
            for name, path in places.items()
        ),
        *(f"Model     {files.model_row(model)}" for model in found),
        *(f"Plan      {name:<16} {says}" for name, says in plans.items() if says),
        *(f"Problem   {problem}" for problem in problems),
        "" if problems else "Everything needed is there.",
    ]
    Console(args.json).result(data, "\n".join(line for line in lines if line))
    return 1 if problems else 0


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _existing(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _unwritable(path: Path) -> str:
    folder = _existing(path)
    return "" if folder.is_dir() and os.access(folder, os.W_OK) else "cannot be written"


def _free_disk(path: Path) -> int:
    return shutil.disk_usage(_existing(path)).free


def _gib(count: int | None) -> str:
    return "unknown" if count is None else f"{count / 2**30:.1f} GiB"
