"""All that is measured of the model, one part after the other, in one file of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from studio.starter.autoencoder import psnr, to_tensor
from studio.starter.captions import caption
from studio.starter.evaluate import evaluate, table
from studio.starter.frechet import Space, frechet, patches
from studio.starter.laboratory import decoded
from studio.starter.probe import Probe, features, read
from studio.starter.repaint import heeded, repaint, repaintings
from studio.starter.sampling import Networks
from studio.starter.scene import Scene, labels, random_scene
from studio.starter.scenes import draw, sheet
from studio.starter.tables import (
    STEPS,
    Cell,
    bound_markdown,
    bound_terms,
    guidance_cells,
    markdown,
    sampler_latents,
)

RENDERS = 2000
"""How many renders the Fréchet distances are taken to."""
SHARPNESS = 32
"""How many renders the autoencoder's decibels are the mean of."""


@dataclass(frozen=True)
class Extent:
    """How much is measured. `table`: pictures behind each Fréchet distance."""

    seen: int = 1000
    held_out: int = 300
    table: int = 256
    repainted: int = 50
    steps: int = 20
    guidance: float = 3.0
    seed: int = 100


class Report:
    """The parts of the report, each by name in `PARTS`; sheets of pictures go into `folder`."""

    def __init__(self, networks: Networks, probe: Probe, extent: Extent, folder: Path) -> None:
        self.networks, self.probe, self.extent, self.folder = networks, probe, extent, folder
        factor = 2 ** (len(networks.vae.config.block_out_channels) - 1)
        self.side = factor * int(networks.unet.config.sample_size)

    def adherence(self) -> Iterator[str]:
        """The probe's readings of renders, reconstructions and generated pictures."""
        extent = self.extent
        renders = self._drawn(self._scenes(min(extent.seen, SHARPNESS)))
        heading = f"Reconstructions of renders: {psnr(self.networks.vae, renders):.1f} dB\n\n"
        for name, count in (("Seen", extent.seen), ("Held-out", extent.held_out)):
            result = evaluate(
                self.networks,
                self.probe,
                count=count,
                seed=extent.seed,
                held_out=name == "Held-out",
                steps=extent.steps,
                guidance=extent.guidance,
            )
            self._show(name.lower(), result.pictures[:48], 8)
            yield f"{heading}{name} combinations, {count} scenes\n\n{table(result.rows)}"
            heading = ""

    def samplers(self) -> Iterator[str]:
        """The DDIM paper's table 1 in two distances: how it is drawn, and what is there."""
        measures = {"patches of latents": self._texture(), "the probe's features": self._content()}
        cells: dict[str, list[Cell]] = {name: [] for name in measures}
        captions = self._captions(self.extent.table)
        made = sampler_latents(self.networks, captions, seed=self.extent.seed, steps=STEPS)
        for row, column, z in made:
            for name, distance in measures.items():
                cells[name].append(Cell(row, column, distance(z)))
                print(f"{row}, {column}, {name}: {cells[name][-1].value:.2f}", flush=True)
        others = self._encoded(self._others())
        for name, distance in measures.items():
            yield (
                f"Fréchet distance in {name} of {len(captions)} pictures without guidance to "
                f"renders (of as many other renders, encoded: {distance(others):.2f})\n\n"
                f"{markdown(cells[name], '')}"
            )

    def guidance(self) -> Iterator[str]:
        """Distance and adherence against the guidance scale."""
        count = self.extent.table
        distance, scenes = self._distance(), self._scenes(count)
        answers = np.array([labels(scene) for scene in scenes])

        def adherence(made: npt.NDArray[np.uint8]) -> float:
            return float((read(self.probe, made) == answers)[answers >= 0].mean())

        scores = {"distance": distance, "adherence": adherence}
        captions = self._captions(count)
        cells = guidance_cells(
            self.networks, captions, scores, seed=self.extent.seed, steps=self.extent.steps
        )
        yield f"{count} pictures at each scale\n\n{markdown(list(cells), 'scale', '{:.3f}')}"

    def bound(self) -> Iterator[str]:
        """The loss at each noise level."""
        scenes = self._scenes(self.extent.table)
        clean = self._encoded(scenes)
        captions = self._captions(len(scenes))
        terms = bound_terms(self.networks, clean, captions, seed=self.extent.seed)
        yield f"Means over {len(scenes)} renders\n\n{bound_markdown(terms)}"

    def inpainting(self) -> Iterator[str]:
        """Another building or light where one is painted over."""
        tasks = repaintings(self.extent.seed, self.extent.repainted)
        before, after = repaint(
            self.networks,
            tasks,
            steps=self.extent.steps,
            guidance=self.extent.guidance,
            seed=self.extent.seed,
        )
        right = heeded(self.probe, tasks, after)
        pairs = [pair for both in zip(before[:10], after[:10], strict=True) for pair in both]
        self._show("inpainting", [Image.fromarray(p) for p in pairs], 4)
        lines = []
        for attribute in ("building", "light"):
            chosen = [
                r for r, task in zip(right, tasks, strict=True) if task.attribute == attribute
            ]
            lines.append(f"| {attribute} | {np.mean(chosen):.0%} | {len(chosen)} |")
        yield "| painted over | as asked | of |\n|---|---|---|\n" + "\n".join(lines) + "\n"

    def _scenes(self, count: int) -> list[Scene]:
        seed = self.extent.seed
        return [random_scene(np.random.default_rng([seed, 9, i])) for i in range(count)]

    def _captions(self, count: int) -> list[str]:
        seed = self.extent.seed
        return [
            caption(scene, np.random.default_rng([seed, 10, i]), complete=True)
            for i, scene in enumerate(self._scenes(count))
        ]

    def _drawn(self, scenes: list[Scene]) -> npt.NDArray[np.uint8]:
        return np.stack([np.asarray(draw(scene, self.side)) for scene in scenes])

    def _distance(self) -> Callable[[npt.NDArray[np.uint8]], float]:
        """To renders of other scenes than the captions', in the probe's features."""
        renders = np.concatenate([features(self.probe, self._drawn([s])) for s in self._known()])
        space = Space.of(renders)
        known = space(renders)
        return lambda made: frechet(known, space(features(self.probe, made)))

    def _content(self) -> Callable[[Tensor], float]:
        """The same for the latents of pictures."""
        distance = self._distance()
        return lambda z: distance(decoded(self.networks, z))

    def _texture(self) -> Callable[[Tensor], float]:
        """To the latents of the same renders, in patches, each component at variance 1."""
        known = patches(self._encoded(self._known()).numpy())
        space = Space.of(known, known.shape[1])
        known = space(known)
        return lambda z: frechet(known, space(patches(z.numpy())))

    def _known(self) -> list[Scene]:
        """What the distances are taken to; not what the captions say, which would be nearer."""
        return self._scenes(self.extent.table + RENDERS)[self.extent.table :]

    def _others(self) -> list[Scene]:
        """Scenes of neither, as many as are generated."""
        rng = [np.random.default_rng([self.extent.seed, 11, i]) for i in range(self.extent.table)]
        return [random_scene(one) for one in rng]

    def _encoded(self, scenes: list[Scene]) -> Tensor:
        """The latents of their renders."""
        with torch.no_grad():
            return torch.cat(
                [
                    self.networks.vae.encode(to_tensor(self._drawn([s]))).latent_dist.mean
                    for s in scenes
                ]
            )

    def _show(self, name: str, pictures: list[Image.Image], columns: int) -> None:
        sheet(pictures, columns).save(self.folder / f"{name}.png")


PARTS: dict[str, Callable[[Report], Iterator[str]]] = {
    "adherence": Report.adherence,
    "samplers": Report.samplers,
    "guidance": Report.guidance,
    "bound": Report.bound,
    "inpainting": Report.inpainting,
}
