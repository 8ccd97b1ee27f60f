from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from studio.starter.__main__ import main


def test_a_contact_sheet_is_written(tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    assert main(["sheet", "--out", str(out), "--count", "6", "--columns", "3", "--size", "16"]) == 0
    with Image.open(out) as page:
        assert page.size == (3 * 20 + 4, 2 * 20 + 4)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["sheet", "--out", "x.png", "--count", "0"], 2),
        (["sheet", "--out", "missing/folder/x.png", "--count", "1"], 1),
        (["sheet", "--out", "x.abc", "--count", "1"], 2),
        (["show", "--model", "missing", "--out", "x.abc"], 2),
        (["train", "--work", "w", "--threads", "0"], 2),
        (["train", "--work", "w", "--start", "missing"], 1),
        (["show", "--model", "missing", "--out", "x.png"], 1),
        (["show", "--model", "missing", "--out", "x.png", "--steps", "0"], 2),
        (["train", "--work", "w", "--config", "missing.json"], 1),
        (["train", "--work", "w", "--config", "broken.json"], 2),
        (["evaluate", "--model", "missing", "--work", "w"], 1),
        (["evaluate", "--model", "missing", "--work", "w", "--count", "1"], 2),
        (["evaluate", "--model", "missing", "--work", "old"], 2),
    ],
)
def test_what_cannot_work_is_one_sentence(
    arguments: list[str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text('{"seed": 1}')
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "config.json").write_text('{"seed": 1}')
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert error.startswith("studio.starter: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error


def test_a_bad_option_is_exit_code_two() -> None:
    with pytest.raises(SystemExit) as stop:
        main(["sheet", "--colour", "red"])
    assert stop.value.code == 2
