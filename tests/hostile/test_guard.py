"""The door holds: hostile, broken and mistaken files are refused with one sentence, quickly and in little memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from sync_engine.errors import WorkbookError
from sync_engine.stores.guard import DEFAULT, Limits, check_package, inflate_capped
from sync_engine.stores.guard_parts import MIB
from sync_engine.stores.guard_words import Reason, sentence
from tests.hostile import files
from tests.hostile.files import BOOK, GOOD, RELATIONS, SHEET, SHEET_PART, TYPES, pack, with_part
from workbook_templates.schema import Lang

NAME = "店铺.xlsx"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)
DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'
LAUGHS = b'<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
HIDDEN_DTD = b'<?xml version="1.0"?><!--' + b"x" * 40_000 + b"-->" + DTD[21:]


def doubled(path: Path) -> Path:
    return pack(path, [*GOOD.items(), (SHEET_PART, SHEET)])


def overlapping(path: Path) -> Path:
    """Two members of the directory share the same bytes."""
    files.raw_zip(path, files.good_members())
    data = bytearray(path.read_bytes())
    at = [found.start() for found in re.finditer(b"PK\x01\x02", data)]
    data[at[3] + 42 : at[3] + 46] = data[at[2] + 42 : at[2] + 46]
    path.write_bytes(data)
    return path


def other_local_name(path: Path) -> Path:
    files.raw_zip(path, files.good_members())
    path.write_bytes(path.read_bytes().replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml", 1))
    return path


def encrypted_member(path: Path) -> Path:
    files.raw_zip(path, files.good_members())
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    return path


def huge_directory(path: Path) -> Path:
    """The end record claims a directory of 3 GB."""
    data = bytearray(files.real(path).read_bytes())
    at = data.rindex(b"PK\5\6")
    data[at + 12 : at + 16] = (3_000_000_000).to_bytes(4, "little")
    path.write_bytes(data)
    return path


def compressed_otherwise(path: Path) -> Path:
    return pack(path, GOOD, zipfile.ZIP_LZMA)


def docx(path: Path) -> Path:
    types = TYPES.replace(b"spreadsheetml.sheet.main+xml", b"wordprocessingml.document.main+xml")
    return pack(path, {"[Content_Types].xml": types, "_rels/.rels": RELATIONS, "word/document.xml": b"<d/>"})


def strict(path: Path) -> Path:
    return with_part(
        path,
        "xl/workbook.xml",
        BOOK.replace(b"schemas.openxmlformats.org/spreadsheetml/2006", b"purl.oclc.org/ooxml/spreadsheetml"),
    )


def written(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return make


def part(name: str, data: bytes) -> Callable[[Path], Path]:
    return lambda path: with_part(path, name, data)


def without(name: str) -> Callable[[Path], Path]:
    return lambda path: pack(path, {key: data for key, data in GOOD.items() if key != name})


def cut(share: float) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        data = files.real(path).read_bytes()
        path.write_bytes(data[: int(len(data) * share)])
        return path

    return make


def folder(path: Path) -> Path:
    path.mkdir()
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], Reason]] = {
    "missing": (lambda path: path, Reason.MISSING),
    "folder": (folder, Reason.FOLDER),
    "empty": (written(b""), Reason.EMPTY),
    "old xls or encrypted": (written(OLE), Reason.OLD_OR_ENCRYPTED),
    "csv": (written("订单编号,总金额\n1,2\n".encode("gb18030")), Reason.PLAIN_TEXT),
    "csv utf-8": (written("\ufeff订单编号,总金额\n".encode()), Reason.PLAIN_TEXT),
    "html": (written(b"\r\n <HTML><table>"), Reason.WEB_PAGE),
    "html utf-8": (written(b"\xef\xbb\xbf<!DOCTYPE html><table>"), Reason.WEB_PAGE),
    "xml 2003": (written(b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'), Reason.WEB_PAGE),
    "zeros": (written(bytes(5000)), Reason.NO_ZIP),
    "picture": (written(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Reason.NO_ZIP),
    "cut to 99 %": (cut(0.99), Reason.DAMAGED),
    "cut to half": (cut(0.5), Reason.DAMAGED),
    "cut to 100 bytes": (cut(0.001), Reason.DAMAGED),
    "only PK": (written(b"PK\3\4"), Reason.DAMAGED),
    "empty zip": (lambda path: pack(path, {}), Reason.NOT_A_WORKBOOK),
    "other zip": (lambda path: pack(path, {"a.txt": b"x"}), Reason.NOT_A_WORKBOOK),
    "no content types": (without("[Content_Types].xml"), Reason.NOT_A_WORKBOOK),
    "no relationships": (without("_rels/.rels"), Reason.NOT_A_WORKBOOK),
    "no workbook part": (without("xl/workbook.xml"), Reason.NOT_A_WORKBOOK),
    "word": (docx, Reason.OTHER_OFFICE),
    "xlsb": (part("[Content_Types].xml", TYPES.replace(b"openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                                                       b"ms-excel.sheet.binary.macroEnabled.main")), Reason.OTHER_OFFICE),
    "strict": (strict, Reason.STRICT),
    "signed": (part("_xmlsignatures/sig1.xml", b"<s/>"), Reason.SIGNED),
    "member twice": (doubled, Reason.ODD_NAMES),
    "member twice by case": (part("XL/Workbook.XML", BOOK), Reason.ODD_NAMES),
    "absolute": (part("/etc/passwd", b"x"), Reason.ODD_NAMES),
    "upwards": (part("xl/../../evil.xml", b"<a/>"), Reason.ODD_NAMES),
    "upwards, windows": (part("xl\\..\\..\\evil.xml", b"<a/>"), Reason.ODD_NAMES),
    "drive": (part("C:/evil.xml", b"<a/>"), Reason.ODD_NAMES),
    "share": (part("\\\\host\\x", b"<a/>"), Reason.ODD_NAMES),
    "nul in name": (part("xl/a.xml\0.png", b"<a/>"), Reason.ODD_NAMES),
    "another local name": (other_local_name, Reason.ODD_NAMES),
    "overlapping members": (overlapping, Reason.DAMAGED),
    "encrypted member": (encrypted_member, Reason.LOCKED_MEMBERS),
    "lzma": (compressed_otherwise, Reason.LOCKED_MEMBERS),
    "huge directory": (huge_directory, Reason.DAMAGED),
    "dtd in a sheet": (part(SHEET_PART, DTD), Reason.ENTITIES),
    "billion laughs": (part("xl/sharedStrings.xml", LAUGHS), Reason.ENTITIES),
    "dtd in relationships": (part("xl/_rels/workbook.xml.rels", DTD), Reason.ENTITIES),
    "dtd in drawing": (part("xl/drawings/vmlDrawing1.vml", DTD), Reason.ENTITIES),
    "dtd in content types": (part("[Content_Types].xml", DTD + TYPES[38:]), Reason.ENTITIES),
    "dtd behind a comment": (part(SHEET_PART, HIDDEN_DTD), Reason.ENTITIES),
    "dtd in utf-16": (part(SHEET_PART, DTD.decode().encode("utf-16")), Reason.ENTITIES),
    "dtd in utf-16 without mark": (part(SHEET_PART, DTD.decode().encode("utf-16-be")), Reason.ENTITIES),
    "no xml": (part(SHEET_PART, b"\x4c\x6f\xa7\x94 EBCDIC"), Reason.DAMAGED),
    "bomb": (lambda path: files.bomb(path, 200 * MIB), Reason.BOMB),
    "nested claim": (lambda path: files.bomb(path, 8 * MIB, claimed=10), Reason.DAMAGED),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("lang", list(Lang))
def test_refused_with_the_right_sentence(tmp_path: Path, case: str, lang: Lang) -> None:
    make, reason = REFUSED[case]
    path = make(tmp_path / NAME)
    if case == "nested claim":
        with pytest.raises(ValueError, match="size"):
            read_part(path, SHEET_PART)
        return
    with pytest.raises(WorkbookError) as refused:
        check_package(path, lang)
    assert str(refused.value) == sentence(reason, NAME, lang)


def read_part(path: Path, name: str) -> bytes:
    """Read a member as a store does."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
    data = path.read_bytes()
    start = (
        info.header_offset
        + 30
        + int.from_bytes(data[info.header_offset + 26 : info.header_offset + 28], "little")
    )
    return inflate_capped(data[start : start + info.compress_size], info.file_size, DEFAULT.part)


@pytest.mark.parametrize("reason", list(Reason))
def test_sentences_name_the_file_and_say_what_to_do(reason: Reason) -> None:
    zh, en = sentence(reason, NAME, Lang.ZH), sentence(reason, NAME, Lang.EN)
    assert zh.count("。") == 1 and zh.endswith("。") and NAME in zh and ":" in zh
    assert en.endswith(".") and NAME in en and "\n" not in zh + en


# -- what is let in ---------------------------------------------------------------------------------------------------


def test_our_workbook_is_let_in_quickly(tmp_path: Path) -> None:
    path = files.real(tmp_path / NAME)
    started = time.perf_counter()
    for lang in Lang:
        check_package(path, lang)
    assert time.perf_counter() - started < 0.2


def foreign_links(path: Path) -> Path:
    return pack(path, {**GOOD, "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
                       "xl/externalLinks/_rels/externalLink1.xml.rels":
                           b'<Relationships><Relationship Target="file:///C:/secret.xlsx" TargetMode="External"/></Relationships>'})  # fmt: skip


def false_dimension(path: Path) -> Path:
    return with_part(
        path, SHEET_PART, SHEET.replace(b"<sheetData/>", b'<dimension ref="A1:XFD1048576"/><sheetData/>')
    )


def opc_variations(path: Path) -> Path:
    """Absolute targets, prefixes, a folder entry, a UTF-8 mark, an unused picture that deflates 1,000 times."""
    relations = RELATIONS.replace(b'Target="xl/', b'Target="/xl/').replace(b"<Relation", b"<p:Relation").replace(
        b"</Relation", b"</p:Relation").replace(b"xmlns=", b"xmlns:p=")  # fmt: skip
    parts = {
        **GOOD,
        "_rels/.rels": relations,
        "xl/": b"",
        "xl/media/blank.bmp": bytes(100 * MIB),
        SHEET_PART: b"\xef\xbb\xbf" + SHEET,
    }
    return pack(path, parts)


def stored(path: Path) -> Path:
    return pack(path, GOOD, zipfile.ZIP_STORED)


def by_openpyxl(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active["A1"] = "订单"  # type: ignore[index]
    book.save(path)
    return path


def utf_16(path: Path) -> Path:
    return with_part(
        path, "customXml/item1.xml", '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16")
    )


def empty_part(path: Path) -> Path:
    return with_part(path, "docProps/custom.xml", b"")


@pytest.mark.parametrize(
    "make",
    [foreign_links, false_dimension, opc_variations, stored, by_openpyxl, utf_16, empty_part],
    ids=lambda make: make.__name__,
)
def test_honest_oddities_are_let_in(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    check_package(make(tmp_path / NAME))


def test_a_macro_workbook_is_let_in(tmp_path: Path) -> None:
    types = TYPES.replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"
    )
    check_package(with_part(tmp_path / "店铺.xlsm", "[Content_Types].xml", types))


def sheet_of(cells_in_row: int, rows: int) -> list[bytes]:
    """Formatted blank cells."""
    letters = [get_column_letter(n + 1) for n in range(cells_in_row)]
    return [
        b'<row r="%d">' % n + "".join(f'<c r="{at}{n}" s="3"/>' for at in letters).encode() + b"</row>"
        for n in range(2, rows + 2)
    ]


def test_formatted_blank_rows_down_to_50_000_are_let_in(tmp_path: Path) -> None:
    raw, size, crc = files.deflated(
        iter([b"<worksheet><sheetData>", *sheet_of(37, 50_000), b"</sheetData></worksheet>"])
    )
    members = [m for m in files.good_members() if m[0] != SHEET_PART]
    path = files.raw_zip(tmp_path / NAME, [*members, (SHEET_PART, raw, size, crc)])
    assert size > 30 * MIB
    started = time.perf_counter()
    check_package(path)
    assert time.perf_counter() - started < 1


# -- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limits", "reason"), [
    (Limits(file=1000), Reason.TOO_LARGE), (Limits(members=3), Reason.TOO_MUCH), (Limits(part=1000), Reason.TOO_MUCH),
    (Limits(total=10_000), Reason.TOO_MUCH), (Limits(directory=100), Reason.DAMAGED),
    (Limits(watch_ratio=1, watch_from=0, cells=100), Reason.TOO_MUCH), (Limits(watch_ratio=1, watch_from=0, watched=100), Reason.TOO_MUCH),
    (Limits(ratio=2, harmless=1000), Reason.BOMB),
])  # fmt: skip
def test_every_limit_holds(tmp_path: Path, limits: Limits, reason: Reason) -> None:
    path = files.real(tmp_path / NAME)
    check_package(path)
    with pytest.raises(WorkbookError) as refused:
        check_package(path, limits=limits)
    assert str(refused.value) == sentence(reason, NAME, Lang.ZH)


def test_cells_are_counted_for_real(tmp_path: Path) -> None:
    path = files.bomb(tmp_path / NAME, 6 * MIB, b"<c r='A1'/><c r='B1'/>" * 1000)
    check_package(path)
    with pytest.raises(WorkbookError):
        check_package(path, limits=Limits(cells=100_000))


CELLS = b"<c r='A1'/><c r='B1'/>" * 1000
CHECK = """
import re, sys, time
from pathlib import Path
from sync_engine.errors import WorkbookError
from sync_engine.stores.guard import check_package
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before, started = peak(), time.perf_counter()
try:
    check_package(Path(sys.argv[1]))
    said = "let in"
except WorkbookError as error:
    said = str(error)
print(said, f"{time.perf_counter() - started:.3f}", f"{peak() - before:.1f}", sep="|")
"""


def many_members(path: Path) -> Path:
    """Half a million members of no size."""
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(60_000):
            archive.writestr(f"xl/{n}.xml", b"")
    return path


def many_heads(path: Path) -> Path:
    """As many parts as allowed, each beginning with a long comment."""
    data = b"<!--" + b" " * 1_000_000 + b"--><a/>"
    raw, size, crc = files.deflated(iter([data]))
    extra = [(f"xl/p{n}.xml", raw, size, crc) for n in range(2000)]
    return files.raw_zip(path, [*files.good_members(), *extra])


def many_cells(path: Path) -> Path:
    """The worst that is still counted: as large as may be, cells throughout, deflated just below the hard ratio."""
    block = b"".join(b"<c s='%d'/>" % (n % 7) * 40 for n in range(400)) + os.urandom(1100).hex().encode()
    size = DEFAULT.watched - 10 * MIB
    return files.bomb(path, size, block)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is told by /proc")
@pytest.mark.parametrize("make", [
    lambda path: files.bomb(path, 1024 * MIB), lambda path: files.bomb(path, 300 * MIB, CELLS, claimed=64 * MIB), many_cells,
    many_members, many_heads, huge_directory,
], ids=["1 GiB", "a lie", "many cells", "60,000 members", "long heads", "huge directory"])  # fmt: skip
def test_hostile_files_take_little_time_and_memory(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / NAME)
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    said, seconds, megabytes = done.stdout.strip().split("|")
    print(said, seconds, megabytes, f"{path.stat().st_size / MIB:.1f} MiB file")
    assert (
        float(seconds) < 20 and float(megabytes) < 100
    )  # a program that inflates them all takes over a minute
    assert NAME in said


# -- inflating --------------------------------------------------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@given(st.binary(max_size=5000))
def test_inflating_gives_back_what_was_deflated(data: bytes) -> None:
    assert inflate_capped(raw_deflate(data), len(data), 5000) == data


@given(st.binary(min_size=1, max_size=5000), st.integers(0, 10_000))
def test_a_claim_that_is_not_true_is_refused(data: bytes, claimed: int) -> None:
    if claimed != len(data):
        with pytest.raises(ValueError, match=r"size|damaged|claims"):
            inflate_capped(raw_deflate(data), claimed, 5000)


@given(st.binary(min_size=1, max_size=3000), st.data())
def test_a_stream_cut_short_is_refused(data: bytes, more: st.DataObject) -> None:
    raw = raw_deflate(data)
    kept = more.draw(st.integers(0, len(raw) - 1))
    with pytest.raises(ValueError, match=r"size|damaged"):
        inflate_capped(raw[:kept], len(data), 5000)


def test_more_than_the_cap_is_never_begun() -> None:
    with pytest.raises(ValueError, match="allowed"):
        inflate_capped(b"", 101, 100)
    with pytest.raises(ValueError, match="claims"):
        inflate_capped(b"", -1, 100)


@given(noise=st.binary(max_size=600))
def test_noise_is_never_let_in_and_never_raises_anything_else(
    noise: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / NAME
    for data in (noise, b"PK\3\4" + noise, b"PK\5\6" + noise):
        path.write_bytes(data)
        with pytest.raises(WorkbookError):
            check_package(path)


@given(more=st.data())
def test_flipped_bytes_raise_nothing_but_a_sentence(
    more: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.xlsx"
    data = bytearray(pack(path, GOOD).read_bytes())
    for _ in range(more.draw(st.integers(1, 4))):
        data[more.draw(st.integers(0, len(data) - 1))] = more.draw(st.integers(0, 255))
    path.write_bytes(data)
    try:
        check_package(path)
    except WorkbookError as refused:
        assert "flipped.xlsx" in str(refused)
