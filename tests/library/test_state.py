from __future__ import annotations

import pytest

from studio.core.errors import CannotWrite
from studio.library.folders import Folders
from studio.library.state import load_state, save_state


@pytest.fixture
def folders(tmp_path) -> Folders:
    return Folders(tmp_path / "pictures", tmp_path / "data")


def test_what_is_saved_is_loaded(folders):
    assert load_state(folders) == {}
    save_state(folders, {"prompt": "雪 \n", "sizes": [1, 2.5, None, True]})
    assert load_state(folders) == {"prompt": "雪 \n", "sizes": [1, 2.5, None, True]}


def test_half_a_character_is_no_reason_to_lose_the_rest(folders):
    save_state(folders, {"prompt": "a\ud83d"})
    assert load_state(folders) == {"prompt": "a\ud83d"}


@pytest.mark.parametrize("damage", [b"", b'{"prompt": "a', b"\xff\xfe", b"[1]", b"[" * 100_000])
def test_a_damaged_state_is_kept_aside(folders, damage):
    save_state(folders, {})
    folders.state.write_bytes(damage)
    assert load_state(folders) == {}
    assert not folders.state.exists()
    assert folders.state.with_name("state.json.damaged").read_bytes() == damage
    save_state(folders, {"a": 1})
    assert load_state(folders) == {"a": 1}


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite):
        save_state(Folders(tmp_path, tmp_path / "file" / "data"), {})
