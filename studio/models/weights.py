"""Where the weights of one network are: at home in the machine's memory, or on the device.

Weights are only read, so what leaves the device is not copied back: its parameters are given
their tensors at home again. (diffusers.hooks offloads by module too, but copies both ways, casts
in place, and cannot keep some blocks on the device while others come and go.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

import torch
from diffusers.hooks.layerwise_casting import DEFAULT_SKIP_MODULES_PATTERN
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

SMALL = torch.float8_e4m3fn
LARGEST = 448.0
"""The largest number that it can hold."""
BLOCK = 512 * 2**20
PARTS = 16
"""A module comes to the device as a whole if it is no larger than this, in bytes, and no larger
than one of so many parts of its network."""


class Weights:
    """The weights of `network`, which is at home when this is made.

    `keeps`: what is on the device is at home as well. Where both are the same memory it is not.
    Adapters may add modules at any time: what is there is looked up whenever it is moved.
    """

    def __init__(self, network: nn.Module, device: torch.device, keeps: bool = True) -> None:
        self.network, self.device, self._keeps = network, device, keeps
        self._homes: dict[Tensor, Tensor | None] = {}
        self._hooks: list[RemovableHandle] = []
        self._small: dict[Tensor, Tensor] = {}
        self._whole = False

    @property
    def away(self) -> bool:
        """Whether any of it is on the device."""
        return bool(self._homes)

    @property
    def size(self) -> int:
        """Bytes of all weights, as they are at home."""
        homes = ((tensor, self._homes.get(tensor)) for tensor in _tensors(self.network))
        return sum((tensor if home is None else home).nbytes for tensor, home in homes)

    @property
    def there(self) -> int:
        """Bytes that are on the device."""
        return sum(tensor.nbytes for tensor in self._homes)

    @property
    def block(self) -> int:
        """Bytes of the most that comes at once where not all of it stays."""
        return min(BLOCK, self.size // PARTS)

    def come(self, budget: int | None = None, small: bool = False) -> None:
        """Bring it to the device, in at most `budget` bytes and a block; or what stays of it."""
        if self._whole:
            return
        # Else what is copied would be of no use outside of it.
        with torch.inference_mode(False):
            if small:
                self._shrink()
            if budget is None:
                self._bring(_tensors(self.network))
            else:
                self._stream(budget)
        self._whole = True

    def leave(self) -> None:
        """Take it home. As it was before it came, to the bit."""
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        with torch.inference_mode(False):
            self._take(list(self._homes))
        self._small.clear()
        self._whole = False

    @contextmanager
    def cast(self, dtype: torch.dtype) -> Iterator[None]:
        """Meanwhile the weights are of this type. Afterwards they are as before, to the bit."""
        self.leave()
        before = {t: t.data for t in _tensors(self.network) if t.is_floating_point()}
        with torch.inference_mode(False):
            for tensor in before:
                tensor.data = tensor.data.to(dtype)
        try:
            yield
        finally:
            self.leave()
            for tensor, home in before.items():
                tensor.data = home

    def _bring(self, tensors: Iterator[Tensor] | list[Tensor]) -> None:
        for tensor in tensors:
            if tensor in self._homes:
                continue
            home = tensor.data
            there = self._small.get(tensor, home)
            # If there is no room for the copy, all is as it was.
            tensor.data = there.to(self.device, copy=True)
            self._homes[tensor] = home if self._keeps or there is not home else None

    def _take(self, tensors: list[Tensor]) -> None:
        for tensor in tensors:
            if tensor in self._homes:
                home = self._homes.pop(tensor)
                tensor.data = tensor.data.cpu() if home is None else home

    def _stream(self, budget: int) -> None:
        """Blocks stay as long as they fit in; each of the others comes when it is called."""
        blocks = list(_blocks(self.network, self.block))
        owners: dict[Tensor, int] = {}
        for block in blocks:
            for tensor in _tensors(block):
                owners[tensor] = owners.get(tensor, 0) + 1
        stay = [tensor for tensor in _tensors(self.network) if owners.get(tensor, 0) != 1]
        used = sum(map(self._cost, stay))
        for block in blocks:
            own = [tensor for tensor in _tensors(block) if owners[tensor] == 1]
            cost = sum(map(self._cost, own))
            if used + cost <= budget:
                used += cost
                stay += own
            else:
                self._call(block, own)
        self._bring(stay)

    def _call(self, block: nn.Module, own: list[Tensor]) -> None:
        def before(module: nn.Module, inputs: object) -> None:
            with torch.inference_mode(False):
                self._bring(own)

        def after(module: nn.Module, inputs: object, output: object) -> None:
            with torch.inference_mode(False):
                self._take(own)

        self._hooks += [
            block.register_forward_pre_hook(before, prepend=True),
            # Also if the block is interrupted, or has too little memory.
            block.register_forward_hook(after, always_call=True),
        ]

    def _cost(self, tensor: Tensor) -> int:
        return self._small.get(tensor, tensor).nbytes

    def _shrink(self) -> None:
        """Weights in 8 bits at home too, and layers that widen theirs while they compute."""
        own = getattr(self.network, "_skip_layerwise_casting_patterns", None) or ()
        kept = (*DEFAULT_SKIP_MODULES_PATTERN, *own)
        for name, module in self.network.named_modules():
            if not isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d):
                continue
            if any(pattern.strip("^$.") in name for pattern in kept):
                continue
            weight = module.weight
            if weight.dtype != SMALL and weight.dim() > 1 and weight not in self._small:
                self._small[weight] = weight.data.clamp(-LARGEST, LARGEST).to(SMALL)
                self._widen(module, weight, weight.dtype)

    def _widen(self, layer: nn.Module, weight: Tensor, dtype: torch.dtype) -> None:
        def before(module: nn.Module, inputs: object) -> None:
            narrow.append(weight.data)
            with torch.inference_mode(False):
                weight.data = weight.data.to(dtype)

        def after(module: nn.Module, inputs: object, output: object) -> None:
            while narrow:
                weight.data = narrow.pop()

        narrow: list[Tensor] = []
        self._hooks += [
            layer.register_forward_pre_hook(before),
            layer.register_forward_hook(after, always_call=True),
        ]


def _tensors(module: nn.Module) -> Iterator[Tensor]:
    return chain(module.parameters(), module.buffers())


def _blocks(module: nn.Module, limit: int) -> Iterator[nn.Module]:
    """The modules that are moved as a whole. Only those that are called can be: a list is not,
    and attention of torch's own reads the weights of a layer in it without calling it."""
    for child in module.children():
        size = sum(tensor.nbytes for tensor in _tensors(child))
        called = not isinstance(child, nn.ModuleList | nn.ModuleDict)
        whole = size <= limit or isinstance(child, nn.MultiheadAttention)
        if called and (whole or not any(child.children())):
            if size:
                yield child
        else:
            yield from _blocks(child, limit)
