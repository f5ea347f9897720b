"""Short constructors for columns, so that a table's declaration reads like the table."""

from __future__ import annotations

from workbook_templates.schema import Choice, Column, Kind, Owner


def tmall(name: str, zh: str, en: str, kind: Kind, help_zh: str, help_en: str, *, width: float = 12,
          choices: tuple[Choice, ...] = (), wrap: bool = False, pii: bool = False) -> Column:  # fmt: skip
    """A column mirrored from the platform."""
    return Column(name=name, zh=zh, en=en, owner=Owner.TMALL, kind=kind, help_zh=help_zh, help_en=help_en,
                  width=width, choices=choices, wrap=wrap, pii=pii)  # fmt: skip


def engine(name: str, zh: str, en: str, kind: Kind, help_zh: str, help_en: str, *, width: float = 12,
           choices: tuple[Choice, ...] = (), wrap: bool = False, hidden: bool = False) -> Column:  # fmt: skip
    """A column the engine works out."""
    return Column(name=name, zh=zh, en=en, owner=Owner.ENGINE, kind=kind, help_zh=help_zh, help_en=help_en,
                  width=width, choices=choices, wrap=wrap, hidden=hidden)  # fmt: skip


def staff(name: str, zh: str, en: str, kind: Kind, help_zh: str, help_en: str, *, width: float = 12,
          choices: tuple[Choice, ...] = (), wrap: bool = False, required: bool = False) -> Column:  # fmt: skip
    """A column people type."""
    return Column(name=name, zh=zh, en=en, owner=Owner.STAFF, kind=kind, help_zh=help_zh, help_en=help_en,
                  width=width, choices=choices, wrap=wrap, required=required)  # fmt: skip


def secret(
    name: str,
    zh: str,
    en: str,
    kind: Kind,
    help_zh: str,
    help_en: str,
    *,
    width: float = 12,
    wrap: bool = False,
) -> Column:
    """A column people type plain personal data in."""
    return Column(name=name, zh=zh, en=en, owner=Owner.STAFF, kind=kind, help_zh=help_zh, help_en=help_en, width=width, wrap=wrap,
                  pii=True, secret=True)  # fmt: skip
