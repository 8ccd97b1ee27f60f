"""Animations are read back by decoders that had no part in writing them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.core.errors import BadInput
from studio.imaging.animation import GIF_TICK, durations, gif, mp4, webp


def frames(count: int, width: int = 40, height: int = 30) -> Iterator[Image.Image]:
    for index in range(count):
        pixels = np.full((height, width, 3), 20 + 9 * index, np.uint8)
        pixels[:, index % width] = (255, 0, 0)
        yield Image.fromarray(pixels)


@given(
    st.integers(1, 300),
    st.floats(0.5, 60),
    st.floats(0, 10),
    st.sampled_from([1, GIF_TICK]),
)
def test_durations_add_up_to_the_whole(count: int, fps: float, hold: float, tick: int) -> None:
    times = durations(count, fps, hold, tick)
    assert len(times) == count
    assert all(time >= tick and time % tick == 0 for time in times)
    exact = count * 1000 / fps + hold * 1000
    assert sum(times) == pytest.approx(exact, abs=tick)


@pytest.mark.parametrize(("make", "tick"), [(webp, 1), (gif, GIF_TICK)])
def test_an_animation_has_every_frame_for_its_time(
    make: Callable[..., bytes], tick: int, tmp_path: Path
) -> None:
    times = durations(11, 7, 1.25, tick)
    data = make(frames(11), times)
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 11
        assert image.info["loop"] == 0
        seen = []
        for index, expected in enumerate(frames(11)):
            image.seek(index)
            image.load()
            seen.append(image.info["duration"])
            error = np.asarray(image.convert("RGB"), int) - np.asarray(expected, int)
            assert np.abs(error).mean() < 6
    assert seen == times
    # OpenCV's decoders are others than the writer's.
    path = tmp_path / f"steps.{make.__name__}"
    path.write_bytes(data)
    read, animation = cv2.imreadanimation(str(path))
    assert read
    assert len(animation.frames) == 11
    assert list(animation.durations) == times


def test_a_video_has_every_frame_and_holds_the_last() -> None:
    data = mp4(frames(9, 41, 31), 12, 0.5)
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        decoded = list(container.decode(video=0))
        assert stream.average_rate == 12
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert float(stream.duration * stream.time_base) == pytest.approx(15 / 12)
    assert len(decoded) == 9 + 6
    assert (decoded[0].width, decoded[0].height) == (42, 32)
    for frame, expected in zip(decoded, frames(9, 41, 31), strict=False):
        got = frame.to_ndarray(format="rgb24")[:31, :41].astype(int)
        assert np.abs(got - np.asarray(expected, int)).mean() < 8
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("make", [lambda: webp([], []), lambda: gif([], []), lambda: mp4([], 8, 1)])
def test_no_frames_are_said_to_be_none(make: Callable[[], bytes]) -> None:
    with pytest.raises(BadInput, match="no step"):
        make()
