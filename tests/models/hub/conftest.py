"""A hub on loopback with a model of random bytes, and no patience."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator

import pytest

from studio.models.hub import line, patience
from tests.models.hub.server import Hub, serving

INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "scheduler": ["diffusers", "PNDMScheduler"],
    "safety_checker": ["stable_diffusion", "StableDiffusionSafetyChecker"],
}
UNET = {"sample_size": 64, "block_out_channels": [32, 64], "in_channels": 4}
VAE = {"block_out_channels": [32, 32, 64, 64], "latent_channels": 4}
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def model(size: int = 3 << 20) -> dict[str, bytes]:
    """Names and configurations as on the hub; weights that no program could read."""
    return {
        "model_index.json": json.dumps(INDEX).encode(),
        "README.md": b"# A model",
        WEIGHTS: content(size),
        "unet/config.json": json.dumps(UNET).encode(),
        "vae/diffusion_pytorch_model.safetensors": content(200_000, 2),
        "vae/config.json": json.dumps(VAE).encode(),
        "text_encoder/model.safetensors": content(100_000, 3),
        "text_encoder/config.json": b'{"max_position_embeddings": 77}',
        "tokenizer/vocab.json": b"{}",
        "tokenizer/merges.txt": b"",
        "scheduler/scheduler_config.json": b"{}",
        "setup.py": b"raise SystemExit('never run')",
    }


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long waits between tries, and a line is dead after a second."""
    monkeypatch.setattr(patience, "FIRST", 0.01)
    monkeypatch.setattr(patience, "LONGEST", 0.02)
    monkeypatch.setattr(line, "STALL", 0.5)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Hub]]:
    """Serve files; what is downloaded in this process comes from there."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    open_hubs = []

    def start(files: dict[str, bytes] | None = None, main: bool = True) -> Hub:
        served = serving(Hub(model() if files is None else files))
        hub = served.__enter__()
        open_hubs.append(served)
        if main:
            monkeypatch.setenv("HF_ENDPOINT", hub.url)
        return hub

    yield start
    for served in open_hubs:
        served.__exit__(None, None, None)
