from __future__ import annotations

import json
from dataclasses import fields

import pytest

from studio.core.errors import BadInput
from studio.core.limits import GIB, MIB
from studio.session import memory
from studio.session.preferences import OPTIONS, Preferences, Preferred
from tests.session.scripted import Scripted, new_session


def test_every_preference_has_one_row_and_that_rows_default() -> None:
    assert {f.name: f.default for f in fields(Preferences)} == {
        name: option.default for name, option in OPTIONS.items()
    }


def test_what_is_set_is_told_once_and_comes_back_at_the_next_start() -> None:
    preferred, told = Preferred(), []
    preferred.changed.connect(told.append)
    preferred.set("step_memory", 1024)
    preferred.set("step_memory", 1024.0)
    assert [now.step_memory for now in told] == [1024.0]
    again = Preferred()
    again.from_json(json.loads(json.dumps(preferred.to_json())))
    assert again.now == preferred.now
    again.reset()
    assert again.now == Preferences()


def test_what_cannot_be_is_refused_and_what_cannot_be_read_is_left_out() -> None:
    preferred = Preferred()
    with pytest.raises(BadInput, match="Memory for steps"):
        preferred.set("step_memory", 1.0)
    preferred.from_json({"step_memory": "much", "step_disk": 3, "of another version": 1})
    assert preferred.now == Preferences(step_disk=3.0)


def test_the_engine_hears_of_its_limits() -> None:
    session = new_session()
    backend = session.queue.backend
    assert isinstance(backend, Scripted)
    session.preferred.set("step_disk", 1.0)
    assert (backend.limits.memory, backend.limits.disk) == (512 * MIB, GIB)
    saved = memory.snapshot(session)
    other = new_session()
    memory.restore_settings(other, saved)
    assert other.preferred.now.step_disk == 1.0
