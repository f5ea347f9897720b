"""What was answered is kept: the log has no gaps, `kill -9` loses nothing, the same seed tells the same story."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_engine.clock import VirtualClock
from sync_engine.errors import BusyError, ConfigError
from sync_engine.sandbox.journal_file import LogFile
from sync_engine.sandbox.serve import find_running, resume_time, serve
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.world import create_world
from tests.sandbox.raw import ALL_TYPES, FULL, START, Raw, buy, wish


def lines(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_answer_is_logged_with_what_was_asked(shop: Any) -> None:
    trade = shop.raw.ready(1)[0]
    before = len(lines(shop.folder))
    shop.raw.ship(trade, "YT0000000000001")
    shop.raw.ship(trade, "YT0000000000002")
    shop.raw.call("taobao.nothing.get", a="b")
    sent, again, unknown = lines(shop.folder)[before:]
    assert sent == {
        "seq": before + 1,
        "at": "2026-03-02 20:00:00",
        "api": "taobao.logistics.offline.send",
        "params": {"tid": str(trade["tid"]), "out_sid": "YT0000000000001", "company_code": "YTO"},
        "ok": True,
        "result": {"shipping": {"is_success": True}},
    }
    assert again["ok"] is False
    assert again["error"]["sub_code"].endswith(":B04")
    assert (unknown["api"], unknown["params"], unknown["error"]["code"]) == (
        "taobao.nothing.get",
        {"a": "b"},
        22,
    )
    assert [line["seq"] for line in lines(shop.folder)] == list(range(1, before + 4))


def test_log_holds_no_credentials_and_no_plain_phone(shop: Any) -> None:
    buy(shop.raw, [wish(t, f"p{n}") for n, t in enumerate(shop.raw.ready(10))])
    text = (shop.folder / "log.jsonl").read_text(encoding="utf-8")
    assert "sandbox-s" not in text
    for trade in shop.raw.trades():
        text += shop.raw.send(
            shop.raw.params("taobao.trade.fullinfo.get", fields=FULL, tid=str(trade["tid"]))
        ).text
    phones = set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text))
    assert phones <= {"13800000000"}


def story(folder: Path, seed: int) -> list[Any]:
    """A scripted day against a fresh world."""
    create_world(folder, seed=seed, orders=50, start=START, skus=80)
    clock = VirtualClock(START)
    with Sandbox(folder, clock) as sandbox:
        raw = Raw(sandbox.url, clock)
        requests_told = []
        for hour in range(8):
            clock.sleep(3600)
            ready = raw.ready(5)
            if ready:
                answer = buy(raw, [wish(t, f"{t['tid']}_{hour}") for t in ready])
                requests_told.append(answer["request_id"])
                for trade, module in zip(
                    ready, answer["modules"]["waybill_cloud_print_response"], strict=True
                ):
                    raw.ship(trade, module["waybill_code"])
        raw.close()
    return [requests_told, lines(folder)]


def test_same_seed_same_log(tmp_path: Path) -> None:
    first, second, other = (story(tmp_path / name, seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    assert first == second
    assert first != other
    assert sum(line["api"] == "taobao.logistics.offline.send" for line in first[1]) > 10


def test_a_line_lost_between_effect_and_file_is_written_at_the_next_start(shop: Any) -> None:
    for _ in range(5):
        shop.raw.call("taobao.time.get")
    shop.sandbox.stop()
    path = shop.folder / "log.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 150])
    Sandbox(shop.folder, shop.clock).stop()
    assert path.read_bytes() == whole
    path.unlink()
    again = Sandbox(shop.folder, shop.clock)
    assert path.read_bytes() == whole
    again.answer({})
    again.stop()
    assert [line["seq"] for line in lines(shop.folder)] == [1, 2, 3, 4, 5, 6]


def test_the_log_ahead_of_the_table_is_not_repeated(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite")
    (tmp_path / "log.jsonl").write_text('{"seq": 7}\n{"seq": 8}\n{"se')
    file = LogFile(tmp_path / "log.jsonl", store)
    assert store.meta("seq") == 8
    file.close()
    store.close()
    assert (tmp_path / "log.jsonl").read_text() == '{"seq": 7}\n{"seq": 8}\n'


def run_server(folder: Path, speed: float = 60.0) -> subprocess.Popen[bytes]:
    code = (
        "import sys; from pathlib import Path; from sync_engine.sandbox.serve import serve;"
        "serve(Path(sys.argv[1]), speed=float(sys.argv[2]))"
    )
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen([sys.executable, "-c", code, str(folder), str(speed)], cwd=root)


def wait_for(folder: Path) -> Any:
    for _ in range(200):
        if running := find_running(folder):
            return running
        time.sleep(0.05)
    raise AssertionError("the sandbox did not start")


def test_killed_in_the_middle(tmp_path: Path) -> None:
    """What a client was told before the kill is there after the restart; what it was not told may be there or not."""
    create_world(tmp_path, seed=5, orders=80, start=START, skus=80)
    told: dict[int, str] = {}
    for round_number in range(3):
        server = run_server(tmp_path, speed=600.0)
        running = wait_for(tmp_path)
        raw = Raw(running.url, running.clock())
        time.sleep(0.4)
        ready = [t for t in raw.ready() if t["tid"] not in told]
        killer = threading.Timer(0.01 + 0.02 * round_number, os.kill, (server.pid, signal.SIGKILL))
        killer.start()
        for trade in ready[:40]:
            try:
                answer = buy(raw, [wish(trade, f"{trade['tid']}_{round_number}")])
            except requests.ConnectionError:
                break
            if "modules" in answer:
                told[trade["tid"]] = answer["modules"]["waybill_cloud_print_response"][0]["waybill_code"]
        killer.join()
        server.wait(10)
        raw.close()
    assert 3 <= len(told) < 120
    log = lines(tmp_path)
    assert [line["seq"] for line in log] == list(range(1, len(log) + 1))
    bought = {
        module["waybill_code"]
        for line in log
        if line["api"] == "cainiao.waybill.ii.get" and line["ok"]
        for module in line["result"]["modules"]
    }
    assert set(told.values()) <= bought
    store = Store(tmp_path / "state.sqlite")
    assert {row[0] for row in store.rows("SELECT code FROM waybill")} == bought
    store.close()


def test_serving_and_stopping(tmp_path: Path) -> None:
    create_world(tmp_path, seed=5, orders=10, start=START, skus=30)
    assert find_running(tmp_path) is None
    server = run_server(tmp_path)
    try:
        running = wait_for(tmp_path)
        assert running.pid == server.pid
        assert running.speed == 60.0
        assert running.cloudprint_url.startswith("ws://127.0.0.1:")
        raw = Raw(running.url, running.clock())
        first = raw.call("taobao.time.get")["time"]
        time.sleep(1.1)
        later = raw.call("taobao.time.get")["time"]
        assert first >= "2026-03-02 08:00:00"
        assert 50 <= seconds(later) - seconds(first) <= 120
        assert raw.call("taobao.trades.sold.get", fields="tid", type=ALL_TYPES)["total_results"] >= 1
        raw.close()
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
    finally:
        server.kill()
        server.wait(10)
    assert not (tmp_path / "address.json").exists()
    assert find_running(tmp_path) is None
    assert resume_time(tmp_path) > START


def seconds(text: str) -> int:
    hours, minutes, rest = (int(part) for part in text[11:].split(":"))
    return hours * 3600 + minutes * 60 + rest


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    create_world(tmp_path, seed=5, orders=3, start=START, skus=30)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BusyError, match="端口"):
        serve(tmp_path, port=taken.getsockname()[1])
    assert not (tmp_path / "address.json").exists()


def test_an_address_nobody_answers_is_no_sandbox(tmp_path: Path) -> None:
    (tmp_path / "address.json").write_text(
        '{"url": "http://127.0.0.1:9/router/rest", "cloudprint_url": "", "pid": 1, "sim_origin": "", "real_origin": "", "speed": 1}'
    )
    assert find_running(tmp_path) is None
    (tmp_path / "address.json").write_text("{broken")
    assert find_running(tmp_path) is None


def test_no_world_no_sandbox(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Sandbox(tmp_path, VirtualClock(START))
