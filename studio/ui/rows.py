"""Number rows bound to settings."""

from __future__ import annotations

from studio.session.settings import Settings
from studio.ui.bind import bind
from studio.ui.controls import NumberRow


def bind_number(settings: Settings, field: str, row: NumberRow) -> None:
    """A field and a row of the same unit; whole numbers stay whole."""
    whole = isinstance(getattr(settings, field), int)
    bind(settings, field, row, row.changed, row.whole if whole else row.value, row.set_value)


def percent(text: str, object_name: str, tip: str, low: int = 1) -> NumberRow:
    """A row that shows a part of one as per cent."""
    row = NumberRow(text, object_name, (low, 100), tip=tip)
    row.field.setSuffix(" %")
    return row


def bind_percent(settings: Settings, field: str, row: NumberRow) -> None:
    """A field in 0…1 and a row made by `percent`."""
    bind(
        settings,
        field,
        row,
        row.changed,
        lambda: row.value() / 100,
        lambda part: row.set_value(round(part * 100)),
    )
