"""From the name of a repository to a model in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from studio.core.downloads import Listing
from studio.core.model_info import ModelInfo
from studio.models.catalogue import Catalogue, describe
from studio.models.hub.choosing import INDEX
from studio.models.hub.download import Tell, download
from studio.models.hub.halt import Halt
from studio.models.hub.shelf import Shelf
from studio.models.kinds import KINDS


def usable(parts: Mapping[str, str]) -> str:
    """Why a model of these parts cannot be used here; "" if it can. Asked before a byte of it is
    downloaded."""
    if any(kind.fits(parts) for kind in KINDS):
        return ""
    networks = [name for part, name in parts.items() if part in ("unet", "transformer", "prior")]
    what = f" ({', '.join(networks)})" if networks else ""
    return f"It is of a kind that cannot be used here{what}."


def bring(listing: Listing, catalogue: Catalogue, halt: Halt, tell: Tell) -> ModelInfo:
    """Download it and add it to the catalogue. Raises Cancelled, CannotLoad, CannotWrite."""
    shelf = Shelf(catalogue.downloads)
    folder = download(listing, shelf, halt, tell, lambda part: describe(model_in(part)))
    info = catalogue.add(model_in(folder))
    shelf.known(listing.id)
    return info


def adopt(catalogue: Catalogue) -> list[ModelInfo]:
    """Add what was whole when a kill kept it from being added."""
    shelf = Shelf(catalogue.downloads)
    found = []
    for listing in shelf.unknown():
        found.append(catalogue.add(model_in(shelf.final(listing.id))))
        shelf.known(listing.id)
    return found


def model_in(folder: Path) -> Path:
    """What the catalogue is to know: the folder, or the one checkpoint that is all it holds."""
    files = list(folder.glob("*.safetensors"))
    return files[0] if len(files) == 1 and not (folder / INDEX).exists() else folder
