from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from studio.core.errors import CannotLoad
from studio.models.files.header import LONGEST, read_header


def lying(path: Path, header: Any, data: bytes = b"", length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    start = (len(text) if length is None else length).to_bytes(8, "little")
    path.write_bytes(start + text + data)
    return path


def one(shape: list[object], offsets: list[object], dtype: str = "F32") -> dict[str, object]:
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


def test_a_file_of_the_format_s_own_library_is_read(tmp_path: Path) -> None:
    tensors = {
        "weight": torch.zeros(3, 5, dtype=torch.bfloat16),
        "bias": torch.zeros(7),
        "one": torch.zeros((), dtype=torch.float16),
        "small": torch.zeros(2, 2).to(torch.float8_e4m3fn),
    }
    save_file(tensors, tmp_path / "a.safetensors", {"modelspec.title": "Waves"})
    header = read_header(tmp_path / "a.safetensors")
    assert {name: entry.shape for name, entry in header.entries.items()} == {
        name: tuple(tensor.shape) for name, tensor in tensors.items()
    }
    assert header.entries["weight"].kind == "BF16"
    assert header.entries["small"].kind == "F8_E4M3"
    assert header.metadata == {"modelspec.title": "Waves"}
    assert header.shape("nothing") == ()


LIES = {
    "a length beyond the file": (b"{}", b"", 10**15),
    "a length beyond what there may be": (b"{}", b"", LONGEST + 1),
    "no JSON": (b"not json", b"", None),
    "no text": (b"\xff\xfe\xff", b"", None),
    "a list": (b"[]", b"", None),
    "nesting without end": (b"[" * 200_000, b"", None),
    "data beyond the file": (one([4], [0, 16]), b"\0" * 8, None),
    "data that begins before": (one([1], [-4, 0]), b"\0" * 4, None),
    "more numbers than bytes": (one([1000], [0, 4]), b"\0" * 4, None),
    "a shape below zero": (one([-1, -1], [0, 4]), b"\0" * 4, None),
    "a shape of words": (one(["2"], [0, 8]), b"\0" * 8, None),
    "a shape of truths": (one([True], [0, 4]), b"\0" * 4, None),
    "an unknown type": (one([1], [0, 4], "F99"), b"\0" * 4, None),
    "a type that is no word": (one([1], [0, 4], ["F32"]), b"\0" * 4, None),  # type: ignore[arg-type]
    "no offsets": ({"a": {"dtype": "F32", "shape": [1]}}, b"\0" * 4, None),
    "overlapping tensors": (
        {**one([1], [0, 4]), "b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}},
        b"\0" * 8,
        None,
    ),
    "a gap": (
        {**one([1], [0, 4]), "b": {"dtype": "F32", "shape": [1], "data_offsets": [8, 12]}},
        b"\0" * 12,
        None,
    ),
    "more data than is described": (one([1], [0, 4]), b"\0" * 400, None),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_in_one_sentence(lie: str, tmp_path: Path) -> None:
    header, data, length = LIES[lie]
    with pytest.raises(CannotLoad) as refused:
        read_header(lying(tmp_path / "a.safetensors", header, data, length))
    assert refused.value.message.count(". ") == 0
    assert "a.safetensors" in refused.value.message
    assert refused.value.hint


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"")
    with pytest.raises(CannotLoad, match="too short"):
        read_header(tmp_path / "a.safetensors")


def test_a_file_that_is_cut_off_says_how_much_is_missing(tmp_path: Path) -> None:
    whole = tmp_path / "a.safetensors"
    save_file({"a": torch.zeros(1000)}, whole)
    whole.write_bytes(whole.read_bytes()[:-1500])
    with pytest.raises(CannotLoad, match="1500 of its 4000 bytes are missing"):
        read_header(whole)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_anything_else(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with suppress(CannotLoad):
        read_header(path)
