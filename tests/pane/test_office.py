"""The Office.js add-in: its artefacts, and its page in a real browser with a stand-in for Office."""

from __future__ import annotations

import json
import mimetypes
import re
import ssl
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from addin.hub.guard import MAX_BODY
from addin.hub.wire import MAX_CALLS
from addin.office import OFFICE_JS, build
from addin.office.manifest import LONG, SHORT, SIZES
from formulas.catalogue import BY_NAME, FUNCTIONS
from sync_engine.errors import UserError
from tests.functions.cases import CASES, Case
from tests.functions.test_call import as_arguments
from tests.pane.conftest import TOKEN, Live, Serve
from tests.pane.test_pane import Slow, button, over, says
from workbook_templates import VERSION
from workbook_templates.commands import COMMANDS_LIST

ORIGIN = "https://shop.example"
BASE = f"{ORIGIN}/biaomao"
TYPES = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-in, built."""
    out = tmp_path_factory.mktemp("built")
    build(out, BASE)
    return out / "office"


def test_built_twice_it_is_the_same(room: Path, tmp_path: Path) -> None:
    again = build(tmp_path, f"{BASE}/")
    assert sorted(path.name for path in again) == sorted(path.name for path in room.iterdir())
    assert all(path.read_bytes() == (room / path.name).read_bytes() for path in again)


@pytest.mark.parametrize(
    "base", ["http://shop.example", "shop.example", "https://", "https://x.example/?a=1"]
)
def test_only_https_will_do(tmp_path: Path, base: str) -> None:
    with pytest.raises(UserError, match="https"):
        build(tmp_path, base)


def test_the_manifest_names_only_what_is_there(room: Path) -> None:
    root = ET.fromstring((room / "manifest.xml").read_bytes())
    named = {one.get("resid") for one in root.iter() if one.get("resid")}
    held = {one.get("id") for one in root.iter() if one.tag.startswith(TYPES) and one.get("id")}
    assert named == held
    assert all(len(str(name)) <= 32 for name in held)
    ids = [one.get("id") for one in root.iter() if one.get("id") and not one.tag.startswith(TYPES)]
    assert len(ids) == len(set(ids))
    urls = [
        str(one.get("DefaultValue")) for one in root.iter() if str(one.get("DefaultValue")).startswith("http")
    ]
    assert {url.removeprefix(f"{BASE}/") for url in urls} <= {path.name for path in room.iterdir()}
    assert root.findtext("{*}Version") == f"{VERSION}.0"
    for name, most in (("ShortStrings", SHORT), ("LongStrings", LONG)):
        texts = [one.get("DefaultValue") or one.get("Value") for one in root.iterfind(f".//{{*}}{name}//*")]
        assert texts
        assert all(text and len(text) <= most for text in texts)
    buttons = {one.text for one in root.iterfind(".//{*}FunctionName")}
    assert buttons == {f"bm_{command.name}" for command in COMMANDS_LIST}


ORDER = {
    "VersionOverrides": ("Hosts", "Resources"),
    "Host": ("Runtimes", "AllFormFactors", "DesktopFormFactor"),
    "DesktopFormFactor": ("FunctionFile", "ExtensionPoint"),
    "CustomTab": ("Group", "Label"),
    "Group": ("Label", "Icon", "Control"),
    "Control": ("Label", "Supertip", "Icon", "Action"),
    "Supertip": ("Title", "Description"),
    "Resources": ("Images", "Urls", "ShortStrings", "LongStrings"),
}
"""What Office's schema asks for, in its order; tab and group may repeat what they hold."""
ROOMS = {
    "Image": "Images", "SourceLocation": "Urls", "FunctionFile": "Urls", "Runtime": "Urls", "Description": "LongStrings",
    "Label": "ShortStrings", "Title": "ShortStrings", "Namespace": "ShortStrings",
}  # fmt: skip
"""Which kind of resource an element of a manifest may name."""


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def test_the_manifest_is_in_the_schemas_order_and_names_the_right_kind(room: Path) -> None:
    root = ET.fromstring((room / "manifest.xml").read_bytes())
    held = {
        str(one.get("id")): local(group) for group in next(root.iterfind(".//{*}Resources")) for one in group
    }
    for element in root.iter():
        if local(element) in ORDER and len(element):
            names = [local(child) for child in element]
            assert tuple(dict.fromkeys(names)) == ORDER[local(element)]
            assert names == sorted(names, key=ORDER[local(element)].index)
        if element.get("resid"):
            assert held[str(element.get("resid"))] == ROOMS[local(element)]
    assert [one.get("resid") for one in root.iterfind(".//{*}Runtime")] == ["Pane"]
    assert {one.get("resid") for one in root.iterfind(".//{*}Page/{*}SourceLocation")} == {"Pane"}


def test_every_icon_is_a_picture_of_its_size(room: Path) -> None:
    pictures = sorted(room.glob("*.png"))
    assert len(pictures) == len(SIZES) * (2 + len(COMMANDS_LIST))
    for path in pictures:
        data, size = path.read_bytes(), int(path.stem.rpartition("-")[2])
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", data[16:24]) == (size, size)
    assert len({path.read_bytes() for path in pictures}) == len(pictures), "every button has its own"


def test_every_function_is_described_with_its_arguments(room: Path) -> None:
    told = {one["id"]: one for one in json.loads((room / "functions.json").read_text("utf-8"))["functions"]}
    assert set(told) == {function.name for function in FUNCTIONS}
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]*", name) and one["name"] == name for name, one in told.items())
    assert all(one["result"]["dimensionality"] == "matrix" for one in told.values()), "a range may spill"
    for function in FUNCTIONS:
        given = [(one["name"], one["optional"]) for one in told[function.name]["parameters"]]
        assert given == [(one.name, one.optional) for one in function.arguments]


def test_the_page_keeps_within_what_the_hub_takes(room: Path) -> None:
    script = (room / "functions.js").read_text("utf-8")
    assert f"MOST_CALLS = {MAX_CALLS};" in script
    assert 0 < int(script.partition("MOST_BYTES = ")[2].partition(";")[0]) < MAX_BODY - 100
    assert OFFICE_JS in (room / "index.html").read_text("utf-8")
    assert not any(b"Copyright (c) Microsoft" in path.read_bytes() for path in room.iterdir()), (
        "loaded, not kept"
    )


# -- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def site(room: Path, page: Any) -> str:
    """The add-in's pages at an https address, as Office wants them; the hub stays plain http on the loopback."""
    host = (Path(__file__).parent / "host.js").read_text("utf-8")

    def give(route: Any) -> None:
        path = room / route.request.url.rpartition("/")[2]
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        route.fulfill(
            body=path.read_bytes(), content_type="text/javascript" if path.suffix == ".js" else kind
        )

    page.context.route(f"{BASE}/**", give)
    page.context.route(OFFICE_JS, lambda route: route.fulfill(body=host, content_type="text/javascript"))
    page.context.grant_permissions(["local-network-access"], origin=ORIGIN)
    return f"{BASE}/index.html"


def connect(page: Any, site: str, live: Live) -> Any:
    """The page as Excel opens it, connected to a hub."""
    page.goto(site)
    page.fill("#address", f"{live.url}/pane/index.html#{TOKEN}")
    page.press("#address", "Enter")
    page.wait_for_selector("#often button")
    return page


def asked(name: str, *arguments: object) -> list[object]:
    """A call as Excel makes it: every argument a matrix, all that are declared."""
    given = [one if isinstance(one, list) else [[one]] for one in arguments]
    return [name, [None if one == [[None]] else one for one in given], len(BY_NAME[name].arguments)]


def calculate(page: Any, *calls: list[object]) -> Any:
    return page.evaluate("cells => calculate(cells)", list(calls))


def plain(rows: list[list[dict[str, Any]]]) -> object:
    shown = [[one.get("error") or one["value"] for one in row] for row in rows]
    return shown[0][0] if len(shown) == len(shown[0]) == 1 else shown


def posts(live: Live) -> int:
    return live.asked.count("POST /v1/functions")


def as_javascript(case: Case) -> list[object]:
    """A case's arguments; JavaScript has no whole numbers beyond 2**53."""
    return [float(one) if isinstance(one, int) and abs(one) > 2**53 else one for one in as_arguments(case)]


@pytest.mark.browser
def test_every_function_and_button_declared_is_there(page: Any, site: str, serve: Serve) -> None:
    connect(page, site, serve(origins=(ORIGIN,)))
    there = page.evaluate("[Object.keys(asked.functions), Object.keys(asked.actions)]")
    assert there == [[one.name for one in FUNCTIONS], [f"bm_{one.name}" for one in COMMANDS_LIST]]


@pytest.mark.browser
def test_every_case_is_as_in_python(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    results = calculate(page, *(asked(case.name, *as_javascript(case)) for case in CASES))
    for case, rows in zip(CASES, results, strict=True):
        want = case.shows
        if isinstance(want, list) and len(want) == len(want[0]) == 1:
            want = want[0][0]
        expected = pytest.approx(want, abs=1e-9) if isinstance(want, float) else want
        assert plain(rows) == expected, case.formula
        if want in ("#N/A", "#VALUE!"):
            assert rows[0][0]["message"], case.formula
    assert posts(live) == 1


@pytest.mark.browser
def test_ten_thousand_cells_are_one_request_and_a_range_spills_with_its_errors(
    page: Any, site: str, serve: Serve
) -> None:
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    results = calculate(page, *(asked("CHARGEDKG", n / 100) for n in range(1, 10_001)))
    assert [plain(rows) for rows in results] == [n / 100 for n in range(1, 10_001)]
    assert posts(live) == 1
    (column,) = calculate(page, asked("STOCK", [["BM-001-BK"], ["?"]]))
    assert plain(column) == [[12], ["#N/A"]]


@pytest.mark.browser
def test_what_is_too_much_for_one_request_goes_in_several(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    long = "订" * 60_000  # three bytes each
    results = calculate(page, *(asked("STOCK", f"{long}{n}") for n in range(7)), asked("STOCK", "007"))
    assert [plain(rows) for rows in results] == ["#N/A"] * 7 + [3]
    assert posts(live) == 2
    whole = [[long]] * 6  # a single call larger than a request may be
    huge, small = calculate(page, asked("STOCK", whole), asked("STOCK", "007"))
    assert huge[0][0] == {"error": "#VALUE!", "message": "区域太大,一次问不完:请缩小区域"}
    assert (plain(small), posts(live)) == (3, 3)


@pytest.mark.browser
def test_an_error_or_a_rich_value_given_is_the_cells_alone(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    odd = page.evaluate("""() => Promise.allSettled([
      asked.functions.STOCK([[new CustomFunctions.Error("#REF!")]], {}),
      asked.functions.STOCK([["007"], [{ type: "Entity" }]], {}),
      asked.functions.STOCK([["007"]], {}),
    ]).then((all) => all.map((one) => one.value ?? one.reason.code))""")
    assert odd == ["#REF!", "#VALUE!", [[3]]]
    assert posts(live) == 1


@pytest.mark.browser
def test_a_busy_hub_is_asked_again(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    turned = list[str]()

    def first_busy(route: Any) -> None:
        if route.request.method == "POST" and not turned:
            turned.append(route.request.url)
            return route.fulfill(status=429, headers={"access-control-allow-origin": ORIGIN})
        return route.continue_()

    page.route("**/v1/functions", first_busy)
    assert plain(calculate(page, asked("STOCK", "007"))[0]) == 3
    assert len(turned) == 1


@pytest.mark.browser
def test_not_connected_and_gone_are_errors_with_a_sentence(page: Any, site: str, serve: Serve) -> None:
    page.goto(site)
    ((cell,),) = calculate(page, asked("ASOF"))[0]
    assert cell["error"] == "#N/A"
    assert "窗格" in cell["message"]
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    live.stop()
    ((cell,),) = calculate(page, asked("ASOF"))[0]
    assert f"biaomao serve --origin {ORIGIN} " in cell["message"]


@pytest.mark.browser
def test_new_numbers_in_the_shop_are_new_numbers_in_the_cells(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(ORIGIN,))
    connect(page, site, live)
    page.wait_for_function("asked.calculated === 1")
    page.click("#sync")
    over(page)
    assert page.evaluate("asked.calculated") == 1, "nothing new, nothing to calculate"
    page.evaluate("asked.editing = true")
    page.route("**/v1/status", lambda route: route.fulfill(
        headers={"access-control-allow-origin": ORIGIN},
        json={"shop": "店", "language": "zh", "as_of": "2026-12-01 00:00:00", "orders": 0, "to_ship": 0, "open_todos": 0, "running": None},
    ))  # fmt: skip
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    says(page, "#said.bad", "Ctrl+Alt+F9")
    assert page.evaluate("asked.calculated") == 1


PRESS = "name => new Promise(done => asked.actions[name]({ completed: done }))"


@pytest.mark.browser
def test_a_ribbon_button_opens_the_pane_and_does_its_command_once(page: Any, site: str, serve: Serve) -> None:
    slow = Slow()
    live = serve(slow, origins=(ORIGIN,))
    connect(page, site, live)
    page.evaluate(
        """() => { for (let n = 0; n < 3; n += 1) asked.actions.bm_sync({ completed: () => {} }); }"""
    )
    page.wait_for_selector("#job", state="visible")
    page.evaluate(PRESS, "bm_ship")
    says(page, "#said.bad", "正在做“同步”")
    slow.go.set()
    assert over(page) == "好了 sync"
    assert (slow.done, page.evaluate("asked.shown")) == (["sync"], 4)
    assert live.asked.count("POST /v1/jobs") == 1
    page.evaluate(PRESS, "bm_ship")
    says(page, "#ask-first", "交给快递")
    assert slow.done == ["sync"]


@pytest.mark.browser
def test_a_ribbon_button_pressed_before_the_pane_is_ready_still_asks_first(
    page: Any, site: str, serve: Serve
) -> None:
    slow = Slow()
    slow.go.set()
    live = serve(slow, origins=(ORIGIN,))
    page.goto(site)
    page.evaluate("asked.actions.bm_ship({ completed: () => {} })")
    says(page, "#said.bad", "请先连接")
    connect(page, site, live)
    held = list[Any]()
    page.route("**/v1/catalogue*", lambda route: held.append(route))
    page.reload()
    page.wait_for_function("Boolean(asked.actions.bm_ship)")
    page.evaluate("() => { asked.actions.bm_ship({ completed: () => {} }); }")  # and not what becomes of it
    while not held:
        page.wait_for_timeout(20)
    assert live.asked.count("POST /v1/jobs") == 0
    held[0].continue_()
    says(page, "#ask-first", "交给快递")
    assert live.asked.count("POST /v1/jobs") == 0
    page.wait_for_selector(button("ship"))
    assert slow.done == []


@pytest.mark.browser
def test_a_page_the_hub_was_not_told_of_is_turned_away(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=("https://other.example",))
    page.goto(site)
    assert f"--origin {ORIGIN}," in page.inner_text("#connect-help")
    page.fill("#address", f"{live.url}/pane/index.html#{TOKEN}")
    page.press("#address", "Enter")
    says(page, "#said.bad", f"biaomao serve --origin {ORIGIN} 正在运行")
    assert "“命令”" in page.inner_text("#said")
    assert page.is_hidden("#todos li")


@pytest.mark.browser
def test_a_browser_that_forbids_this_machine_is_told_as_such(page: Any, site: str, serve: Serve) -> None:
    live = serve(origins=(ORIGIN,))
    page.context.clear_permissions()
    page.context.grant_permissions(["notifications"], origin=ORIGIN)  # and no other
    page.goto(site)
    page.fill("#address", f"{live.url}/pane/index.html#{TOKEN}")
    page.press("#address", "Enter")
    says(page, "#said.bad", "本地网络访问")
    assert "“命令”" in page.inner_text("#said")
    assert live.asked == []
    ((cell,),) = calculate(page, asked("ASOF"))[0]
    assert cell == {"error": "#N/A", "message": page.inner_text("#said")}


# -- nothing in between: https pages of this machine, real preflights, plain http of the hub ---------------------------


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


def certificate(room: Path) -> Path:
    """A certificate for localhost, with its key, in one file."""
    x509 = pytest.importorskip("cryptography.x509", reason="no library that makes certificates")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(start).not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = room / "localhost.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The origin of the add-in's folder, served with https on this machine as its default address is."""
    room = build(tmp_path)[0].parent
    page = (room / "index.html").read_text("utf-8")
    (room / "index.html").write_text(page.replace(OFFICE_JS, "host.js"), "utf-8")
    (room / "host.js").write_bytes((Path(__file__).parent / "host.js").read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(room))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join(10)


@pytest.mark.browser
def test_https_pages_of_this_machine_reach_the_hub_with_no_permission(
    chromium: Any, served: str, serve: Serve
) -> None:
    live = serve(origins=(served,))
    with chromium.new_context(ignore_https_errors=True) as context:
        page = connect(context.new_page(), f"{served}/index.html", live)
        assert plain(calculate(page, asked("STOCK", "007"))[0]) == 3
        assert page.evaluate("isSecureContext")
        assert posts(live) == live.asked.count("OPTIONS /v1/functions") == 1
    stranger = serve(origins=("https://localhost:1",))
    with chromium.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        page.goto(f"{served}/index.html")
        page.fill("#address", f"{stranger.url}/pane/index.html#{TOKEN}")
        page.press("#address", "Enter")
        says(page, "#said.bad", f"--origin {served}")
        assert {one.partition(" ")[0] for one in stranger.asked} == {"OPTIONS"}, "not even asked"
