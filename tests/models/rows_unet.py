"""The agreement table's rows of the families on a UNet."""

from __future__ import annotations

from functools import partial

from tests.models.agreement import CHANNELS, FILL, IMAGE, RECIPE, TEXT, Row, pipeline
from tests.tiny import make_tiny

SD = {
    TEXT: pipeline("StableDiffusionPipeline"),
    IMAGE: pipeline("StableDiffusionImg2ImgPipeline"),
    FILL: pipeline("StableDiffusionInpaintPipeline"),
}

ROWS = (
    *(
        Row("Stable Diffusion", kind, partial(make_tiny, prediction_type=kind), SD, RECIPE)
        for kind in ("epsilon", "v_prediction", "sample")
    ),
    Row(
        "Stable Diffusion",
        "inpainting",
        partial(make_tiny, in_channels=9),
        {CHANNELS: pipeline("StableDiffusionInpaintPipeline")},
        RECIPE,
    ),
)
