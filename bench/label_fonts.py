"""Makes the two label fonts from an OFL-licensed Noto Sans CJK: run it to change which characters the labels carry.

    python bench/label_fonts.py [SOURCE] [--face NAME]

SOURCE is NotoSansCJK-Regular.ttc (Debian: package fonts-noto-cjk) or another OFL font with Chinese outlines; needs
`fonttools`. It writes to sync_engine/labels/fonts/: `BiaomaoLabel-1.ttf` (ASCII, the symbols of GB2312 and its 3,755 level-1 hanzi)
and `BiaomaoLabel-2.ttf` (its 3,008 level-2 hanzi and rarer characters of place names and personal names). Outlines
become TrueType quadratics, because a PDF written by reportlab cannot embed CFF; hints and layout tables are left out,
because labels are drawn glyph by glyph. The family is renamed, because the OFL reserves the source's names. The same
source gives the same bytes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

FONTS = Path(__file__).resolve().parent.parent / "sync_engine" / "labels" / "fonts"
DEBIAN_SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FAMILY = "Biaomao Label"
MAX_ERROR = 1.5
"""How far, in 1/1000 em, a quadratic outline may stray from the cubic one: 0.005 mm at 10 points, under a tenth of a dot at 300 dpi."""
MAX_BYTES = 2_000_000

SYMBOLS = "·•–—€℉™©®¥£¶⇒⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳▼▽♡♥♪✓㎜㎝㎞㎎㎏㎡㏄"
PLACES = "埇埗崁沚浉滘瀍猇硚莿萣鄠垟堽塆塝墈嵖洣洑洺浕浬涢淏渼滃漈漖潖澥濛瀔塅塱堌崟磜磡礐筼莙荙菉蓢藠跶铚锜镕闿霅靰鞡飏馃鲘鹮龑"
NAMES = "喆堃玥犇昇祎珺璟瑄翀焜晞頔赟旸暐曈曌昉玘玙珮珣琇琎琤瑀瑢瑨璠瓅彣彧姞姮娫婳媞嫄嫚嬅嬿垚埈堉墡奡妘妧伋倧偲偁傕儁冔凊勍卬吰唫啓嘒屾峣崀崚巘帡廙弢弸徯惇愔慜戭扆抃摛撝敔旻旼昳晳暅暎朏栐梣棨棪棻楙榑橒汭沄沨沺洢浛浡浥淓渟湉湙湜湝溁溦澂澐澔濬炆炘烜烺煐燊燏燚爔甡畯皕皞盉睆碁碞祐禔禛禟禤稑竑簃縯纁纮翙翚翯翾芃茀莯蒨虓衎褆訚訢諲譞谞贇贠赪跱遹鄩鋆锳镠霂頠顒颋骎骕鹍鹥龢囍"


def gb2312(rows: range) -> list[str]:
    """The characters of some rows of GB2312 (1-9 symbols, 16-55 level 1, 56-87 level 2)."""
    found = []
    for row in rows:
        for cell in range(1, 95):
            try:
                found.append(bytes((0xA0 + row, 0xA0 + cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return found


def characters() -> tuple[set[str], set[str]]:
    """What goes into the first file and into the second."""
    first = {chr(code) for code in range(0x20, 0x7F)} | set(gb2312(range(1, 56))) | set(SYMBOLS)
    second = set(gb2312(range(56, 88))) | set(PLACES) | set(NAMES)
    return first, second - first


def load(source: Path, face: str) -> Callable[[], Any]:
    """A function that opens the source face anew; a collection is searched for the face of that name."""
    if source.suffix.lower() not in (".ttc", ".otc"):
        return lambda: TTFont(source)
    names = [font["name"].getDebugName(4) for font in TTCollection(source).fonts]
    number = names.index(face)
    return lambda: TTFont(source, fontNumber=number)


def subset(font: Any, wanted: set[str]) -> Any:
    """The font cut down to `wanted`, without hints and layout."""
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    cutter = Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in sorted(wanted)])
    cutter.subset(font)
    return font


def build(font: Any, number: int) -> Any:
    """A TrueType font of the subset's glyphs under our own name."""
    order, glyphs, shapes = font.getGlyphOrder(), {}, font.getGlyphSet()
    for name in order:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        glyphs[name] = pen.glyph()
    builder = FontBuilder(font["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(font.getBestCmap())
    builder.setupGlyf(glyphs)
    left = builder.font["glyf"].glyphs
    builder.setupHorizontalMetrics(
        {name: (font["hmtx"][name][0], getattr(left[name], "xMin", 0)) for name in order}
    )
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1160, usWinDescent=288, fsType=0)
    builder.setupNameTable(names(font, number))
    builder.setupPost(keepGlyphNames=False)
    builder.font["head"].created = builder.font["head"].modified = font["head"].created
    builder.font.recalcTimestamp = False
    return builder.font


def names(font: Any, number: int) -> dict[str, str]:
    """The name table: our family, the source's copyright and licence."""
    said = font["name"]
    return {
        "copyright": str(said.getDebugName(0) or ""),
        "familyName": f"{FAMILY} {number}",
        "styleName": "Regular",
        "uniqueFontIdentifier": f"BiaomaoLabel-{number};1.0",
        "fullName": f"{FAMILY} {number}",
        "version": "Version 1.0",
        "psName": f"BiaomaoLabel-{number}",
        "licenseDescription": "Licensed under the SIL Open Font License, Version 1.1. A modified subset; see OFL.txt.",
        "licenseInfoURL": "https://openfontlicense.org",
    }


def main() -> None:
    """Write both files and say what is in them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", nargs="?", type=Path, default=DEBIAN_SOURCE)
    parser.add_argument("--face", default="Noto Sans CJK SC", help="full name of the face in a collection")
    chosen = parser.parse_args()
    opened = load(chosen.source, chosen.face)
    for number, wanted in enumerate(characters(), 1):
        font = build(subset(opened(), wanted), number)
        path = FONTS / f"BiaomaoLabel-{number}.ttf"
        font.save(path)
        size, lacking = path.stat().st_size, sorted(wanted - {chr(code) for code in font.getBestCmap()})
        print(
            f"{path.name}: {len(font.getBestCmap())} characters, {size:,} bytes; not in the source: {''.join(lacking)}"
        )
        if size >= MAX_BYTES:
            raise SystemExit(f"{path.name} is {size:,} bytes: raise MAX_ERROR or leave characters out")


if __name__ == "__main__":
    main()
