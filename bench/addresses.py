"""`python -m bench.addresses [--oracles PYTHON]`: the labelled addresses, hits and times; beside jionlp and cpca where asked.

PYTHON is an interpreter of an environment of its own that has jionlp (Apache-2.0) and cpca (MIT). They are never imported here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path

from formulas.addresses import parse_address
from formulas.places import short_place

LABELS = Path(__file__).parents[1] / "tests" / "desk" / "addresses.tsv"
ORACLES = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
texts = json.load(sys.stdin)
out = {}
def run(name, one):
    one(texts[0])
    began = time.perf_counter()
    rows = [one(text) for text in texts]
    out[name] = [rows, (time.perf_counter() - began) * 1000 / len(texts)]
try:
    sys.stdout, kept = sys.stderr, sys.stdout
    import jionlp
    def by_jionlp(text):
        found = jionlp.parse_location(text)
        return [found["province"] or "", found["city"] or "", found["county"] or ""]
    run("jionlp", by_jionlp)
except ImportError: pass
try:
    import cpca
    def by_cpca(text):
        row = cpca.transform([text]).iloc[0]
        return [row["省"] or "", row["市"] or "", row["区"] or ""]
    run("cpca", by_cpca)
except ImportError: pass
sys.stdout = kept
print(json.dumps(out))
"""
Row = tuple[str, str, str]


def hits(labels: list[Row], found: list[Row]) -> tuple[int, int, int]:
    """Provinces, cities and districts that are right; a directly administered county may stand under either heading."""
    right = [0, 0, 0]
    for (province, city, district), (p, c, d) in zip(labels, found, strict=True):
        right[0] += short_place(p) == short_place(province)
        right[1] += short_place(c) == short_place(city) or (not district and d == city) or province == city
        right[2] += d == district or (not district and d in ("", city))
    return right[0], right[1], right[2]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.addresses")
    parser.add_argument("--oracles", default="", help="an interpreter with jionlp and cpca")
    wanted = parser.parse_args()
    rows = [line.split("\t") for line in LABELS.read_text("utf-8").splitlines()[1:]]
    clear = [(text, (p, c, d)) for kind, text, p, c, d in rows if kind != "unclear"]
    texts, labels = [text for text, _ in clear], [label for _, label in clear]
    parse_address(texts[0])
    began = time.perf_counter()
    ours = [parse_address(text) for text in texts]
    each = (time.perf_counter() - began) * 1000 / len(texts)
    told = [(one.province, one.city, one.district) for one in ours]
    print(f"{len(texts)} addresses with a label; right: province, city, district; ms each")
    print("biaomao", *hits(labels, told), f"{each:.2f}")
    unclear = [parse_address(text) for kind, text, *_ in rows if kind == "unclear"]
    print(f"unclear ones given to a person: {sum(not one.sure for one in unclear)} of {len(unclear)}")
    if wanted.oracles:
        answer = subprocess.run(
            [wanted.oracles, "-c", ORACLES],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=True,
        )
        for name, (found, ms) in json.loads(answer.stdout).items():
            print(name, *hits(labels, [(p, c, d) for p, c, d in found]), f"{ms:.2f}")


if __name__ == "__main__":
    main()
