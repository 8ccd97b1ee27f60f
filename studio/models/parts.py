"""The networks of a loaded model, each ready on the device when it is used."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from studio.models.memo import Memo
from studio.models.placement import Placement, denoises
from studio.models.weights import Weights

if TYPE_CHECKING:
    from studio.models.adapters.embeddings import Vocabulary
    from studio.models.adapters.wardrobe import Wardrobe

CHANNELS_LAST = ("unet", "vae")
"""Convolutions are faster so on every device, and on CPUs most of all."""
SHARED = ("mps",)
"""Devices that have the machine's memory under another name: what is brought to them is not kept
twice. From any other it can leave at once, since it stayed at home as well."""


class Parts:
    """Networks by the name of their part, for inference only.

    A family asks for a network right before every call of it and never keeps it, so that where
    it lives in between can be changed. `dtype` is what the networks compute in.
    """

    def __init__(
        self, networks: Mapping[str, nn.Module], device: torch.device, dtype: torch.dtype
    ) -> None:
        self.device, self.dtype = device, dtype
        self.worn: Hashable = ()
        """What changes the text encoders now: a part of the key of all that is kept of theirs."""
        self.placement = Placement()
        self.moves = device.type != "cpu"
        """Whether networks are moved at all. On a CPU they are where they compute."""
        self.rescued: set[str] = set()
        """Parts whose output was no number, and that computed it again in more digits."""
        self._networks = dict(networks)
        self.wardrobe: Wardrobe | None = None
        self.vocabularies: Mapping[str, Vocabulary] = {}
        """The tokenizers that can learn words, by the name of their part."""
        for part, network in self._networks.items():
            self._ready(part, network)
        keeps = device.type not in SHARED
        self._weights = {part: Weights(n, device, keeps) for part, n in self._networks.items()}
        self._memo = Memo(device)

    def _ready(self, part: str, network: nn.Module) -> None:
        network.requires_grad_(False).eval()
        upcast = part == "vae" and getattr(network.config, "force_upcast", False)
        if upcast and self.dtype == torch.float16:
            network.to(torch.float32)  # Its own configuration says that half precision overflows.
        if part in CHANNELS_LAST:
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def use(self, part: str) -> Any:
        """The network, on the device."""
        if self.moves:
            for here, weights in self._weights.items():
                if weights.away and self.placement.goes(here, part):
                    weights.leave()
            small = self.placement.small and denoises(part)
            self._weights[part].come(self.placement.budget, small)
        return self._networks[part]

    def config(self, part: str) -> Any:
        """The network's configuration, without bringing it to the device."""
        return self._networks[part].config

    def networks(self) -> Mapping[str, nn.Module]:
        """All of them, wherever they are."""
        return self._networks

    def computes(self, part: str) -> torch.dtype:
        """What this part computes in: `dtype`, or more digits where that would overflow."""
        for weight in self._networks[part].parameters():
            if weight.dtype in (torch.float16, torch.bfloat16, torch.float32):
                return weight.dtype
        return self.dtype

    def remember(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` returns, made once a key: for what text encoders make of a prompt.

        See `Memo` for what it may be. It stays wherever the networks go.
        """
        return self._memo.of((self.worn, key), make)

    def forget(self) -> None:
        """Nothing that is remembered holds any longer."""
        self._memo.clear()

    def twin(self, networks: Mapping[str, nn.Module]) -> Parts:
        """The same with other networks, that stay where they are; nothing is shared."""
        made = copy(self)
        made.moves, made.rescued, made._networks = False, set(), dict(networks)
        made._weights = {part: Weights(n, self.device) for part, n in networks.items()}
        made._memo, made.wardrobe = Memo(self.device), None
        return made

    # Where they live

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of each part's weights."""
        return {part: weights.size for part, weights in self._weights.items()}

    @property
    def blocks(self) -> Mapping[str, int]:
        """Bytes of each part that come to the device at once where it comes block by block."""
        return {part: weights.block for part, weights in self._weights.items()}

    @property
    def there(self) -> int:
        """Bytes that are on the device now."""
        return sum(weights.there for weights in self._weights.values())

    def follow(self, placement: Placement) -> None:
        """Share the device like this from now on."""
        if placement == self.placement:
            return
        if replace(placement, tile=self.placement.tile) != self.placement:
            self.leave()
        for network in self._networks.values():
            slices = getattr(network, "set_attention_slice", None)
            if callable(slices) and placement.sliced != self.placement.sliced:
                slices("auto" if placement.sliced else None)
        self.placement = placement

    def leave(self) -> None:
        """Take every network off the device. They come back when they are used."""
        for weights in self._weights.values():
            weights.leave()

    @contextmanager
    def rescue(self, part: str) -> Iterator[None]:
        """Meanwhile this part computes in float32."""
        self.rescued.add(part)
        with self._weights[part].cast(torch.float32):
            yield


def parts_of(family: object) -> Parts | None:
    """The networks of a loaded model; None for one that has none to be moved."""
    parts = getattr(family, "parts", None)
    return parts if isinstance(parts, Parts) else None
