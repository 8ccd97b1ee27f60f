import torch
import torch.nn.functional as F

from studio.models.preview import fit_preview


def smooth() -> torch.Tensor:
    field = torch.rand(1, 3, 5, 5, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return F.interpolate(field, size=(64, 64), mode="bicubic")


def test_a_linear_decoder_is_found_exactly() -> None:
    """Latents that hold RGB in another basis: the fitted map has to undo the mixing."""
    mix = torch.tensor([[0.5, 0.2, -0.1], [0.0, 0.7, 0.3], [0.4, -0.3, 0.6], [0.1, 0.1, 0.1]])

    def encode(pixels: torch.Tensor) -> torch.Tensor:
        return torch.einsum("lc,bchw->blhw", mix, F.avg_pool2d(pixels, 8))

    def decode(latents: torch.Tensor) -> torch.Tensor:
        rgb = torch.einsum("cl,blhw->bchw", torch.linalg.pinv(mix), latents)
        return F.interpolate(rgb, scale_factor=8, mode="nearest")

    preview = fit_preview(encode, decode, 64)
    latents = encode(smooth())
    wanted = F.avg_pool2d(decode(latents), 4)
    assert preview(latents).shape == (1, 3, 16, 16)
    assert torch.allclose(preview(latents), wanted, atol=0.02)


def test_many_channels_give_a_finer_picture() -> None:
    """Sixteen channels that are a 2×2 arrangement of RGB and more: finer than one cell."""

    def encode(pixels: torch.Tensor) -> torch.Tensor:
        cells = F.pixel_unshuffle(F.avg_pool2d(pixels, 4), 2)
        return torch.cat([cells, cells[:, :4]], dim=1)

    def decode(latents: torch.Tensor) -> torch.Tensor:
        return F.interpolate(F.pixel_shuffle(latents[:, :12], 2), scale_factor=4, mode="nearest")

    preview = fit_preview(encode, decode, 64)
    latents = encode(smooth())
    assert preview.k == 4
    assert torch.allclose(preview(latents), F.avg_pool2d(decode(latents), 2), atol=0.02)
