from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import load

from studio.library.tensors import KINDS, Stack, pieces, size

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
ROW = st.sampled_from(sorted(KINDS)).flatmap(lambda kind: arrays.arrays(kind, SHAPES))


@given(rows=st.dictionaries(st.text(max_size=8).filter(lambda t: t != "__metadata__"), ROW))
def test_the_reference_reader_reads_what_is_written(rows: dict[str, np.ndarray]) -> None:
    data = b"".join(pieces(rows, {"recipe": "é"}))
    back = load(data)
    assert back.keys() == rows.keys()
    for name, row in rows.items():
        assert back[name].dtype == row.dtype
        assert back[name].shape == row.shape
        assert back[name].tobytes() == row.tobytes()
    assert size(rows) == sum(row.nbytes for row in rows.values())


def test_a_stack_is_written_as_the_array_it_stands_for(tmp_path: Path) -> None:
    items = [np.arange(6, dtype=np.int64).reshape(2, 3).T + i for i in range(4)]
    back = load(b"".join(pieces({"x": Stack(items)}, {})))["x"]
    assert np.array_equal(back, np.stack(items))
    assert Stack(items).shape == back.shape
    assert np.array_equal(Stack(items)[1:, 0], back[1:, 0])
