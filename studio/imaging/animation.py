"""Pictures one after the other, as the bytes of a WebP, GIF or MP4 file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from studio.core.errors import BadInput
from studio.core.picture import Pixels

NO_STEPS = BadInput("There is no step to export.", "Choose a run that has taken steps.")
GIF_TICK = 10
"""A GIF counts time in hundredths of a second."""


def durations(count: int, fps: float, hold: float, tick: int = 1) -> list[int]:
    """Milliseconds of each of `count` frames, the last longer by `hold` seconds.

    Each is a multiple of `tick`; what rounding takes from one frame the next one gets, so that
    the whole is right to one tick.
    """
    ends = [round((index + 1) * 1000 / fps / tick) * tick for index in range(count)]
    ends[-1] = max(ends[-1], round((count * 1000 / fps + hold * 1000) / tick) * tick)
    starts = [0, *ends[:-1]]
    return [max(tick, end - start) for start, end in zip(starts, ends, strict=True)]


def webp(frames: Iterable[Image.Image], times: Sequence[int]) -> bytes:
    """An animated WebP that repeats for ever; `times` in milliseconds. RGB frames, all of a size.

    Here and in `gif` a frame that is equal to the one before only lengthens that one.
    """
    return _with_pillow(frames, "WEBP", times, quality=90, method=4, minimize_size=False)


def gif(frames: Iterable[Image.Image], times: Sequence[int]) -> bytes:
    """An animated GIF that repeats for ever, each frame with a palette of its own, dithered."""
    palettes = (frame.quantize(256, Image.Quantize.MEDIANCUT) for frame in frames)
    return _with_pillow(palettes, "GIF", times, optimize=False, disposal=1)


def mp4(frames: Iterable[Image.Image], fps: float, hold: float) -> bytes:
    """An H.264 video, playable everywhere: even sides, 4:2:0, its index in front."""
    import av  # ffmpeg takes a while to load and few runs are ever filmed

    rate = Fraction(fps).limit_denominator(1000)
    # A file of its own: to bring its index to the front, ffmpeg opens it a second time.
    with tempfile.TemporaryDirectory(prefix="studio-") as folder:
        path = Path(folder, "video.mp4")
        with av.open(path, "w", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=rate)
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": "16", "preset": "medium"}
            for frame in _held(frames, round(hold * rate)):
                if not stream.codec_context.is_open:
                    stream.height, stream.width = frame.shape[:2]
                container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
            container.mux(stream.encode())
        return path.read_bytes()


def _held(frames: Iterable[Image.Image], more: int) -> Iterator[Pixels]:
    """Every frame's pixels, the last one so many times more."""
    frame = None
    for image in frames:
        frame = _even(np.asarray(image))
        yield frame
    if frame is None:
        raise NO_STEPS
    for _ in range(more):
        yield frame


def _even(pixels: Pixels) -> Pixels:
    """With the last row and column repeated where a side is odd: 4:2:0 halves the colours."""
    height, width = pixels.shape[:2]
    padding = ((0, height % 2), (0, width % 2), (0, 0))
    return np.ascontiguousarray(np.pad(pixels, padding, "edge"))


def _with_pillow(
    frames: Iterable[Image.Image], form: str, times: Sequence[int], **options: object
) -> bytes:
    rest: Iterator[Image.Image] = iter(frames)
    first = next(rest, None)
    if first is None:
        raise NO_STEPS
    out = io.BytesIO()
    first.save(
        out,
        form,
        save_all=True,
        append_images=chain(rest),
        duration=list(times),
        loop=0,
        **options,
    )
    return out.getvalue()
