"""What models of the newer kinds can do, from their configurations. The rows are in `kinds`.

Steps, guidance and lengths of prompts are those that the models were published with.
"""

from __future__ import annotations

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import Abilities
from studio.models.source import Source, vae_factor

PATCH = 2
"""All of them see the latents in patches of 2×2 cells."""
COMMON_SIDE = 1024


def stable_diffusion_3(source: Source) -> Abilities:
    network, latent = source.config("transformer"), _channels(source)
    return Abilities(
        native_size=_square(int(network["sample_size"]) * vae_factor(source)),
        multiple=vae_factor(source) * PATCH,
        inpaint_channels=_inpaints(source, latent, 2 * latent + 1),
        default_steps=28,
        default_guidance=4.5 if network.get("qk_norm") else 7.0,  # 3.5 or 3
        default_sampler="euler",
        max_tokens=256 if "text_encoder_3" in source.parts else 77,
        tokenizer="tokenizer_3" if "text_encoder_3" in source.parts else "tokenizer",
        chunks="text_encoder_3" not in source.parts,
        adapters=("sd3",),
        autoencoder="flux",
        half="bfloat16",
    )


def flux(source: Source) -> Abilities:
    """dev was distilled from guidance and is told its scale, Fill too; schnell has none."""
    network, latent, factor = source.config("transformer"), _channels(source), vae_factor(source)
    embedded = bool(network["guidance_embeds"])
    fill = _inpaints(source, PATCH**2 * latent, PATCH**2 * (2 * latent + factor**2))
    steps, guidance = (50, 30.0) if fill else (28, 3.5)
    return Abilities(
        native_size=_square(int(source.config("vae").get("sample_size") or COMMON_SIDE)),
        multiple=factor * PATCH,
        negative_prompt=False,
        embedded_guidance=embedded,
        inpaint_channels=fill,
        default_steps=steps if embedded else 4,
        default_guidance=guidance if embedded else 1.0,
        default_sampler="euler",
        max_tokens=512 if embedded else 256,
        tokenizer="tokenizer_2",
        adapters=("flux",),
        autoencoder="flux",
        half="bfloat16",
    )


def z_image(source: Source) -> Abilities:
    """Turbo was distilled to few steps without guidance, and comes with a smaller shift.

    Guidance counts from 1 here as everywhere: 1 + what diffusers' pipeline calls so.
    """
    if source.config("transformer").get("siglip_feat_dim"):
        raise CannotLoad(
            f"{source.path} is a Z-Image model that wants pictures besides words.",
            "It cannot be used yet: choose Z-Image or Z-Image Turbo.",
        )
    turbo = float(source.config("scheduler").get("shift") or 1.0) <= 3.0
    return Abilities(
        native_size=_square(int(source.config("vae").get("sample_size") or COMMON_SIDE)),
        multiple=vae_factor(source) * PATCH,
        default_steps=8 if turbo else 50,
        default_guidance=1.0 if turbo else 5.0,
        default_sampler="euler",
        max_tokens=512,
        adapters=("z-image",),
        autoencoder="flux",
        half="bfloat16",
    )


def pixart(source: Source) -> Abilities:
    network = source.config("transformer")
    if network.get("use_additional_conditions"):
        raise CannotLoad(
            f"{source.path} is a PixArt-α model, which wants to be told the picture's shape.",
            "It cannot be used yet: choose PixArt-Σ.",
        )
    return Abilities(
        native_size=_square(int(network["sample_size"]) * vae_factor(source)),
        multiple=vae_factor(source) * int(network["patch_size"]),
        default_steps=20,
        default_guidance=4.5,
        default_sampler="dpmpp_2m",
        max_tokens=300,
        adapters=("pixart-sigma",),
        autoencoder="sd",
        half="bfloat16",
    )


def _square(side: int) -> Size:
    return Size(side, side)


def _channels(source: Source) -> int:
    return int(source.config("vae").get("latent_channels", 16))


def _inpaints(source: Source, plain: int, filling: int) -> bool:
    """Whether the network was made for filling, by the channels it takes.

    Raises CannotLoad if it takes something else: an edge drawing, depth, a second picture.
    """
    channels = int(source.config("transformer")["in_channels"])
    if channels not in (plain, filling):
        raise CannotLoad(
            f"The network in {source.path} takes {channels} channels, where {plain} are for "
            f"drawing and {filling} for filling.",
            "Networks with other extra channels cannot be used yet; choose another model.",
        )
    return channels == filling
