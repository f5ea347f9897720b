"""config.toml: the one that ships, and what is said of one that will not do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from sync_engine.config import default_text, load_config, secret, set_secret
from sync_engine.errors import ConfigError
from workbook_templates.schema import Lang


def config_of(folder: Path, text: str) -> Path:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_one_at_the_root_is_the_one_that_ships(root: Path) -> None:
    assert (root / "config.toml").read_bytes() == (root / "sync_engine" / "config.toml").read_bytes()


def test_as_it_ships_it_works(tmp_path: Path) -> None:
    config = load_config(config_of(tmp_path, default_text()))
    assert (config.live, config.lang, config.workbook) == (False, Lang.ZH, tmp_path / "店铺.xlsx")
    assert config == load_config(config_of(tmp_path, ""))  # what is left out is as it ships


def test_comments_blanks_and_a_mark_of_windows_editors(tmp_path: Path) -> None:
    text = '\ufeff# 备注\r\n\r\n[shop]\r\n  name   = "甲"   # 店名\r\n[sync]\r\nevery_seconds = 30\r\n'
    (tmp_path / "config.toml").write_bytes(text.encode())
    config = load_config(tmp_path)
    assert (config.shop, config.every_seconds) == ("甲", 30)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[shop]\nnam = 'x'\n", 2, ["shop.nam", "不认识", "unknown"]),
        ("[shop]\nname = 'x'\n\n[shpo]\nname = 'x'\n", 4, ["[shpo]", "不认识"]),
        ("[tmall]\nurl = 'https://a'\nfirst_days = '7'\n", 3, ["tmall.first_days", "整数", "whole number"]),
        ("[shop]\nname = 5\n", 2, ["shop.name", "文字"]),
        ("[shop]\nprotect = 1\n", 2, ["shop.protect", "true"]),
        ("[sync]\nevery_seconds = true\n", 2, ["sync.every_seconds", "整数"]),
        ("[sync]\nevery_seconds = 1\n", 2, ["sync.every_seconds", "5"]),
        ("[sync]\n# 太快\n\nevery_seconds = 2.5\n", 4, ["sync.every_seconds"]),
        ("[backups]\nkeep = 0\n", 2, ["backups.keep"]),
        ("[sandbox]\nport = 70000\n", 2, ["sandbox.port"]),
        ("[tmall]\nfirst_days = 400\n", 2, ["tmall.first_days"]),
        ("[shop]\nlanguage = 'fr'\n", 2, ["shop.language", "zh / en"]),
        ("[tmall]\nservice = 'real'\n", 2, ["tmall.service", "sandbox / live"]),
        ("[tmall]\nsign_method = 'sha1'\n", 2, ["tmall.sign_method"]),
        ("[tmall]\nurl = 'eco.taobao.com'\n", 2, ["tmall.url", "https://"]),
        ("[carrier]\nuser_id = 'abc'\n", 2, ["carrier.user_id"]),
        ("[shop]\nname = ' '\n", 2, ["shop.name"]),
        ("[shop]\nworkbook = '../other.xlsx'\n", 2, ["shop.workbook"]),
        ("[shop]\nworkbook = 'shop.ods'\n", 2, ["shop.workbook"]),
        ("[couriers]\nJT = 5\n", 2, ["couriers.JT", "文字"]),
        ("shop = 5\n", 1, ["[shop]"]),
        ("[[shops]]\nname = '二店'\n[[shops]]\nnme = 'x'\n", 4, ["shops.nme", "不认识"]),
        ("[[shops]]\nname = '二店'\nuser_id = 5\n", 3, ["shops.user_id", "文字"]),
        ("[[shops]]\nname = '表猫演示旗舰店'\n", 2, ["shops.name", "重名"]),
        ("[[shops]]\nname = 'a/b'\n", 2, ["shops.name", "斜杠"]),
        ("[[shops]]\nname = '二店'\n\n[[shops]]\nname = '三店'\ncarrier = 'mine'\n", 6, ["first / own"]),
        ("[[shops]]\nname = '二店'\nservice = 'live'\n", 3, ["shops.service", "沙箱和真店"]),
        ("[shops]\nname = '二店'\n", 1, ["[shops]", "[[shops]]"]),
        ("[shop]\nname = 'x\nlanguage = 'zh'\n", 2, ["写得不对"]),
        ("[shop]\nname = 'a'\nname = 'b'\n", 3, ["写得不对"]),
        ("name 店铺\n", 1, ["写得不对"]),
    ],
)
def test_what_will_not_do_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(config_of(tmp_path, text))
    said = str(caught.value)
    assert f"line {line}" in said
    assert "\n" not in said
    for word in words:
        assert word in said


def test_bytes_that_are_no_text_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="init"):
        load_config(tmp_path)
    (tmp_path / "config.toml").write_bytes("[shop]\nname = '店'".encode("gbk"))
    with pytest.raises(ConfigError, match="写得不对"):
        load_config(tmp_path)


@pytest.mark.parametrize("value", ["plain", 'with "quotes"', "back\\slash", "中文", "=1", "tab\there"])
def test_credentials_without_a_keyring_stand_in_a_file_for_the_owner_alone(
    tmp_path: Path, value: str
) -> None:
    config = load_config(config_of(tmp_path, ""))
    assert secret(config, "session") == ""
    where = set_secret(config, "app_secret", "first")
    set_secret(config, "session", value)
    assert secret(config, "session") == value
    assert secret(config, "app_secret") == "first"
    assert where.endswith("secrets.toml")
    if sys.platform != "win32":
        assert (tmp_path / "secrets.toml").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no such rights on Windows")
def test_a_credentials_file_others_may_read_is_refused(tmp_path: Path) -> None:
    config = load_config(config_of(tmp_path, ""))
    set_secret(config, "session", "x")
    os.chmod(tmp_path / "secrets.toml", 0o644)  # noqa: PTH101
    with pytest.raises(ConfigError, match="chmod 600"):
        secret(config, "session")


def test_a_credentials_file_that_will_not_do(tmp_path: Path) -> None:
    config = load_config(config_of(tmp_path, ""))
    (tmp_path / "secrets.toml").write_text("session = ")
    (tmp_path / "secrets.toml").chmod(0o600)
    with pytest.raises(ConfigError, match="写得不对"):
        secret(config, "session")


def test_each_shop_has_secrets_of_its_own(tmp_path: Path, no_keyring: None) -> None:
    text = "[[shops]]\nname = '二店'\ncarrier = 'own'\nuser_id = '22'\n[[shops]]\nname = '三店'\n"
    config = load_config(config_of(tmp_path, text))
    assert config.shops == ("表猫演示旗舰店", "二店", "三店")
    assert [(one.own_carrier, one.url == config.url) for one in config.more] == [(True, True), (True, True)]
    for shop in ("", "二店", "三店"):
        set_secret(config, "session", f"s{shop}", shop)
    set_secret(config, "app_secret", "mine", "二店")
    set_secret(config, "app_secret", "first")
    assert [secret(config, "session", shop) for shop in ("", "二店", "三店")] == ["s", "s二店", "s三店"]
    assert [secret(config, "app_secret", shop) for shop in ("", "二店", "三店")] == ["first", "mine", ""]
