from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.core.picture import Mask, Picture
from studio.session import maskfiles
from studio.session.message import Message
from studio.session.session import Session
from tests.session.scripted import new_session


@pytest.fixture
def session() -> Session:
    made = new_session()
    made.document.open(Picture(np.zeros((20, 30, 3), np.uint8)), "photo")
    return made


@pytest.fixture
def said(session: Session) -> list[Message]:
    messages: list[Message] = []
    session.said.connect(messages.append)
    return messages


def gradient() -> np.ndarray:
    return np.arange(600, dtype=np.uint16).reshape(20, 30).astype(np.uint8)


def saved(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def test_a_mask_goes_to_a_file_and_back_without_a_change(session, said, tmp_path):
    session.document.set_mask(Mask(gradient()))
    assert maskfiles.save(session, tmp_path / "mask")
    assert said[-1].text == "Saved the mask as mask.png."
    session.document.mask_clear()
    assert maskfiles.load(session, tmp_path / "mask.png")
    assert np.array_equal(session.document.mask.pixels, gradient())
    session.document.undo()
    assert not session.document.has_mask


def test_brightness_or_transparency_is_the_mask(session, tmp_path):
    grey = gradient()
    color = np.dstack([grey, grey, grey])
    assert maskfiles.load(session, saved(tmp_path / "rgb.png", color))
    assert np.array_equal(session.document.mask.pixels, grey)
    session.document.mask_clear()
    alpha = np.dstack([np.full_like(color, 30), grey])
    assert maskfiles.load(session, saved(tmp_path / "alpha.png", alpha))
    assert np.array_equal(session.document.mask.pixels, grey)


def test_what_cannot_be_used_is_refused_in_a_sentence(session, said, tmp_path):
    assert not maskfiles.load(session, saved(tmp_path / "small.png", gradient()[:10]))
    assert "30x10" in said[-1].text
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert not maskfiles.load(session, tmp_path / "broken.png")
    assert not maskfiles.load(session, tmp_path / "missing.png")
    session.document.clear()
    assert not maskfiles.load(session, saved(tmp_path / "fine.png", gradient()))
    assert said[-1].text == "A mask needs a picture."
    assert len(said) == 4
    assert not session.document.has_mask


def test_an_empty_mask_is_told_of(session, said, tmp_path):
    assert maskfiles.load(session, saved(tmp_path / "black.png", np.zeros((20, 30), np.uint8)))
    assert "black all over" in said[-1].text


def test_what_cannot_be_saved_is_told(session, said, tmp_path):
    assert not maskfiles.save(session, tmp_path / "mask.png")
    assert said[-1].text == "There is no mask to save yet."
    session.document.mask_fill()
    assert not maskfiles.save(session, tmp_path / "mask.jpg")
    assert "PNG" in said[-1].text
    assert not maskfiles.save(session, tmp_path / "no" / "such" / "folder" / "mask.png")
    assert not list(tmp_path.iterdir())
