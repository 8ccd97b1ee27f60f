"""A full-size SDXL of random weights on a device that is too small for it.

    python -m tests.bench.memory_plans [--side 256] [--steps 2] [--shares 100 60 40 25]

The device is the CPU with a cap (see `tests.capped`): weights that are brought to it are copied,
and every tensor is counted. First the plain run, whose most is 100 %; then a run at each share,
and one more behind it. Takes some 16 GiB of memory in bfloat16. Prints what was announced, what
was needed, and whether the picture is the plain one.

On a busy machine with two cores, 256×256, two steps, one thread; the picture is the same to the
bit in every row:

    plain   full      6.5 GB announced   6.47 GiB measured
    100 %   encoders  5.0 GB announced   4.96 GiB measured
     40 %   group     2.2 GB announced   2.05 GiB measured
     25 %   group     1.2 GB announced   1.13 GiB measured
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from studio.core.events import Failed, Finished, Planned, Warned
from studio.core.geometry import Size
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.diffusion.schedule import ScheduleConfig
from studio.engine import worker
from studio.models.parts import Parts
from studio.models.sdxl import StableDiffusionXL
from tests.capped import Capped
from tests.engine.conftest import Bench
from tests.models.tiny_sdxl import make_sdxl

GIB = 2**30


def full_size(info: Any, tokenizers: Any, dtype: torch.dtype) -> StableDiffusionXL:
    """As published (Podell et al. 2023), but for the weights and the tokenizers."""
    with torch.device("meta"):
        unet = UNet2DConditionModel(
            sample_size=128,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            block_out_channels=(320, 640, 1280),
            transformer_layers_per_block=(1, 2, 10),
            attention_head_dim=(5, 10, 20),
            cross_attention_dim=2048,
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=2816,
        )
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            latent_channels=4,
            layers_per_block=2,
            sample_size=1024,
            scaling_factor=0.13025,
        )
    # The heads' tokenizers are tiny, so that what they say is known to the vocabulary's beginning.
    texts = [
        CLIPTextModel(_text(768, 12, 12)).to(dtype),
        CLIPTextModelWithProjection(_text(1280, 20, 32)).to(dtype),
    ]
    chance = torch.Generator().manual_seed(0)
    for network in (unet, vae):
        network.to_empty(device="cpu").to(dtype)
        _fill(network, chance)
    networks = dict(zip(("text_encoder", "text_encoder_2"), texts, strict=True))
    parts = Parts({**networks, "unet": unet, "vae": vae}, torch.device("cpu"), dtype)
    config = ScheduleConfig.from_diffusers({"beta_schedule": "scaled_linear"})
    return StableDiffusionXL(info, parts, tokenizers, config, True)


def _text(width: int, heads: int, layers: int) -> CLIPTextConfig:
    return CLIPTextConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_attention_heads=heads,
        num_hidden_layers=layers,
        projection_dim=width,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )


def _fill(network: nn.Module, chance: torch.Generator) -> None:
    """Random weights of the size that keeps what passes through them, from one strip of chance."""
    strip = torch.randn(2**20, generator=chance)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.dim() < 2:
                weight.fill_(0.0 if name.endswith("bias") else 1.0)
                continue
            count, fan = weight.numel(), weight[0].numel()
            many = strip.repeat(count // len(strip) + 1)[:count].reshape(weight.shape)
            weight.copy_(many / fan**0.5)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--side", type=int, default=256)
    options.add_argument("--steps", type=int, default=2)
    options.add_argument("--shares", type=int, nargs="*", default=[100, 60, 40, 25])
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), asked.side, asked.steps, asked.shares)


def _run(folder: Path, side: int, steps: int, shares: list[int]) -> None:
    room = Capped(2**40)
    bench = Bench(folder, room=room)
    name = bench.catalogue.add(make_sdxl(folder / "tiny")).name
    real = worker.load

    def load(info: Any, device: Any, dtype: Any, tell: Any) -> Any:
        small: Any = real(info, device, torch.float32, tell)
        return full_size(info, small._tokenizers, torch.bfloat16)

    worker.load = load
    recipe = Recipe(model=name, prompt="a cat", size=Size(side, side), steps=steps, seed=1)

    def once(text: str) -> Any:
        room.counting.peak, told = room.counting.alive, len(bench.told)
        before = time.perf_counter()
        run = bench.engine.submit(Request(recipe))
        ended = bench.until(Finished, Failed, run=run)
        seconds = time.perf_counter() - before
        for event in bench.told[told:]:
            if isinstance(event, Planned):
                print(f"  {event.plan}: {event.says}")
            elif isinstance(event, Warned):
                print(f"  {event.message} {event.hint}")
        most = room.counting.peak / GIB
        if isinstance(ended, Failed):
            print(f"{text}: {ended.message} {ended.hint}", flush=True)
            return None
        picture = ended.results[0].picture.pixels  # type: ignore[attr-defined]
        print(f"{text}: {most:.2f} GiB at the most, {seconds:.1f} s", flush=True)
        return picture

    plain = once("plain, with the loading")
    peak = room.counting.peak
    again = once("again")
    print(f"  the same picture: {np.array_equal(plain, again)}")
    for share in shares:
        room.counting.limit = peak * share // 100
        print(f"{share} % = {room.counting.limit / GIB:.2f} GiB")
        for text in ("this run", "the run after it"):
            picture = once(f"  {text}")
            if picture is not None:
                print(f"  the same picture: {np.array_equal(plain, picture)}", flush=True)
    bench.close()


if __name__ == "__main__":
    main()
