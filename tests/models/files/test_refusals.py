"""Files that are not what they say: each refused in one sentence, at once, nothing executed."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.models.catalogue import describe
from studio.models.files.identify import identify
from studio.models.files.pickled import read_pickle
from tests.engine.conftest import Bench
from tests.engine.conftest import bench as bench
from tests.engine.conftest import previews_fitted_once as previews_fitted_once
from tests.models.files.fixtures import kohya, sd1, write
from tests.tiny import make_tiny

SECONDS = 5
"""All that a refusal may take: the limit of each test here."""


class Bomb:
    """Makes a folder when it is unpickled by anything that runs pickles."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (str(self.mark),))


def old_bomb(path: Path, mark: Path) -> None:
    """A bare pickle, as the oldest checkpoints are."""
    path.write_bytes(pickle.dumps({"state_dict": Bomb(mark)}))


def new_bomb(path: Path, mark: Path) -> None:
    """In torch's own archive, among true weights."""
    torch.save({"model.weight": torch.zeros(3), "state_dict": Bomb(mark)}, path)


def deflated(path: Path, mark: Path) -> None:
    """A small archive that unpacks to sixty-four megabytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))
        with archive.open("archive/data/0", "w") as member:
            for _ in range(64):
                member.write(bytes(2**20))


def endless(path: Path, mark: Path) -> None:
    """A pickle whose lists hold each other twice, sixty deep."""
    inner: list[object] = []
    for _ in range(60):
        inner = [inner, inner]
    torch.save({"state_dict": {"a": inner}}, path)


def lying_header(path: Path, mark: Path) -> None:
    header = {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\0" * 64)


def cut_off(path: Path, mark: Path) -> None:
    write(path, sd1())
    path.write_bytes(path.read_bytes()[:-1000])


def a_lora(path: Path, mark: Path) -> None:
    write(path, kohya())


def no_model(path: Path, mark: Path) -> None:
    path.write_text("<html>404</html>")


BAD: dict[str, tuple[str, Callable[[Path, Path], None], str]] = {
    "a pickle bomb": ("a.ckpt", old_bomb, "could run a program"),
    "a bomb among weights": ("a.pt", new_bomb, "could run a program"),
    "a zip bomb": ("a.ckpt", deflated, "unpack to much more"),
    "lists in lists": ("a.ckpt", endless, "holds no weights"),
    "a lying header": ("a.safetensors", lying_header, "bytes are missing"),
    "truncated weights": ("a.safetensors", cut_off, "1000 of its"),
    "a LoRA as a model": ("a.safetensors", a_lora, "no model by itself but a LoRA for Stable"),
    "a web page": ("a.ckpt", no_model, "cannot be read"),
    "a web page as safetensors": ("a.safetensors", no_model, "no whole safetensors file"),
}


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("name", BAD)
def test_it_is_refused_in_one_sentence_and_nothing_runs(name: str, tmp_path: Path) -> None:
    file, make, words = BAD[name]
    mark = tmp_path / "executed"
    make(tmp_path / file, mark)
    with pytest.raises(CannotLoad, match=words) as refused:
        describe(tmp_path / file)
    message = refused.value.message
    assert message.endswith(".")
    assert ". " not in message
    assert not mark.exists()
    # In a list it is shown with the reason, and looking at it runs nothing either.
    assert identify(tmp_path / file).problem or name == "a LoRA as a model"
    assert not mark.exists()


def test_the_bombs_are_true_ones(tmp_path: Path) -> None:
    old_bomb(tmp_path / "a.ckpt", tmp_path / "old")
    pickle.loads((tmp_path / "a.ckpt").read_bytes())
    new_bomb(tmp_path / "b.ckpt", tmp_path / "new")
    torch.load(tmp_path / "b.ckpt", weights_only=False)
    assert (tmp_path / "old").is_dir()
    assert (tmp_path / "new").is_dir()


@pytest.mark.timeout(SECONDS)
def test_a_folder_says_what_it_looks_like(tmp_path: Path) -> None:
    with pytest.raises(CannotLoad, match=r"has no model_index\.json"):
        describe(tmp_path)
    write(tmp_path / "a.safetensors", kohya())
    with pytest.raises(CannotLoad, match="looks like a folder of single files"):
        describe(tmp_path)


def test_a_true_checkpoint_that_is_a_pickle_is_read(tmp_path: Path) -> None:
    weights = {"state_dict": {"a.weight": torch.arange(6.0).reshape(2, 3)}, "global_step": 7}
    torch.save(weights, tmp_path / "a.ckpt")
    found = read_pickle(tmp_path / "a.ckpt")
    assert torch.equal(found["a.weight"], torch.arange(6.0).reshape(2, 3))
    assert read_pickle(tmp_path / "a.ckpt", "meta")["a.weight"].is_meta
    torch.save({"string_to_param": {"*": torch.zeros(2, 768)}}, tmp_path / "word.pt")
    assert identify(tmp_path / "word.pt").detail == "2 tokens"


def test_the_model_that_was_loaded_before_still_works(bench: Bench, tmp_path: Path) -> None:
    good = make_tiny(tmp_path / "good")
    name = bench.catalogue.add(good).name
    recipe = Recipe(prompt="a boat", model=name, size=Size(64, 64), steps=2, seed=5)
    first = bench.finish(Request(recipe)).results[0].picture.pixels
    mark = tmp_path / "executed"
    for bad, damage in {"bomb": new_bomb, "lie": lying_header, "cut": _cut_weights}.items():
        copy = tmp_path / bad
        shutil.copytree(good, copy)
        added = bench.catalogue.add(copy).name
        damage(copy / "unet" / "diffusion_pytorch_model.safetensors", mark)
        failed = bench.fail(
            Request(Recipe(prompt="a boat", model=added, size=Size(64, 64), steps=2))
        )
        assert added in failed.message
        assert failed.hint
        assert not mark.exists()
        again = bench.finish(Request(recipe)).results[0].picture.pixels
        assert (again == first).all()


def _cut_weights(path: Path, mark: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])
