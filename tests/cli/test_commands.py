"""The command line, in process, on the toy model and a library of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from studio.cli import main
from tests.models.tiny_lecture import make_ddpm

ROOT = Path(__file__).parents[2]
TOY = ["--model", "toy", "--size", "64x48", "--seed", "7"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_DEVICE", "cpu")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def pixels(path: str | Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def photo(path: Path, width: int = 120, height: int = 90) -> Path:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def spot(path: Path, width: int = 120, height: int = 90) -> Path:
    mask = np.zeros((height, width), np.uint8)
    mask[30:50, 40:70] = 255
    Image.fromarray(mask).save(path)
    return path


def test_generate_writes_the_picture_and_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["generate", "--prompt", "red", *TOY, "--out", "a.png", "--trajectory", "t"]
    assert main(command) == 0
    assert "a.png" in capsys.readouterr().out
    assert pixels("a.png").shape == (48, 64, 3)
    assert len(list(Path("t").glob("x0_*.png"))) == 20
    first = pixels("a.png")
    assert main(command) == 0
    assert np.array_equal(pixels("a.png"), first)
    assert main(["generate", "--prompt", "red", *TOY, "--seed", "8", "--out", "b.png"]) == 0
    assert not np.array_equal(pixels("b.png"), first)


def test_the_trajectory_obeys_the_update_rule_of_ddim() -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png", "--trajectory", "t"])
    rows = load_file("t/trajectory.safetensors")
    x, x0, alpha, sigma = (rows[name].astype(np.float64) for name in ("x", "x0", "alpha", "sigma"))
    assert len(x) == len(x0) == len(alpha) == len(sigma) == len(rows["timestep"]) == 20
    for i in range(19):
        epsilon = (x[i] - alpha[i] * x0[i]) / sigma[i]
        wanted = alpha[i + 1] * x0[i] + sigma[i + 1] * epsilon
        assert np.allclose(x[i + 1], wanted, atol=1e-5)
    assert np.array_equal(pixels("t/x0_019.png"), pixels("a.png"))


def test_without_out_the_picture_goes_to_the_pictures_folder(home: Path) -> None:
    assert main(["generate", "--prompt", "red", *TOY]) == 0
    assert len(list((home / "pictures").rglob("*.png"))) == 1


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["generate", "--prompt", "red", *TOY, "--batch", "2", "--out", "a.png", "--json"]) == 0
    )
    data = json.loads(capsys.readouterr().out)
    assert [Path(picture["path"]).name for picture in data["pictures"]] == ["a.png", "a-2.png"]
    assert [picture["seed"] for picture in data["pictures"]] == [7, 8]
    assert data["recipe"]["prompt"] == "red"
    assert Path("a-2.png").exists()


def test_replay_makes_every_picture_again(capsys: pytest.CaptureFixture[str]) -> None:
    photo(Path("photo.png"))
    spot(Path("mask.png"))
    base = ["generate", "--prompt", "red", *TOY]
    main([*base, "--out", "text.png", "--trajectory", "t", "--batch", "2"])
    main([*base, "--out", "image.png", "--image", "photo.png", "--strength", "0.6"])
    main([*base, "--out", "fill.png", "--image", "photo.png", "--mask", "mask.png"])
    main(["branch", "t", "--step", "5", "--prompt", "blue", "--out", "branch.png"])
    capsys.readouterr()
    for name in ("text", "text-2", "image", "fill", "branch", "branch-2"):
        assert main(["replay", f"{name}.png"]) == 0, name
        assert "Every pixel is the same" in capsys.readouterr().out


def test_replay_says_when_a_pixel_differs(capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png"])
    with Image.open("a.png") as image:
        info, changed = image.text, np.array(image)
    changed[3, 4] ^= 255
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    for key, value in info.items():
        texts.add_itxt(key, value)
    Image.fromarray(changed).save("b.png", pnginfo=texts)
    assert main(["replay", "b.png"]) == 1
    assert "1 of 3072 pixels differ" in capsys.readouterr().out


def test_replay_computes_with_as_many_threads_as_its_picture_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = torch.get_num_threads()
    used: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    monkeypatch.setenv("OMP_NUM_THREADS", str(before))
    assert main(["generate", "--prompt", "red", *TOY, "--out", "a.png"]) == 0
    monkeypatch.setenv("OMP_NUM_THREADS", str(before + 1))
    assert main(["replay", "a.png"]) == 0
    assert used == [before, before]


def test_replay_leaves_nothing_behind(home: Path) -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png"])
    before = sorted(home.rglob("*.png"))
    assert main(["replay", "a.png", "--out", "again.png"]) == 0
    assert sorted(home.rglob("*.png")) == before
    assert np.array_equal(pixels("a.png"), pixels("again.png"))


def test_branch_without_a_change_is_the_same_picture() -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png", "--trajectory", "t"])
    assert main(["branch", "t", "--step", "10", "--out", "b.png"]) == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_branch_with_another_prompt_shares_the_steps_before() -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png", "--trajectory", "t"])
    command = ["branch", "t", "--step", "10", "--prompt", "blue", "--out", "b.png"]
    assert main([*command, "--trajectory", "u"]) == 0
    assert not np.array_equal(pixels("a.png"), pixels("b.png"))
    for index in range(20):
        name = f"x0_{index:03d}.png"
        same = np.array_equal(pixels(Path("t") / name), pixels(Path("u") / name))
        assert same == (index < 10)


def test_a_fill_says_how_wide_its_band_is(capsys: pytest.CaptureFixture[str]) -> None:
    source = pixels(photo(Path("photo.png")))
    spot(Path("mask.png"))
    command = ["generate", "--prompt", "red", *TOY, "--image", "photo.png", "--mask", "mask.png"]
    assert main([*command, "--feather", "5", "--out", "a.png"]) == 0
    said = capsys.readouterr().out
    assert "within 5 pixels outside the mask" in said
    assert "0 pixels changed beyond" in said
    changed = (pixels("a.png") != source).any(axis=2)
    outside = np.ones_like(changed)
    outside[25:55, 35:75] = False
    assert changed.any()
    assert not (changed & outside).any()


def test_inspect_prints_the_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png"])
    capsys.readouterr()
    assert main(["inspect", "a.png"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["recipe"]["prompt"] == "red"
    assert data["recipe"]["seed"] == 7


def test_models_are_listed_added_and_removed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from tests.tiny import make_tiny

    folder = make_tiny(tmp_path / "My Model")
    assert main(["models", "add", str(folder)]) == 0
    assert main(["models", "list", "--json"]) == 0
    names = [m["name"] for m in json.loads(capsys.readouterr().out.splitlines()[-1])["models"]]
    assert "my-model" in names
    assert names[-1] == "toy"
    assert (
        main(["generate", "--prompt", "x", "--model", "my-model", "--steps", "2", "--out", "a.png"])
        == 0
    )
    assert main(["models", "remove", "my-model"]) == 0
    assert folder.is_dir()
    capsys.readouterr()
    assert main(["models"]) == 0
    assert "my-model" not in capsys.readouterr().out


def test_doctor_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert data["device"].startswith("cpu")
    assert data["versions"]["torch"]
    assert data["folders"]["pictures"].endswith("pictures")


BAD = [
    ["generate"],
    ["generate", "--prompt", "x", "--steps", "0"],
    ["generate", "--prompt", "x", "--size", "0x0"],
    ["generate", "--prompt", "x", "--size", "100000x100000"],
    ["generate", "--prompt", "x", "--size", "huge"],
    ["generate", "--prompt", "x", "--size", "63x63"],
    ["generate", "--prompt", "word " * 10000],
    ["generate", "--prompt", "x", "--sampler", "magic"],
    ["generate", "--prompt", "x", "--model", "magic"],
    ["generate", "--prompt", "x", "--seed", "-3"],
    ["generate", "--prompt", "x", "--eta", "3"],
    ["generate", "--prompt", "x", "--option", "variance=beta"],
    ["generate", "--prompt", "x", "--guidance", "nan"],
    ["generate", "--prompt", "x", "--strength", "0.5"],
    ["generate", "--prompt", "x", "--image", "gone.png"],
    ["generate", "--prompt", "x", "--image", "text.png"],
    ["generate", "--prompt", "x", "--image", "cut.jpg"],
    ["generate", "--prompt", "x", "--image", "photo.png", "--mask", "small.png"],
    ["generate", "--prompt", "x", "--image", "photo.png", "--mask", "empty.png"],
    ["generate", "--prompt", "x", "--mask", "small.png"],
    ["generate", "--prompt", "x", "--device", "abacus"],
    ["generate", "--prompt", "x", "--out", "text.png/a.png"],
    ["generate", "--prompt", "x", "--out", "nowhere/a.png"],
    ["generate", "--prompt", "x", "--out", "a.gif"],
    ["generate", "--prompt", "x", "--out", "."],
    ["generate", "--prompt", "x", "--out", ""],
    ["generate", "--prompt", "x", "--out", "a" * 300 + ".png"],
    ["generate", "--prompt", "x", "--trajectory", ""],
    ["generate", "--prompt", "x", "--trajectory", "a" * 300],
    ["generate", "--prompt", "x", "--trajectory", "text.png"],
    ["branch", "nowhere", "--step", "1"],
    ["branch", "text.png", "--step", "1"],
    ["branch", "t", "--step", "99"],
    ["branch", "t"],
    ["replay", "photo.png"],
    ["replay", "gone.png"],
    ["inspect", "text.png"],
    ["inspect", "photo.png"],
    ["models", "add", "nowhere"],
    ["models", "add", "t"],
    ["models", "remove", "starter"],
    ["models", "remove", "magic"],
    ["models", "get", "not a name"],
    ["fly"],
    [],
]


@pytest.mark.parametrize("command", BAD, ids=lambda command: " ".join(command)[:60] or "nothing")
def test_bad_input_is_one_sentence_and_leaves_nothing(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("text.png").write_text("This is not a picture.")
    photo(Path("photo.png"))
    spot(Path("small.png"), 30, 90)
    Image.new("L", (120, 90)).save("empty.png")
    photo(Path("whole.jpg"))
    Path("cut.jpg").write_bytes(Path("whole.jpg").read_bytes()[:300])
    if command[:2] in (["branch", "t"], ["models", "add"]):
        main(["generate", "--prompt", "x", *TOY, "--trajectory", "t", "--out", "first.png"])
    if command[:1] == ["generate"] and "--model" not in command:
        command = [*command, "--model", "toy"]
    before = sorted(path for path in tmp_path.rglob("*") if path.suffix == ".png")
    capsys.readouterr()
    code = main(command)
    out, err = capsys.readouterr()
    assert code in (1, 2)
    assert out == ""
    assert err.startswith("studio: ")
    assert len(err.strip().splitlines()) == 1, err
    assert "Traceback" not in err
    assert sorted(path for path in tmp_path.rglob("*") if path.suffix == ".png") == before


def test_help_and_version_exit_with_zero(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["--help"], ["--version"], ["generate", "--help"]):
        with pytest.raises(SystemExit) as left:
            main(command)
        assert left.value.code == 0
    assert "Diffusion Studio" in capsys.readouterr().out


def test_every_models_command_prints_one_object_with_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from tests.tiny import make_tiny

    folder = make_tiny(tmp_path / "tiny")
    capsys.readouterr()
    for command, key in (
        (["models", "--json"], "models"),
        (["models", "--json", "list"], "models"),
        (["models", "add", str(folder), "--json"], "added"),
        (["models", "remove", "tiny", "--json"], "removed"),
    ):
        assert main(command) == 0
        assert list(json.loads(capsys.readouterr().out)) == [key]


def test_a_trajectory_replaces_the_one_before_it() -> None:
    Path("t").mkdir()
    Path("t/mine.png").write_bytes(b"mine")
    base = ["generate", "--prompt", "red", *TOY, "--out", "a.png", "--trajectory", "t"]
    assert main([*base, "--steps", "6", "--batch", "2"]) == 0
    assert main([*base, "--steps", "3"]) == 0
    names = sorted(path.name for path in Path("t").iterdir())
    steps = ["x0_000.png", "x0_001.png", "x0_002.png"]
    assert names == ["mine.png", "trajectory.safetensors", *steps]


def test_a_trajectory_folder_may_have_any_name() -> None:
    base = ["generate", "--prompt", "red", *TOY, "--steps", "3", "--out", "a.png"]
    assert main([*base, "--trajectory", "t.safetensors"]) == 0
    assert main(["branch", "t.safetensors", "--step", "1", "--out", "b.png"]) == 0
    assert np.array_equal(pixels("a.png"), pixels("b.png"))


def test_what_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    prompt = "red 🏝 \udcff"
    main(["generate", "--prompt", prompt, *TOY, "--out", "a.png", "--steps", "1"])
    inspect = [sys.executable, "-m", "studio", "inspect"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*inspect, "a.png"], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["recipe"]["prompt"] == prompt
    done = subprocess.run([*inspect, "🏝.png"], env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"studio: There is no file")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    main(["generate", "--prompt", "red", *TOY, "--out", "a.png", "--steps", "1"])
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "studio", "inspect", "a.png"],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["studio: No space left on device."]


@pytest.mark.skipif(os.name == "nt", reason="POSIX shells")
def test_closed_standard_streams_are_no_failure() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"exec '{sys.executable}' -m studio models list >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], env=environment, check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("index", lambda row: None),
        ("index", lambda row: row[:0]),
        ("plan", lambda row: row[:3]),
        ("targets", lambda row: row[:1]),
        ("held", lambda row: row.reshape(-1)),
        ("x", lambda row: row * np.float32(np.nan)),
    ],
)
def test_a_damaged_trajectory_is_one_sentence(
    name: str, change: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    photo(Path("photo.png"))
    spot(Path("mask.png"))
    fill = ["generate", *TOY, "--prompt", "red", "--steps", "3"]
    fill += ["--image", "photo.png", "--mask", "mask.png"]
    assert main([*fill, "--out", "a.png", "--trajectory", "t"]) == 0
    file = Path("t/trajectory.safetensors")
    with safe_open(file, "np") as stored:
        metadata = stored.metadata()
    rows = load_file(file)
    row = change(rows.pop(name))
    save_file({**rows, **({} if row is None else {name: row})}, file, metadata)
    capsys.readouterr()
    assert main(["branch", "t", "--step", "1", "--out", "b.png"]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "incomplete" in said


def test_a_step_is_explained_as_text_and_as_latex(capsys: pytest.CaptureFixture[str]) -> None:
    made = ["generate", "--prompt", "red", *TOY, "--sampler", "ddpm", "--batch", "2"]
    assert main([*made, "--out", "a.png", "--trajectory", "t"]) == 0
    capsys.readouterr()
    explain = ["explain", "t", "--step", "4", "--image", "2", "--place", "1", "0", "3"]
    assert main(explain) == 0
    text = capsys.readouterr().out
    assert "Step 4 · DDPM" in text
    assert "Values at channel 1, row 0, column 3" in text
    x = load_file("t/trajectory.safetensors")["x"][4, 1, 1, 0, 3]
    assert f"x_t = {x:.9g} (RMS" in text
    assert main([*explain, "--latex"]) == 0
    assert r"\begin{align*}" in capsys.readouterr().out
    assert main(["explain", "t", "--step", "99"]) == 2
    assert "no step 99" in capsys.readouterr().err
    assert main(["explain", "t", "--step", "1", "--image", "3"]) == 2


def test_a_command_that_needs_no_network_does_not_wait_for_torch() -> None:
    code = (
        "import sys, studio.cli.main\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'cv2', 'scipy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_photo_is_filled_from_itself_and_only_with_a_mask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.tile(np.array([40, 200], np.uint8).repeat(4), (70, 10))
    Image.fromarray(np.stack([pixels] * 3, 2)).save(tmp_path / "photo.png")
    mask = np.zeros(pixels.shape, np.uint8)
    mask[25:45, 30:50] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    words = ["generate", "--model", "patches", "--steps", "4", "--seed", "1"]
    words += ["--image", str(tmp_path / "photo.png"), "--out", str(tmp_path / "out.png")]
    assert main(words) == 2
    assert "fills what is painted over" in capsys.readouterr().err
    assert main([*words, "--mask", str(tmp_path / "mask.png")]) == 0
    made = np.asarray(Image.open(tmp_path / "out.png"))[..., 0]
    assert np.array_equal(made[mask == 0], pixels[mask == 0])
    assert np.abs(made.astype(int) - pixels)[mask > 0].mean() < 20


def test_where_a_fill_takes_from_is_chosen_by_masks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.full((80, 120, 3), 60, np.uint8)
    pixels[:, 60:] = 200
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    for name, box in (("mask", (30, 50, 45, 75)), ("from", (0, 80, 80, 120))):
        mask = np.zeros((80, 120), np.uint8)
        mask[box[0] : box[2], box[1] : box[3]] = 255
        Image.fromarray(mask).save(tmp_path / f"{name}.png")
    words = ["generate", "--steps", "4", "--seed", "1", "--image", str(tmp_path / "photo.png")]
    words += ["--out", str(tmp_path / "out.png"), "--mask", str(tmp_path / "mask.png")]
    chosen = ["--model", "patches", "--from-mask", str(tmp_path / "from.png")]
    assert main([*words, *chosen[2:]]) == 2
    assert "does not fill from places" in capsys.readouterr().err
    assert main([*words[:-2], *chosen]) == 2
    assert "need --mask" in capsys.readouterr().err
    assert main([*words, *chosen]) == 0
    made = np.asarray(Image.open(tmp_path / "out.png"))
    assert np.abs(made[32:43, 52:73].astype(int) - 200).max() < 3  # the light side alone
    assert main(["replay", str(tmp_path / "out.png")]) == 0
    capsys.readouterr()
    chosen[2] = "--not-from-mask"
    assert main([*words, *chosen]) == 0
    made = np.asarray(Image.open(tmp_path / "out.png"))
    assert made[32:43, 52:54].mean() < 70


def test_a_model_that_takes_no_words_is_asked_without_any(tmp_path: Path) -> None:
    assert main(["models", "add", str(make_ddpm(tmp_path / "digits"))]) == 0
    assert main(["generate", "--model", "digits", "--steps", "2", "--out", "a.png"]) == 0
    assert pixels("a.png").shape == (16, 16, 3)
