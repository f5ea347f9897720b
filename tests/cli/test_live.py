"""A live shop: credentials, and a session that ends. The gateway it talks to is the sandbox's."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sync_engine.clock import SystemClock
from sync_engine.config import load_config, set_secret
from sync_engine.sandbox import credentials
from sync_engine.sandbox.faults import Faults, Rule, Switches
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import create_world
from tests.cli.conftest import Run

AUTHORISE = 3


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A gateway whose clock is the machine's, as a live one's is."""
    clock = SystemClock()
    create_world(tmp_path / "outside", seed=3, orders=12, start=clock.now() - timedelta(hours=12), skus=12)
    with Sandbox(tmp_path / "outside", clock) as sandbox:
        yield sandbox


@pytest.fixture
def live(new_shop: Path, tmp_path: Path, sandbox: Sandbox) -> Path:
    """A folder that is to go live and has no credentials yet."""
    folder = tmp_path / "真店"
    shutil.copytree(new_shop, folder, ignore=shutil.ignore_patterns("sandbox"))
    text = (folder / "config.toml").read_text(encoding="utf-8")
    for old, new in (
        ('service = "sandbox"', 'service = "live"'),
        ('"https://eco.taobao.com/router/rest"', f'"{sandbox.url}"'),
        ('app_key = ""', f'app_key = "{credentials.APP_KEY}"'),
        ('user_id = ""', f'user_id = "{credentials.SELLER_ID}"'),
        ('[sender]                   # must equal an address subscribed with the courier (biaomao doctor lists them)\nname = ""',
         f'[sender]\nname = "{credentials.SENDER_NAME}"'),
        ('mobile = ""', f'mobile = "{credentials.SENDER_MOBILE}"'),
        ('province = ""', f'province = "{credentials.SENDER_PROVINCE}"'),
        ('city = ""', f'city = "{credentials.SENDER_CITY}"'),
        ('district = ""', f'district = "{credentials.SENDER_DISTRICT}"'),
        ('detail = ""', f'detail = "{credentials.SENDER_DETAIL}"'),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder


def keep(folder: Path, *names: str) -> None:
    values = {
        "app_secret": credentials.APP_SECRET,
        "session": credentials.SESSION,
        "refresh_token": credentials.REFRESH_TOKEN,
    }
    for name in names:
        set_secret(load_config(folder), name, values[name])


def kept(folder: Path) -> dict[str, str]:
    return tomllib.loads((folder / "secrets.toml").read_text(encoding="utf-8"))


def expire(sandbox: Sandbox, *, refreshable: bool = True) -> None:
    rules = (Rule(kind="token", api="taobao.trades.*", nth=1),)
    sandbox.set_faults(Faults(rules=rules, switches=Switches(refreshable=refreshable)))


def test_what_is_missing_is_named(run: Run, live: Path) -> None:
    said = run("sync", "--folder", live)
    assert said.code == 2
    assert "app_secret、session" in said.err
    assert "app_key" not in said.err
    keep(live, "app_secret")
    findings = run("doctor", "--folder", live, "--json").json["findings"]
    (bad,) = [one for one in findings if not one["good"]]
    assert "session" in bad["result"]
    assert "app_secret" not in bad["result"]
    assert bad["advice"]


def test_a_live_shop_works_and_the_doctor_tells_of_the_session(run: Run, live: Path) -> None:
    keep(live, "app_secret", "session")
    assert run("sync", "--folder", live).code == 0
    assert not list((live).glob("sandbox/*"))
    said = run("doctor", "--folder", live, "--json")
    session = next(one for one in said.json["findings"] if "session" in one["what"])
    assert (said.code, "到期后需重新授权" in session["result"]) == (0, True)
    keep(live, "refresh_token")
    assert "自动续期" in run("doctor", "--folder", live, "--json").out


def test_a_second_live_shop_is_checked_by_itself(run: Run, live: Path) -> None:
    with (live / "config.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[shops]]\nname = "二店"\n')
    keep(live, "app_secret", "session")
    said = run("sync", "--folder", live)
    assert (said.code, "二店: session" in said.err) == (2, True)
    assert run("doctor", "--folder", live, "--set-secret", "session", "--shop", "三店", typed="x\n").code == 2
    assert (
        run("doctor", "--folder", live, "--set-secret", "session", "--shop", "二店", typed="wrong\n").code
        == 0
    )
    findings = {one["what"]: one for one in run("doctor", "--folder", live, "--json").json["findings"]}
    bad = [what for what, one in findings.items() if not one["good"]]
    assert [what.partition(":")[0] for what in bad] == ["二店"]
    assert "--set-secret session --shop 二店" in findings[bad[0]]["result"]
    said = run("sync", "--folder", live, "--json")
    assert (said.code, said.json["orders_new"] > 0) == (AUTHORISE, True), "the first shop works on"


def test_an_expired_session_is_renewed_and_the_new_tokens_are_kept(
    run: Run, live: Path, sandbox: Sandbox
) -> None:
    keep(live, "app_secret", "session", "refresh_token")
    for number in (2, 3):
        expire(sandbox)
        said = run("sync", "--folder", live, "--json")
        assert (said.code, said.json["blocked"]) == (0, False)
        assert kept(live)["session"] == f"{credentials.SESSION}-{number}"
        assert kept(live)["refresh_token"] == f"{credentials.REFRESH_TOKEN}-{number}"
        assert credentials.SESSION not in said.out + said.err
    assert run("sync", "--folder", live).code == 0


@pytest.mark.parametrize("token", [False, True])
def test_where_it_cannot_be_renewed_a_person_is_asked(
    run: Run, live: Path, sandbox: Sandbox, token: bool
) -> None:
    keep(live, "app_secret", "session", *(["refresh_token"] if token else []))
    expire(sandbox, refreshable=False)
    said = run("sync", "--folder", live)
    assert said.code == AUTHORISE
    assert "doctor --set-secret session" in said.err
    said = run("sync", "--folder", live, "--json")
    assert (said.code, said.json["blocked"]) == (AUTHORISE, True)
    findings = run("doctor", "--folder", live, "--json").json["findings"]
    assert any("重新授权" in one["result"] for one in findings if not one["good"])


def test_a_wrong_secret_and_a_wrong_address(run: Run, live: Path) -> None:
    keep(live, "app_secret", "session")
    set_secret(load_config(live), "app_secret", "wrong")
    said = run("sync", "--folder", live)
    assert (said.code, "Invalid Signature" in said.err) == (1, True)
    text = (live / "config.toml").read_text(encoding="utf-8")
    line = next(one for one in text.splitlines() if one.startswith("url"))
    (live / "config.toml").write_text(text.replace(line, 'url = "http://127.0.0.1:9/x"'), encoding="utf-8")
    said = run("sync", "--folder", live)
    assert (said.code, "网络不通" in said.err) == (1, True)


def test_the_sandbox_shops_session_is_renewed_too(run: Run, fresh: Path) -> None:
    """In the sandbox's own folder the tokens in force stand beside its world."""
    run("sync", "--folder", fresh)
    with Sandbox(fresh / "sandbox", SystemClock()) as sandbox:
        expire(sandbox)
    assert run("sync", "--folder", fresh).code == 0
    assert run("sync", "--folder", fresh).code == 0
    assert (fresh / "sandbox" / "tokens.json").exists()
