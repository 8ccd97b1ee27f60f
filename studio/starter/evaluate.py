"""How well pictures show what their captions say, as read by a probe trained on renders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from studio.starter.autoencoder import to_tensor
from studio.starter.captions import caption
from studio.starter.probe import Probe, read
from studio.starter.sampling import Networks, sample, to_pictures
from studio.starter.scene import ATTRIBUTES, Scene, labels, random_scene
from studio.starter.scenes import draw

_BATCH = 16


@dataclass(frozen=True)
class Row:
    """Shares of right readings from 0 to 1 for one attribute, and of how many pictures."""

    attribute: str
    renders: float
    reconstructions: float
    generated: float
    count: int


@dataclass(frozen=True)
class Adherence:
    """The table, and the generated pictures with their captions."""

    rows: list[Row]
    pictures: list[Image.Image]
    captions: list[str]


def said(scene: Scene) -> list[bool]:
    """Which attributes a complete caption names: not what is absent, nor what cannot be seen."""
    answers = labels(scene)
    return [
        k >= 0 and values[k] not in ("none", "no")
        for k, values in zip(answers, ATTRIBUTES.values(), strict=True)
    ]


def evaluate(
    networks: Networks,
    probe: Probe,
    *,
    count: int,
    seed: int,
    held_out: bool,
    steps: int = 20,
    guidance: float = 3.0,
) -> Adherence:
    """Generate `count` pictures from complete captions of new scenes and read them back."""
    scenes = [
        random_scene(np.random.default_rng([seed, 5, i]), held_out=held_out) for i in range(count)
    ]
    captions = [
        caption(s, np.random.default_rng([seed, 6, i]), complete=True) for i, s in enumerate(scenes)
    ]
    factor = 2 ** (len(networks.vae.config.block_out_channels) - 1)
    size = factor * int(networks.unet.config.sample_size)
    renders = np.stack([np.asarray(draw(s, size)) for s in scenes])
    generated: list[Image.Image] = []
    for start in range(0, count, _BATCH):
        some = captions[start : start + _BATCH]
        generated += sample(networks, some, steps=steps, guidance=guidance, seed=seed + start)
    answers = np.array([labels(s) for s in scenes])
    asked = np.array([said(s) for s in scenes])
    rendered = read(probe, renders) == answers
    passed = read(probe, _reconstruct(networks, renders)) == answers
    made = read(probe, np.stack([np.asarray(p) for p in generated])) == answers
    rows = []
    for k, name in enumerate(ATTRIBUTES):
        of = asked[:, k]
        shares = [_share(right[:, k], of) for right in (rendered, passed, made)]
        rows.append(Row(name, shares[0], shares[1], shares[2], int(of.sum())))
    return Adherence(rows, generated, captions)


def _share(right: npt.NDArray[np.bool_], asked: npt.NDArray[np.bool_]) -> float:
    return float(right[asked].mean()) if asked.any() else float("nan")


@torch.no_grad()
def _reconstruct(networks: Networks, pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    def blocks() -> Iterator[npt.NDArray[np.uint8]]:
        for start in range(0, len(pictures), _BATCH):
            z = networks.vae.encode(to_tensor(pictures[start : start + _BATCH])).latent_dist.mean
            yield np.stack([np.asarray(p) for p in to_pictures(networks.vae.decode(z).sample)])

    return np.concatenate(list(blocks()))


def table(rows: list[Row]) -> str:
    """As Markdown, in per cent."""
    lines = ["| attribute | renders | reconstructions | generated | of |", "|---|---|---|---|---|"]
    for row in rows:
        shares = (row.renders, row.reconstructions, row.generated)
        lines.append(
            f"| {row.attribute} | " + " | ".join(f"{s:.0%}" for s in shares) + f" | {row.count} |"
        )
    return "\n".join(lines) + "\n"
