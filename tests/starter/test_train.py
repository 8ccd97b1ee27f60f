from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from PIL import Image

from studio.core.errors import BadInput
from studio.starter.__main__ import main
from studio.starter.config import Config
from studio.starter.export import export
from studio.starter.sampling import load_networks, sample
from studio.starter.text import build_tokenizer
from studio.starter.train import Minutes, Run
from studio.starter.walk import Progress

# WORKAROUND diffusers 0.42: it announces a rename, deprecates sharing its own options, and
# warns of dtypes where there are none to keep.
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def losses(folder: Path, config: Config) -> dict[tuple[str, int], float]:
    return {(p.lesson, p.step): p.loss for p in Run(folder, config).train(Minutes(), processes=1)}


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory,
    tiny: Config,
    one_thread: None,  # sums of several threads may differ in their last bits
) -> tuple[Path, dict]:  # type: ignore[type-arg]
    folder = tmp_path_factory.mktemp("run")
    return folder, losses(folder, tiny)


def test_a_run_goes_through_all_lessons(finished: tuple[Path, dict], tiny: Config) -> None:  # type: ignore[type-arg]
    folder, curve = finished
    steps = [tiny.autoencoder.steps, tiny.text.steps, tiny.denoiser.steps]
    steps += [tiny.decoder.steps]
    assert len(curve) == sum(steps)
    assert all(np.isfinite(list(curve.values())))
    assert (folder / f"sheet-{tiny.denoiser.steps:06d}.png").exists()


def test_an_interrupted_run_repeats_the_uninterrupted_one(
    finished: tuple[Path, dict],
    tiny: Config,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    _, expected = finished
    hasty = replace(tiny, checkpoint_seconds=0.0)  # a checkpoint after every step
    seen: dict[tuple[str, int], float] = {}
    for count in (2, 4, 4, 5, 2, None):
        torch.manual_seed(999)  # the state of the process must not matter
        walk = Run(tmp_path, hasty).train(Minutes(), processes=1)
        part: list[Progress] = list(islice(walk, count))
        walk.close()
        seen |= {(p.lesson, p.step): p.loss for p in part}
    assert seen == expected


def test_training_lowers_the_loss(tiny: Config, tmp_path: Path) -> None:
    longer = replace(
        tiny,
        autoencoder=replace(tiny.autoencoder, steps=40),
        text=replace(tiny.text, steps=60, learning_rate=4e-3),
        denoiser=replace(tiny.denoiser, steps=60, learning_rate=4e-3),
    )
    curve = losses(tmp_path, longer)
    for lesson, share in (("autoencoder", 0.95), ("text", 0.95), ("denoiser", 0.9)):
        values = [loss for (name, _), loss in curve.items() if name == lesson]
        assert np.mean(values[-8:]) < share * np.mean(values[:8]), lesson


def test_other_settings_do_not_continue_a_run(tiny: Config, tmp_path: Path) -> None:
    Run(tmp_path, tiny)
    with pytest.raises(BadInput, match="other settings"):
        Run(tmp_path, replace(tiny, seed=4))


def test_a_run_can_start_from_a_model(
    finished: tuple[Path, dict],
    tiny: Config,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    known = tmp_path / "known"
    shutil.copytree(finished[0] / "model", known)
    still = replace(tiny, denoiser=replace(tiny.denoiser, learning_rate=0.0, steps=1))
    wanted = load_networks(known)
    # Ended while the pictures are learned, and resumed without the argument or the model.
    walk = Run(tmp_path / "run", still).train(Minutes(), processes=1, start=known)
    next(walk)
    walk.close()
    shutil.rmtree(known)
    run = Run(tmp_path / "run", still)
    lessons = {p.lesson for p in run.train(Minutes(), processes=1)}
    assert lessons == {"autoencoder", "denoiser", "decoder"}
    for mine, theirs in ((run.unet, wanted.unet), (run.encoder, wanted.encoder)):
        found = theirs.state_dict()
        assert all(torch.equal(w, found[name]) for name, w in mine.state_dict().items())


def test_a_run_that_began_otherwise_takes_no_start(
    finished: tuple[Path, dict],
    tiny: Config,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    model = finished[0] / "model"
    with pytest.raises(BadInput, match="begun without a model"):
        next(Run(finished[0], tiny).train(Minutes(), processes=1, start=model))
    walk = Run(tmp_path / "run", tiny).train(Minutes(), processes=1, start=model)
    next(walk)
    walk.close()
    other = tmp_path / "other"
    shutil.copytree(model, other)
    (other / "model_index.json").write_text("{}")
    with pytest.raises(BadInput, match="begun with another model"):
        next(Run(tmp_path / "run", tiny).train(Minutes(), processes=1, start=other))


@pytest.mark.parametrize(
    ("part", "reason"), [("denoiser", "3 levels do not fit into 2"), ("text", "of another size")]
)
def test_a_model_built_otherwise_is_refused_before_any_work(
    part: str,
    reason: str,
    finished: tuple[Path, dict],
    tiny: Config,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    changes: dict[str, Any] = {
        "denoiser": replace(tiny.denoiser, channels=(16, 16)),
        "text": replace(tiny.text, width=32),
    }
    run = Run(tmp_path, replace(tiny, **{part: changes[part]}))
    with pytest.raises(BadInput, match=reason):
        next(run.train(Minutes(), processes=1, start=finished[0] / "model"))
    assert not (tmp_path / "cache").exists()


def test_a_model_of_other_words_is_no_start(
    finished: tuple[Path, dict],
    tiny: Config,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    other = tmp_path / "other"
    shutil.copytree(finished[0] / "model", other)
    build_tokenizer(["something", "else"]).save_pretrained(other / "tokenizer")
    with pytest.raises(BadInput, match="other words"):
        next(Run(tmp_path / "run", tiny).train(Minutes(), processes=1, start=other))


def test_with_minutes_the_clock_ends_the_lesson(tiny: Config, tmp_path: Path) -> None:
    walk = Run(tmp_path, tiny).train(Minutes(autoencoder=0.01), processes=1)
    steps = [p for p in islice(walk, 400) if p.lesson == "autoencoder"]
    walk.close()
    assert 0 < len(steps) < 400
    assert steps[-1].saved
    assert steps[-1].done == 1


def test_the_finished_folder_is_an_ordinary_pipeline(
    finished: tuple[Path, dict],
    tmp_path: Path,
    tiny: Config,  # type: ignore[type-arg]
) -> None:
    from diffusers import StableDiffusionPipeline

    run = Run(finished[0], tiny)
    run.publish(tmp_path / "model")
    pipe = StableDiffusionPipeline.from_pretrained(tmp_path / "model", torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    picture = pipe(
        "a red house by the sea", num_inference_steps=3, guidance_scale=3.0,
        generator=torch.Generator().manual_seed(0),
    ).images[0]  # fmt: skip
    assert picture.size == (tiny.size, tiny.size)
    assert pipe.vae.config.scaling_factor == 1
    assert pipe.safety_checker is None
    assert pipe.scheduler.config.prediction_type == "v_prediction"
    assert pipe.unet.config.addition_embed_type == "text"


def test_the_folder_holds_halves_and_the_average(finished: tuple[Path, dict]) -> None:  # type: ignore[type-arg]
    from safetensors.torch import load_file

    folder = finished[0]
    unet = load_file(folder / "model/unet/diffusion_pytorch_model.safetensors")
    assert {v.dtype for v in unet.values()} == {torch.float16}
    state = torch.load(folder / "denoiser.pt", weights_only=True)
    trained = state["lesson"]["weights"]["learner"]["unet.conv_in.weight"]
    averages = [a for a in state["lesson"]["average"] if a.shape == trained.shape]
    assert any(torch.equal(unet["conv_in.weight"], a.half()) for a in averages)
    assert not torch.equal(unet["conv_in.weight"], trained.half())


def test_the_folder_does_not_say_where_it_was_made(
    finished: tuple[Path, dict],
    tmp_path: Path,
    tiny: Config,  # type: ignore[type-arg]
) -> None:
    networks = Run(finished[0], tiny).networks
    networks.vae.register_to_config(_name_or_path="somewhere/of/mine")
    export(tmp_path / "model", networks)
    assert not [f for f in (tmp_path / "model").rglob("*.json") if "of/mine" in f.read_text()]
    assert AutoencoderKL.from_pretrained(tmp_path / "model" / "vae").config.scaling_factor == 1


def test_the_prompts_of_the_card_are_shown(
    finished: tuple[Path, dict],
    tiny: Config,
    tmp_path: Path,  # type: ignore[type-arg]
) -> None:
    out = tmp_path / "page.jpg"
    model = str(finished[0] / "model")
    assert main(["show", "--model", model, "--out", str(out), "--steps", "1"]) == 0
    with Image.open(out) as page:
        assert page.size == (6 * (tiny.size + 4) + 4, 4 * (tiny.size + 4) + 4)


def test_a_sample_depends_on_its_seed_alone(finished: tuple[Path, dict], tiny: Config) -> None:  # type: ignore[type-arg]
    run = Run(finished[0], tiny)
    first = sample(run.networks, ["a red house"], steps=2, guidance=2.0, seed=4)
    again = sample(run.networks, ["a red house"], steps=2, guidance=2.0, seed=4)
    other = sample(run.networks, ["a red house"], steps=2, guidance=2.0, seed=5)
    assert first[0].tobytes() == again[0].tobytes() != other[0].tobytes()
