"""The UNet, its noise schedule, and the loss it learns from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional as F

from studio.starter.config import DenoiserConfig
from studio.starter.scenes import PARTS
from studio.starter.text import naming_head, naming_loss

STEPS = 1000
_OBJECTS = tuple(PARTS.index(p) for p in ("light", "tree", "building", "boat", "balloon"))


def alphas_cumprod(snr_divisor: float) -> Tensor:
    """The cosine schedule with its signal-to-noise ratio divided, as alpha² for t = 0 … 999.

    sigma / alpha = sqrt(divisor) · tan(pi u / 2), u from 0.01 to 0.987: it ends near
    50 · sqrt(divisor), pure noise to the eye but finite, so that samplers in sigma can use it too.
    """
    u = torch.linspace(0.01, 0.987, STEPS, dtype=torch.float64)
    return 1 / (1 + snr_divisor * torch.tan(torch.pi * u / 2).square())


def build_scheduler(snr_divisor: float) -> DDIMScheduler:
    """diffusers' scheduler for this model; only its numbers are used."""
    cumulative = alphas_cumprod(snr_divisor)
    before = torch.cat([torch.ones(1, dtype=torch.float64), cumulative[:-1]])
    betas = (1 - cumulative / before).tolist()
    return DDIMScheduler(
        num_train_timesteps=STEPS,
        trained_betas=betas,
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )


def build_unet(config: DenoiserConfig, latent_channels: int, side: int, text_width: int) -> Any:
    """An untrained UNet2DConditionModel; the caption also enters pooled, beside the time.

    The two levels before the innermost one attend, the outer ones only convolve: what is where
    is decided in few cells, and attention costs the square of their number.
    """
    levels = len(config.channels)
    attends = [levels - 3 <= k <= levels - 2 for k in range(levels)]
    down = ["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attends]
    up = ["CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attends)]
    return UNet2DConditionModel(
        sample_size=side,
        in_channels=latent_channels,
        out_channels=latent_channels,
        block_out_channels=config.channels,
        layers_per_block=config.layers,
        down_block_types=tuple(down),
        up_block_types=tuple(up),
        mid_block_type="UNetMidBlock2DCrossAttn",
        cross_attention_dim=text_width,
        attention_head_dim=config.heads,
        time_embedding_dim=config.time_width,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
        norm_num_groups=config.norm_groups,
    )


def hidden_matrices(unet: Any) -> list[nn.Parameter]:
    """The weights between hidden layers, of two or more dimensions: those that Muon is for.

    Layers that read the latents, the time or the pooled caption and the one that gives the
    prediction are left to AdamW, as Muon's author advises: their directions are not alike.
    """
    edges = ("conv_in", "conv_out", "time_embedding", "add_embedding")
    return [p for n, p in unet.named_parameters() if p.ndim > 1 and not n.startswith(edges)]


class Learner(nn.Module):
    """The UNet with two auxiliary heads that make it say what and where things are.

    From the middle block every attribute of the scene must be named, from the first upward block
    the share of each part in each cell, at every noise level. Both are dropped afterwards.
    """

    def __init__(self, config: DenoiserConfig, unet: Any) -> None:
        super().__init__()
        self.config = config
        self.unet = unet
        self.names = naming_head(2 * config.channels[-1])
        self.where = nn.Conv2d(config.channels[-1], 4 * len(PARTS), 1)
        self._seen: dict[str, Tensor] = {}
        unet.mid_block.register_forward_hook(self._keep_middle)
        unet.up_blocks[0].register_forward_hook(self._keep_upward)
        self.register_buffer("squares", alphas_cumprod(config.snr_divisor).float(), False)

    def _keep_middle(self, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
        self._seen["middle"] = output

    def _keep_upward(self, _module: nn.Module, _inputs: Any, output: Tensor) -> None:
        self._seen["upward"] = output

    def forward(self, x: Tensor, t: Tensor, context: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """v, attribute scores, and part scores (n, parts, 4k, 4k) of k² innermost cells."""
        v = self.unet(x, t, context, return_dict=False)[0]
        middle, upward = self._seen.pop("middle"), self._seen.pop("upward")
        pooled = torch.cat([middle.mean(dim=(2, 3)), middle.amax(dim=(2, 3))], dim=1)
        return v, self.names(pooled), F.pixel_shuffle(self.where(upward), 2)

    def losses(
        self, x0: Tensor, noise: Tensor, t: Tensor, context: Tensor, answers: Tensor, maps: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The denoising, naming and mapping losses.

        x0 and noise (n, c, h, w), t (n,) in 0 … 999, maps (n, m, m) part indices with m a
        multiple of h. v = alpha · noise - sigma · x0 (Salimans and Ho 2022); its squared error is
        taken as it is up to a signal-to-noise ratio of `snr_cap` and damped above, as in min-SNR
        (Hang et al. 2023), which would also damp the noisy levels where the picture is composed.

        What objects weigh more counts only with alpha², where it is nearly known what is an
        object. In noise it would not only stress but bend: the best prediction is then the mean
        E[w·v] / E[w], in which every object that may be there is too likely. A model that learned
        so painted buildings and moons twice.
        """
        square = self.squares[t][:, None, None, None]  # type: ignore[index]
        alpha, sigma = square.sqrt(), (1 - square).sqrt()
        v, scores, parts = self(alpha * x0 + sigma * noise, t, context)
        onehot = F.one_hot(maps.long(), len(PARTS)).permute(0, 3, 1, 2).float()
        shares = F.adaptive_avg_pool2d(onehot, x0.shape[-1])
        objects = shares[:, _OBJECTS].sum(dim=1, keepdim=True)
        weight = 1 + (self.config.weight_objects - 1) * objects * square
        snr = square / (1 - square)
        weight = weight * (1 + snr).clamp(max=1 + self.config.snr_cap) / (1 + snr)
        error = (v.float() - (alpha * noise - sigma * x0)).square()
        target = F.adaptive_avg_pool2d(onehot, parts.shape[-1])
        mapping = F.cross_entropy(parts.float(), target)
        return (weight * error).mean(), naming_loss(scores, answers), mapping


def timesteps(rng: np.random.Generator, count: int) -> Tensor:
    """One t each from `count` equal stretches of 0 … 999, shuffled: less noisy than independent."""
    u = (np.arange(count) + rng.random(count)) / count
    return torch.from_numpy(rng.permutation((u * STEPS).astype(np.int64)))
