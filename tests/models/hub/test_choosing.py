"""What a person writes, and which files that becomes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from studio.core.downloads import Precision, RemoteFile
from studio.core.errors import BadInput, CannotLoad
from studio.models.hub.address import Address, parse
from studio.models.hub.bring import usable
from studio.models.hub.choosing import choose_checkpoint, choose_parts
from studio.models.hub.curated import curated, matching
from studio.models.hub.halt import Halt
from studio.models.hub.repo import look
from tests.models.hub.conftest import INDEX, model
from tests.models.hub.server import COMMIT, Hub


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" acme/tiny ", Address("acme/tiny")),
        ("https://huggingface.co/acme/tiny", Address("acme/tiny")),
        ("https://huggingface.co/acme/tiny/tree/v2", Address("acme/tiny", "v2")),
        (
            "https://huggingface.co/acme/tiny/blob/main/sub/a.safetensors?download=1",
            Address("acme/tiny", "main", "sub/a.safetensors"),
        ),
        ("https://huggingface.co/a/b/tree/refs%2Fpr%2F1", Address("a/b", "refs/pr/1")),
        ("acme/tiny/a.safetensors", Address("acme/tiny", "", "a.safetensors")),
    ],
)
def test_what_is_written_or_pasted(text: str, address: Address) -> None:
    assert parse(text) == address


@pytest.mark.parametrize("text", ["", "tiny", "../..", "a/../b", "acme/tiny/a.ckpt", "a b/c", "/"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse(text)


def files(*paths: str) -> list[RemoteFile]:
    return [RemoteFile(path, path, 10) for path in paths]


SD = files(
    "model_index.json",
    "LICENSE.md",
    "v1-5.safetensors",
    "v1-5.ckpt",
    "unet/config.json",
    "unet/diffusion_pytorch_model.bin",
    "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.fp16.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors",
    "unet/model.onnx",
    "safety_checker/model.safetensors",
    "text_encoder/config.json",
    "text_encoder/model.safetensors",
    "text_encoder/pytorch_model.bin",
    "text_encoder/flax_model.msgpack",
)


@pytest.mark.parametrize(
    ("precision", "unet"),
    [
        ("half", "unet/diffusion_pytorch_model.fp16.safetensors"),
        ("full", "unet/diffusion_pytorch_model.safetensors"),
    ],
)
def test_each_weight_comes_once_under_the_plain_name(precision: Precision, unet: str) -> None:
    chosen = choose_parts(SD, ("unet", "text_encoder", "safety_checker"), precision)
    assert {file.path: file.name for file in chosen} == {
        "model_index.json": "model_index.json",
        "LICENSE.md": "LICENSE.md",
        "unet/config.json": "unet/config.json",
        unet: "unet/diffusion_pytorch_model.safetensors",
        "text_encoder/config.json": "text_encoder/config.json",
        "text_encoder/model.safetensors": "text_encoder/model.safetensors",
    }


def test_weights_in_several_files_come_with_what_says_where_each_is() -> None:
    there = files(
        "t/config.json",
        "t/model-00001-of-00002.safetensors",
        "t/model-00002-of-00002.safetensors",
        "t/model.safetensors.index.json",
        "t/model.fp16-00001-of-00002.safetensors",
        "t/model.fp16-00002-of-00002.safetensors",
        "t/model.safetensors.index.fp16.json",
    )
    chosen = {file.path: file.name for file in choose_parts(there, ("t",), "half")}
    assert chosen == {
        "t/config.json": "t/config.json",
        "t/model.fp16-00001-of-00002.safetensors": "t/model.fp16-00001-of-00002.safetensors",
        "t/model.fp16-00002-of-00002.safetensors": "t/model.fp16-00002-of-00002.safetensors",
        "t/model.safetensors.index.fp16.json": "t/model.safetensors.index.json",
    }
    full = {file.path for file in choose_parts(there, ("t",), "full")}
    assert full == {
        "t/config.json",
        "t/model-00001-of-00002.safetensors",
        "t/model-00002-of-00002.safetensors",
        "t/model.safetensors.index.json",
    }


def test_a_set_that_lacks_a_file_is_not_chosen() -> None:
    there = files("t/model.fp16-00001-of-00002.safetensors", "t/model.safetensors")
    assert [file.path for file in choose_parts(there, ("t",), "half")] == ["t/model.safetensors"]


def test_pickles_are_refused() -> None:
    with pytest.raises(CannotLoad, match="can run code"):
        choose_parts(files("unet/diffusion_pytorch_model.bin"), ("unet",), "half")
    with pytest.raises(CannotLoad, match="can run code"):
        choose_checkpoint(files("model.ckpt"), "")


def test_one_checkpoint_is_the_model_and_of_several_one_is_named() -> None:
    (only,) = choose_checkpoint(files("sub/a.safetensors", "a.ckpt"), "")
    assert (only.path, only.name) == ("sub/a.safetensors", "a.safetensors")
    with pytest.raises(CannotLoad, match="2 files of weights") as caught:
        choose_checkpoint(files("a.safetensors", "b.safetensors"), "")
    assert "b.safetensors" in caught.value.hint
    (named,) = choose_checkpoint(files("a.safetensors", "b.safetensors"), "b.safetensors")
    assert named.path == "b.safetensors"


def test_what_the_hub_says_becomes_a_listing(serve: Callable[..., Hub]) -> None:
    hub = serve()
    hub.info = {"gated": "auto", "cardData": {"license": "openrail++"}, "tags": ["license:x"]}
    listing = look(parse("acme/tiny"), "full", usable, Halt())
    assert (listing.commit, listing.licence, listing.gated) == (COMMIT, "openrail++", True)
    assert listing.page == f"{hub.url}/acme/tiny"
    assert not listing.problem
    assert listing.weights["unet"] == len(hub.files["unet/diffusion_pytorch_model.safetensors"])


def test_a_revision_that_is_not_there(serve: Callable[..., Hub]) -> None:
    serve()
    with pytest.raises(CannotLoad, match="no such revision"):
        look(parse("acme/tiny", "missing"), "full", usable, Halt())


def test_a_kind_that_cannot_be_used_is_told_before_it_is_downloaded(
    serve: Callable[..., Hub],
) -> None:
    index = {**INDEX, "unet": ["diffusers", "UNetSpatioTemporalConditionModel"]}
    serve(model() | {"model_index.json": json.dumps(index).encode()})
    listing = look(parse("acme/tiny"), "full", usable, Halt())
    assert "UNetSpatioTemporalConditionModel" in listing.problem


def test_names_that_lead_out_of_the_folder_are_left_out(serve: Callable[..., Hub]) -> None:
    evil = {
        "unet/../../../x.json": b"{}",
        "/etc/x.json": b"",
        "unet/a\\b.json": b"",
        "unet/c:.json": b"",
    }
    serve(model() | evil)
    listing = look(parse("acme/tiny"), "full", usable, Halt())
    assert not {file.path for file in listing.files} & set(evil)


def test_a_model_of_the_list_comes_in_the_revision_that_is_safe(
    serve: Callable[..., Hub],
) -> None:
    hub = serve()
    hub.repo = "facebook/DiT-XL-2-256"
    look(parse("facebook/DiT-XL-2-256"), "full", usable, Halt())
    assert hub.paths()[0] == "/api/models/facebook/DiT-XL-2-256/revision/refs%2Fpr%2F1"
    look(parse("facebook/DiT-XL-2-256", "main"), "full", usable, Halt())
    assert hub.paths()[-2] == "/api/models/facebook/DiT-XL-2-256/revision/main"


def test_the_list_is_short_and_found_by_words() -> None:
    assert 10 <= len(curated()) <= 16
    assert all(parse(model.repo).repo == model.repo for model in curated())
    assert [model.title for model in matching(curated(), "flux FILL")] == ["FLUX.1 Fill dev"]
    assert matching(curated(), "no such thing") == []
