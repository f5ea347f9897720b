"""The embedded fonts: complete, small, licensed; other characters come from the system or are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync_engine.labels import glyphs
from sync_engine.labels.glyphs import FONTS, GETA, OWN, Glyphs, clean

NOTO_CFF = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


@pytest.fixture
def no_system_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "system_font_paths", list)


def test_files_are_small_and_carry_their_licence() -> None:
    assert all((FONTS / name).stat().st_size < 2_000_000 for name in OWN)
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence


def test_their_names_are_not_the_reserved_ones() -> None:
    for name in OWN:
        font = glyphs._open(FONTS / name)
        assert font is not None
        assert font.face.name.startswith(b"BiaomaoLabel")


def test_every_character_of_gb2312_is_there(no_system_fonts: None) -> None:
    found = Glyphs()
    every = bytes(range(0x20, 0x7F)).decode()
    for row in (*range(0xA1, 0xAA), *range(0xB0, 0xF8)):
        for cell in range(0xA1, 0xFF):
            every += bytes((row, cell)).decode("gb2312", errors="ignore")
    assert len(every) > 7500
    for character in every:
        found.of(character)
    assert found.missing == set()


def test_a_hanzi_is_one_em_wide(no_system_fonts: None) -> None:
    assert Glyphs().width("包裹龢") == pytest.approx(3.0)


def test_a_character_nobody_has_is_drawn_as_geta_and_named(no_system_fonts: None) -> None:
    found = Glyphs()
    assert found.runs("好😀𠮷") == [("Biaomao-BiaomaoLabel-1", "好" + GETA + GETA)]
    assert found.missing == {"😀", "𠮷"}


def test_a_system_font_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "OWN", OWN[:1])
    monkeypatch.setattr(glyphs, "system_font_paths", lambda: [FONTS / OWN[1]])
    found = Glyphs()
    assert found.runs("王龢") == [("Biaomao-BiaomaoLabel-1", "王"), ("Biaomao-BiaomaoLabel-2", "龢")]
    assert found.missing == set()


def test_a_system_font_that_cannot_be_embedded_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"\0\1\0\0" + b"junk" * 50)
    paths = [broken, *([NOTO_CFF] if NOTO_CFF.is_file() else [])]
    monkeypatch.setattr(glyphs, "system_font_paths", lambda: paths)
    found = Glyphs()
    assert found.runs("𠮷") == [("Biaomao-BiaomaoLabel-1", GETA)]


def test_invisible_characters_are_left_out() -> None:
    assert clean("\u202e张\u200d三\x00\n四\ufe0f\ud800\t") == "张三 四"
