"""What recording every step costs, against the same loop that keeps nothing.

    python -m tests.bench.recording [--device cuda] [--steps 6] [--pairs 5] [--width 320]

A UNet of more than 100 million random weights at 64×64 latents, under guidance, in one process;
runs with and without recording take turns, and the median of the pairs' ratios is told. With
recording: x, x̂0, both guided parts, their measures, previews and thumbnails, kept in memory and
written to disk. Without: the samplers' loop alone.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from studio.core.geometry import Size
from studio.core.model_info import Abilities, ModelInfo
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.diffusion.levels import Level
from studio.diffusion.loop import walk
from studio.diffusion.prediction import to_x0
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.engine.archive import Archive
from studio.engine.device import choose_device, default_dtype, device_name
from studio.engine.generate import take
from studio.engine.prepare import prepare
from studio.library.folders import Folders
from studio.library.library import Library
from studio.models.preview import LinearPreview

SIZE = Size(512, 512)


class Large:
    """A family with a UNet of the build of Stable Diffusion's, without weights worth having."""

    def __init__(self, device: torch.device, width: int) -> None:
        torch.manual_seed(0)
        self.info = ModelInfo("large", "Large", "random", None, Abilities(SIZE, 8))
        self.device, self._dtype = device, default_dtype(device)
        self.unet = UNet2DConditionModel(
            sample_size=64,
            block_out_channels=(width // 2, width, width * 2, width * 2),
            layers_per_block=1,
            cross_attention_dim=768,
        )
        self.unet.requires_grad_(False).eval().to(device, self._dtype)
        self.unet.to(memory_format=torch.channels_last)
        generator = torch.Generator().manual_seed(1)
        weight = torch.randn(9 * 4 + 1, 3 * 4, generator=generator) / 12
        self.preview = LinearPreview(weight.to(device), 2)
        self._config = ScheduleConfig.from_diffusers({"beta_schedule": "scaled_linear"})

    @property
    def size(self) -> int:
        return sum(weight.numel() for weight in self.unet.parameters())

    def schedule(self, recipe: Recipe, size: Size) -> Schedule:
        return make_schedule(self._config, recipe.sampler, recipe.steps)

    def latent_shape(self, size: Size) -> tuple[int, int, int]:
        return 4, size.height // 8, size.width // 8

    def condition(self, prompt: str, recipe: Recipe) -> Tensor:
        generator = torch.Generator().manual_seed(len(prompt))
        return torch.randn(1, 77, 768, generator=generator).to(self.device, self._dtype)

    def predict(self, x: Tensor, level: Level, conditions: Sequence[Tensor]) -> tuple[Tensor, ...]:
        output = self.unet(
            x.to(self._dtype).expand(len(conditions), -1, -1, -1),
            torch.tensor(level.timestep, device=self.device),
            encoder_hidden_states=torch.cat(list(conditions)),
        ).sample.float()
        pairs = range(len(conditions))
        return tuple(to_x0("epsilon", output[i : i + 1], x, level) for i in pairs)

    def encode(self, pixels: Tensor) -> Tensor:
        raise NotImplementedError("the benchmark starts from noise")

    def decode(self, latents: Tensor) -> Tensor:
        raise NotImplementedError("the benchmark takes steps only")

    def networks(self) -> Sequence[nn.Module]:
        return [*self.unet.down_blocks, *self.unet.up_blocks]


class Quick(Large):
    """The same, but that its network says next to nothing."""

    def __init__(self, large: Large) -> None:
        self.__dict__.update(large.__dict__)

    def predict(self, x: Tensor, level: Level, conditions: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return tuple(x * 0.5 for _ in conditions)


@dataclass(frozen=True)
class Times:
    """Seconds on the wall, and of this process's work: the latter hears nothing of others."""

    wall: float
    work: float

    @classmethod
    def now(cls) -> Times:
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, other: Times) -> Times:
        return Times(self.wall - other.wall, self.work - other.work)


@dataclass
class Bench:
    family: Large
    library: Library
    recipe: Recipe

    def __post_init__(self) -> None:
        self.archive = Archive(self.library)
        self.count = 0

    def alone(self) -> float:
        """Milliseconds of work a step that recording takes, with next to no network."""
        quick = Bench(Quick(self.family), self.library, self.recipe)
        quick.bare(), quick.recorded()
        costs = [quick.recorded().work - quick.bare().work for _ in range(9)]
        return 1000 * median(costs) / self.recipe.steps

    def recorded(self) -> Times:
        self.count += 1
        run = f"run-{self.count}"
        began = Times.now()
        for _ in take(
            Request(self.recipe), run, self.family, "", self.library, self.archive, Event()
        ):
            pass
        return Times.now() - began

    def bare(self) -> Times:
        request, family = Request(self.recipe), self.family
        began = Times.now()
        with torch.inference_mode():
            ready = prepare(request, "", family, "", self.library, self.archive)
            steps = walk(
                ready.predict,
                ready.schedule,
                self.recipe.sampler,
                self.recipe.options(),
                ready.state,
                ready.noise,
            )
            for step in steps:
                last = step.after.x
            last.cpu()  # a device works behind one's back: wait until it is done
        return Times.now() - began


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--device", default="")
    words.add_argument("--steps", type=int, default=6)
    words.add_argument("--pairs", type=int, default=5)
    words.add_argument("--width", type=int, default=320)
    args = words.parse_args()
    device = choose_device(args.device)
    family = Large(device, args.width)
    print(f"{family.size / 1e6:.0f} million weights on {device_name(device)}")
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Folders(Path(folder, "pictures"), Path(folder, "data")))
        recipe = Recipe(prompt="a", size=SIZE, steps=args.steps, guidance_scale=5.0)
        bench = Bench(family, library, recipe)
        bench.bare(), bench.recorded()
        ratios = []
        for pair in range(args.pairs):
            if pair % 2:
                recorded, bare = bench.recorded(), bench.bare()
            else:
                bare, recorded = bench.bare(), bench.recorded()
            ratios.append((recorded.wall / bare.wall - 1, recorded.work / bare.work - 1))
            wall, work = ratios[-1]
            print(
                f"{bare.wall:8.3f} s bare {recorded.wall:8.3f} s recorded {wall:+.2%}, "
                f"of work {work:+.2%}",
                flush=True,
            )
        alone = bench.alone()
        written = library.runs.nbytes / bench.count
        library.close()
    print(f"{args.steps} steps, {written / 1e6:.1f} MB a run on the disk")
    wall, work = (median(ratio[i] for ratio in ratios) for i in range(2))
    print(f"median of {args.pairs} pairs: {wall:+.2%} of time, {work:+.2%} of work")
    print(f"recording alone: {alone:.2f} ms of work a step")


if __name__ == "__main__":
    main()
