"""The sandbox's keys: an application's pair and Alipay's own, made once for a world. They open nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

KEYS_FILE = "alipay-keys.json"
APP_ID = "2026000000000001"


def alipay_keys(folder: Path) -> dict[str, str]:
    """PEM texts by name: app_private, app_public, alipay_private, alipay_public."""
    path = folder / KEYS_FILE
    if not path.exists():
        pairs = {
            name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("app", "alipay")
        }
        texts = {}
        for name, key in pairs.items():
            texts[f"{name}_private"] = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode()
            texts[f"{name}_public"] = (
                key.public_key()
                .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
                .decode()
            )
        draft = path.with_suffix(".tmp")
        draft.write_text(json.dumps(texts), "utf-8")
        draft.replace(path)
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found
