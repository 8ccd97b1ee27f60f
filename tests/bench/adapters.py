"""What a LoRA costs a step: ours beside PEFT's layers, on a full-size random SD 1.5 UNet.

    python -m tests.bench.adapters

One process, 256×256, a LoRA of rank 16 on every attention layer, the three in turn; medians of the
time of one network call under two conditions. Also how long putting it on and taking it off take.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from studio.core.adapters import Adapter
from studio.core.recipe import Recipe
from studio.models.adapters.finding import Finder
from studio.models.adapters.wardrobe import fit_out, wear
from studio.models.parts import Parts
from tests.models.adapters.making import PEFT, Tensors, save

ROUNDS = 5
RANK = 16
LAYERS = ("to_q", "to_k", "to_v", "to_out.0")


class Holder:
    """As much of a family as adapters need."""

    def __init__(self, unet: nn.Module) -> None:
        self.parts = Parts({"unet": unet}, torch.device("cpu"), torch.float32)


def main() -> None:
    torch.manual_seed(0)
    unet: Any = UNet2DConditionModel(cross_attention_dim=768, attention_head_dim=8).eval()
    unet.requires_grad_(False)
    holder = Holder(unet)
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        file = save(Path(folder) / "lora.safetensors", _lora(unet))
        fit_out(holder, Finder(Path(folder)), "SD 1.5")
        worn, bare = Recipe(adapters=(Adapter(str(file)),)), Recipe()
        x, text = torch.randn(2, 4, 32, 32), torch.randn(2, 77, 768)

        def call() -> Tensor:
            out: Tensor = unet(x, torch.tensor(500.0), encoder_hidden_states=text).sample
            return out

        print(f"put on, file read:   {1000 * _timed(lambda: wear(holder, worn)):7.0f} ms")
        half = Recipe(adapters=(Adapter(str(file), 0.5),))
        print(f"weighed anew:        {1000 * _timed(lambda: wear(holder, half)):7.0f} ms")
        print(f"taken off:           {1000 * _timed(lambda: wear(holder, bare)):7.0f} ms")
        call()
        times: dict[str, list[float]] = {"without": [], "ours": [], "PEFT": []}
        outs: dict[str, Tensor] = {}
        for _ in range(ROUNDS):
            times["without"].append(_timed(call))
            wear(holder, worn)
            outs["ours"] = call()
            times["ours"].append(_timed(call))
            wear(holder, bare)
            unet.load_lora_adapter(str(file), prefix="unet", adapter_name="a")
            outs["PEFT"] = call()
            times["PEFT"].append(_timed(call))
            unet.unload_lora()
        plain = median(times["without"])
        for name, taken in times.items():
            print(f"{name:8} {median(taken):6.2f} s a call, {median(taken) / plain:.3f} times")
        apart = (outs["ours"] - outs["PEFT"]).norm() / outs["PEFT"].norm()
        print(f"apart from each other by {float(apart):.1e}")


def _lora(unet: nn.Module) -> Tensors:
    found: Tensors = {}
    for path, layer in unet.named_modules():
        if path.endswith(LAYERS) and isinstance(layer, nn.Linear):
            rows, columns = layer.weight.shape
            found[f"unet.{path}.{PEFT[0]}"] = torch.randn(RANK, columns) * 0.05
            found[f"unet.{path}.{PEFT[1]}"] = torch.randn(rows, RANK) * 0.05
    return found


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
