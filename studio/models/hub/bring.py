"""From the name of a repository to a model in the catalogue, or to a file that models use."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from studio.core.downloads import Listing
from studio.core.errors import CannotLoad
from studio.core.model_file import Role
from studio.core.model_info import ModelInfo
from studio.library import atomic
from studio.models.adapters.finding import FOLDERS
from studio.models.catalogue import Catalogue, describe
from studio.models.files.identify import identify
from studio.models.hub.choosing import INDEX
from studio.models.hub.download import Tell, download
from studio.models.hub.halt import Halt
from studio.models.hub.shelf import Shelf
from studio.models.kinds import KINDS

ADVICE = {
    Role.LORA: "Choose it among the LoRAs.",
    Role.EMBEDDING: "Write its name into the prompt.",
    Role.VAE: "Choose it as the VAE.",
}


@dataclass(frozen=True)
class Brought:
    """`info` is the model; None for a LoRA, an embedding or a VAE, which `advice` says how to
    use."""

    name: str
    path: Path
    info: ModelInfo | None = None
    advice: str = ""


def usable(parts: Mapping[str, str]) -> str:
    """Why a model of these parts cannot be used here; "" if it can. Asked before a byte of it is
    downloaded."""
    if any(kind.fits(parts) for kind in KINDS):
        return ""
    networks = [name for part, name in parts.items() if part in ("unet", "transformer", "prior")]
    what = f" ({', '.join(networks)})" if networks else ""
    return f"It is of a kind that cannot be used here{what}."


def bring(listing: Listing, catalogue: Catalogue, halt: Halt, tell: Tell) -> Brought:
    """Download it and have it known. Raises Cancelled, CannotLoad, CannotWrite."""
    shelf = Shelf(catalogue.downloads)
    folder = download(listing, shelf, halt, tell, _check)
    brought = known(folder, catalogue)
    shelf.known(listing.id)
    return brought


def adopt(catalogue: Catalogue) -> list[Brought]:
    """What was whole when a kill kept it from being known."""
    shelf = Shelf(catalogue.downloads)
    found = []
    for listing in shelf.unknown():
        with suppress(CannotLoad):  # it has been moved, or damaged since
            found.append(known(shelf.final(listing.id), catalogue))
        shelf.known(listing.id)
    return found


def known(folder: Path, catalogue: Catalogue) -> Brought:
    """Put a download where it belongs: into the catalogue, or a file that models use into the
    folder of its kind. Raises CannotLoad, CannotWrite."""
    path = model_in(folder)
    role = Role.FOLDER if path == folder else identify(path).role
    if role not in ADVICE:
        info = catalogue.add(path)
        return Brought(info.name, path, info)
    place = atomic.make_folder(catalogue.downloads.parent / FOLDERS[role]) / path.name
    names = (place.with_name(f"{place.stem}-{number}{place.suffix}") for number in count(2))
    while place.exists():
        place = next(names)
    try:
        path.rename(place)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise atomic.cannot_write(place, error) from error
    return Brought(place.stem, place, advice=ADVICE[role])


def model_in(folder: Path) -> Path:
    """The folder, or the one file of weights that is all it holds."""
    files = list(folder.glob("*.safetensors"))
    return files[0] if len(files) == 1 and not (folder / INDEX).exists() else folder


def _check(part: Path) -> None:
    """Raises CannotLoad for what would be of no use, before it is shown."""
    path = model_in(part)
    if path == part:
        describe(part)
        return
    file = identify(path)
    if file.problem:
        raise CannotLoad(f"{path.name}: {file.problem}", "Choose another model.")
    if file.role not in ADVICE:
        describe(path)
