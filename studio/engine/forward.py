"""A picture noised under every forward process, for the Forward view."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from studio.core.events import Forwarded, Noised
from studio.core.wishes import Forward
from studio.diffusion.forward import PROCESSES, STEPS, Chains, Process, jump
from studio.diffusion.noise import Noise
from studio.engine.beginning import Encodings, small
from studio.engine.pixels import to_picture, to_tensor

SIDE = 160
"""The longest side of what is noised pixel by pixel, a thousand times."""
AT_ONCE = 60
"""Small steps taken for one answer: others wait for the thread too."""

Show = Callable[[Tensor], Tensor]


class Forwarder:
    """Keeps the chains of the last picture, so that a slider finds them where they are."""

    def __init__(self, encodings: Encodings) -> None:
        self._encodings = encodings
        self._of: tuple[object, ...] = ()
        self._chains: Chains | None = None
        self._x0 = torch.zeros(0)
        self._show: Show = _as_it_is
        self._draw: Callable[[int], Tensor] = _nothing

    @torch.inference_mode()
    def answer(self, wish: Forward) -> Forwarded:
        """Latents that are not there (yet) are answered with pixels: `wish.latents` is False."""
        chains, wish = self._prepared(wish)
        t = min(max(wish.t, 0), STEPS)
        reached, places = chains.at(t, AT_ONCE)
        noised = []
        for process, (x, piled) in zip(PROCESSES, places, strict=True):
            at = reached if wish.shared else t
            level = process.level(at)
            once = jump(self._x0, piled if wish.shared else self._draw(0).double(), level)
            noised.append(self._noised(process, t, once, x))
        return Forwarded(wish, reached, tuple(noised))

    def _noised(self, process: Process, t: int, once: Tensor, steps: Tensor) -> Noised:
        level = process.level(t)
        return Noised(
            process.name,
            level.alpha,
            level.sigma,
            process.beta(t),
            to_picture(self._show(once.float())),
            to_picture(self._show(steps.float())),
            curve(process),
        )

    def _prepared(self, wish: Forward) -> tuple[Chains, Forward]:
        encoded = self._encodings.of(wish.picture) if wish.latents else None
        key = (wish.picture, wish.seed, encoded)
        if self._chains is None or self._of != key:
            if encoded:
                self._x0, self._show = encoded.latents.clean.double(), encoded.preview
            else:
                self._x0 = to_tensor(small(wish.picture, SIDE)).double()
                self._show = _as_it_is
            noise = Noise([wish.seed], tuple(self._x0.shape[1:]))
            self._draw = lambda t: noise(t, 1)
            self._of, self._chains = key, Chains(PROCESSES, self._x0, self._draw)
        if wish.latents and not encoded:
            wish = Forward(wish.picture, wish.t, wish.seed, wish.shared, False, wish.slot)
        return self._chains, wish


def curve(process: Process, every: int = 10) -> tuple[float, ...]:
    """ᾱ at t = 0, every, … STEPS."""
    return tuple(float(bar) for bar in process.bars[::every])


def _as_it_is(x: Tensor) -> Tensor:
    return x


def _nothing(t: int) -> Tensor:
    raise LookupError(f"no picture yet at {t}")
