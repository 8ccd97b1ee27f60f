"""The networks of a loaded model, each ready on the device when it is used."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from studio.models.adapters.wardrobe import Wardrobe

CHANNELS_LAST = ("unet", "vae")
"""Convolutions are faster so on every device, and on CPUs most of all."""


class Parts:
    """Networks by the name of their part, for inference only.

    A family asks for a network right before every call of it and never keeps it, so that where
    it lives in between can be changed. `dtype` is what the networks compute in.
    """

    def __init__(
        self, networks: Mapping[str, nn.Module], device: torch.device, dtype: torch.dtype
    ) -> None:
        self.device, self.dtype = device, dtype
        self._networks = dict(networks)
        self.worn: Hashable = ()
        """What changes the text encoders now: a part of the key of all that is kept of theirs."""
        self.wardrobe: Wardrobe | None = None
        for part, network in self._networks.items():
            network.requires_grad_(False).eval().to(device)
            if part in CHANNELS_LAST:
                network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def use(self, part: str) -> Any:
        """The network, on the device."""
        return self._networks[part]

    def config(self, part: str) -> Any:
        """The network's configuration, without bringing it to the device."""
        return self._networks[part].config

    def networks(self) -> Mapping[str, nn.Module]:
        """All of them, wherever they are."""
        return self._networks
