"""An edited picture in the depth and colours of its original: untouched pixels are its very own.

Work is done in 8-bit sRGB. What is still equal there to the original, opened again, was not
changed, and is taken from the original; no list of changes has to be kept or trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from studio.core.geometry import Box
from studio.core.picture import Picture, Pixels
from studio.imaging.colour import from_srgb, to_srgb
from studio.imaging.depth import from_8_bit
from studio.imaging.native import Mode, Native, Samples

ROWS = 256
RUN = 24
"""Pixels that are looked for to find where the original lies in a larger or smaller picture."""
PROBES = 48


def merged(picture: Picture, native: Native) -> Native | None:
    """The picture as `native` is: same profile, depth and kind of colours.

    Where it shows what `native` shows, with that pixel's very samples. Alpha is added if the
    picture has some, and grey becomes RGB if it has colours. None if that cannot be: a grey
    profile is of no use to colours, and CMYK and LAB have no alpha here.
    """
    work = to_srgb(native)
    place = _place(picture.pixels, work)
    mode = _mode(picture, native)
    if mode is None:
        return None
    native = _as(native, mode)
    height, width = picture.pixels.shape[:2]
    out = np.empty((height, width, native.samples.shape[2]), native.samples.dtype)
    for top in range(0, height, ROWS):
        band = Box.between(0, top, width, min(top + ROWS, height))
        _fill(out, picture, native, work, place, band)
    return Native(out, mode, native.profile)


def _fill(
    out: Samples, picture: Picture, native: Native, work: Pixels, place: Box | None, band: Box
) -> None:
    """`out` in the rows of `band`. `place`: where the original lies in the picture."""
    shown = picture.pixels[band.rows]
    target = out[band.rows]
    colours = native.colour.shape[2]
    same = np.zeros(shown.shape[:2], np.bool_)
    alpha_same = same.copy()
    common = place.intersect(band) if place is not None else Box(0, 0, 0, 0)
    if place is not None and not common.empty:
        here = (slice(common.y - band.y, common.bottom - band.y), common.columns)
        there = Box(common.x - place.x, common.y - place.y, common.width, common.height)
        before, now = work[there.rows, there.columns], shown[here]
        same[here] = (before[..., :3] == now[..., :3]).all(axis=2)
        alpha_same[here] = _opacity(before) == _opacity(now)
        target[here] = native.samples[there.rows, there.columns]
    changed = ~same
    if changed.any():
        converted = from_srgb(shown[changed][None, :, :3], native)[0]
        target[..., :colours][changed] = converted
    if native.has_alpha and not alpha_same.all():
        wanted = _opacity(shown)[~alpha_same]
        full = np.broadcast_to(wanted[:, None], (wanted.size, native.samples.shape[2]))
        target[..., -1][~alpha_same] = from_8_bit(full[None], native)[0, :, -1]


def _opacity(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 4:
        return pixels[..., 3]
    return np.full(pixels.shape[:2], 255, np.uint8)


def _mode(picture: Picture, native: Native) -> Mode | None:
    mode = native.mode
    if mode in ("L", "LA") and not _is_grey(picture.pixels):
        if native.profile:
            return None
        mode = "RGBA" if mode == "LA" else "RGB"
    if picture.has_alpha and not native.has_alpha:
        more: dict[Mode, Mode] = {"L": "LA", "RGB": "RGBA"}
        return more.get(mode)
    return mode


def _as(native: Native, mode: Mode) -> Native:
    """With grey as RGB and opaque alpha added as the mode needs; the values stay."""
    samples = native.samples
    if mode in ("RGB", "RGBA") and native.mode in ("L", "LA"):
        alpha = samples[..., 1:]
        samples = np.concatenate((*[samples[..., :1]] * 3, alpha), axis=2)
    if mode in ("LA", "RGBA") and not native.has_alpha:
        top = np.iinfo(samples.dtype).max if samples.dtype.kind == "u" else 1
        full = np.full((*samples.shape[:2], 1), top, samples.dtype)
        samples = np.concatenate((samples, full), axis=2)
    return Native(samples, mode, native.profile)


def _is_grey(pixels: Pixels) -> bool:
    first = pixels[..., 0]
    return bool((first == pixels[..., 1]).all() and (first == pixels[..., 2]).all())


def _place(pixels: Pixels, work: Pixels) -> Box | None:
    """Where the original lies in a picture that was made larger or smaller at its edges."""
    height, width = work.shape[:2]
    if pixels.shape[:2] == (height, width):
        return Box(0, 0, width, height)
    text = np.ascontiguousarray(pixels[..., :3]).tobytes()
    across = pixels.shape[1]
    votes: Counter[tuple[int, int]] = Counter()
    for x, y in _probes(width, height):
        run = work[y, x : x + RUN, :3]
        if (run == run[:1]).all():
            continue  # an even run is everywhere
        at = text.find(np.ascontiguousarray(run).tobytes())
        if at >= 0 and at % 3 == 0:
            row, column = divmod(at // 3, across)
            votes[column - x, row - y] += 1
    if not votes:
        return None
    (left, top), _ = votes.most_common(1)[0]
    return Box(left, top, width, height)


def _probes(width: int, height: int) -> Iterator[tuple[int, int]]:
    """Places spread over the picture, the same ones each time."""
    chance = np.random.default_rng(1)
    for _ in range(PROBES):
        yield int(chance.integers(0, max(1, width - RUN + 1))), int(chance.integers(0, height))
