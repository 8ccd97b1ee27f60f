"""Repositories that are one file: told what it is before it comes, and put where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.downloads import Listing
from studio.core.errors import CannotLoad
from studio.library.folders import Folders
from studio.models.catalogue import Catalogue
from studio.models.hub.address import parse
from studio.models.hub.bring import bring, usable
from studio.models.hub.halt import Halt
from studio.models.hub.repo import look
from studio.models.hub.shelf import Shelf
from tests.models.files.fixtures import kohya, sd1, write
from tests.models.hub.conftest import content
from tests.models.hub.server import Hub

Serve = Callable[..., Hub]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(Folders(tmp_path / "pictures", tmp_path / "data"))


def looked(text: str = "acme/tiny") -> Listing:
    return look(parse(text), "half", usable, Halt())


def get(catalogue: Catalogue, listing: Listing) -> tuple[str, Path, bool]:
    brought = bring(listing, catalogue, Halt(), lambda done, waiting: None)
    return brought.name, brought.path, brought.info is not None


def test_a_lora_goes_where_loras_are_found(
    serve: Serve, tmp_path: Path, catalogue: Catalogue
) -> None:
    data = write(tmp_path / "ink.safetensors", kohya()).read_bytes()
    hub = serve({"ink.safetensors": data, "README.md": b"# Ink"})
    listing = looked()
    assert "LoRA" in listing.about
    assert not listing.problem
    place = tmp_path / "data/loras/ink.safetensors"
    assert get(catalogue, listing) == ("ink", place, False)
    assert place.read_bytes() == data
    assert not [path for path in catalogue.downloads.iterdir() if not path.name.startswith(".")]
    hub.files["ink.safetensors"] = write(tmp_path / "b.safetensors", kohya(rank=4)).read_bytes()
    assert get(catalogue, looked()) == ("ink-2", place.with_name("ink-2.safetensors"), False)
    assert place.read_bytes() == data


def test_a_checkpoint_is_a_model_by_itself(
    serve: Serve, tmp_path: Path, catalogue: Catalogue
) -> None:
    data = write(tmp_path / "forest.safetensors", sd1()).read_bytes()
    hub = serve({"sub/forest.safetensors": data, "forest.ckpt": b"not wanted"})
    listing = looked()
    assert "Stable Diffusion" in listing.about
    # What it is was told by its first bytes.
    assert hub.sent < 0.2 * len(data) + (8 << 20)
    assert not listing.problem
    name, path, is_model = get(catalogue, listing)
    assert is_model
    assert path == tmp_path / "data/models/acme--tiny/forest.safetensors"
    assert catalogue.find(name).path == path


def test_what_cannot_be_used_is_told_before_it_comes(serve: Serve, tmp_path: Path) -> None:
    shapes = {"some.weight": (64, 64), "other.weight": (64,)}
    hub = serve({"a.safetensors": write(tmp_path / "a.safetensors", shapes).read_bytes()})
    assert looked().problem == "Its tensors fit no kind of model that is known."
    hub.files["a.safetensors"] = content(5000)
    assert "header" in looked().problem


def test_a_file_that_is_not_what_its_name_says_is_not_shown(
    serve: Serve, tmp_path: Path, catalogue: Catalogue
) -> None:
    serve({"a.safetensors": content(5000)})
    with pytest.raises(CannotLoad, match="header"):
        get(catalogue, looked())
    assert not Shelf(catalogue.downloads).final("acme--tiny").exists()
    assert not (tmp_path / "data/models.json").exists()
