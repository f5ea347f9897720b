"""Who we are at Google: a service account, or a person who let us in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sync_engine.errors import ConfigError

SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive.file")
"""Spreadsheets, and of the Drive only the files this program made or was given."""


def load_credentials(path: Path, base: str = "") -> Any:
    """The credentials in a JSON file: a service account's key, or what `biaomao google-login` kept. ConfigError.

    Args:
        base: a server that speaks for Google's; then a person's permission is renewed there too.
    """
    try:
        given = json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            f"找不到 Google 凭据 {path}:把服务账号的 JSON 密钥放到这里,或运行 biaomao google-login / "
            f"no Google credentials at {path}: put a service account's JSON key there, or run biaomao google-login"
        ) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} 不是 JSON 凭据 / {path} is no JSON credentials file") from error
    kind = given.get("type") if isinstance(given, dict) else None
    try:
        if kind == "service_account":
            from google.oauth2.service_account import Credentials as ServiceAccount

            return ServiceAccount.from_service_account_info(given, scopes=SCOPES)  # type: ignore[no-untyped-call]
        if kind == "authorized_user":
            from google.oauth2.credentials import Credentials as Person

            person = Person.from_authorized_user_info(given, scopes=SCOPES)  # type: ignore[no-untyped-call]
            return person.with_token_uri(f"{base.rstrip('/')}/token") if base else person
    except ValueError as error:
        raise ConfigError(f"{path} 里的凭据不完整 / the credentials in {path} are incomplete") from error
    raise ConfigError(
        f"{path} 既不是服务账号密钥,也不是个人授权;请按 docs/google.md 重新取得 / "
        f"{path} is neither a service account's key nor a person's authorisation: see docs/google.md"
    )


def account_of(path: Path) -> str:
    """The e-mail a spreadsheet is to be shared with; "" for a person's authorisation."""
    try:
        return str(json.loads(path.read_text("utf-8-sig")).get("client_email", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def log_in(client: Path, target: Path) -> None:
    """Let a person authorise us in the browser, and keep the permission readable by its owner alone.

    Args:
        client: the OAuth client's JSON (desktop app) from the Google Cloud console.
    """
    from google_auth_oauthlib.flow import InstalledAppFlow
    from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]

    try:
        flow = InstalledAppFlow.from_client_secrets_file(str(client), scopes=SCOPES)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{client} 不是 OAuth 客户端的 JSON(类型选“桌面应用”)/ {client} is no OAuth client of a desktop app"
        ) from error
    try:
        person = flow.run_local_server(port=0)
    except (OAuth2Error, OSError, AttributeError) as error:  # the last: nothing came back from the browser
        raise ConfigError(
            "没有得到授权:请再运行一次 biaomao google-login,并在浏览器里点“允许” / "
            f"no permission came back ({type(error).__name__}): run biaomao google-login again and allow it in the browser"
        ) from error
    draft = target.with_name(f".{target.name}.tmp")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    draft.write_text(person.to_json(), "utf-8")
    kept = json.loads(draft.read_text("utf-8"))
    draft.write_text(json.dumps({**kept, "type": "authorized_user"}), "utf-8")
    draft.replace(target)
