"""The token endpoint: service accounts by the JWT bearer grant of RFC 7523, people by RFC 6749, as Google documents them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sync_engine.clock import Clock
from sync_engine.sandbox.google.refusal import Json, Refusal

AUDIENCE = "https://oauth2.googleapis.com/token"
"""What google-auth signs for, whatever `token_uri` says."""
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3600
CLIENT = ("1000000001-sandbox.apps.googleusercontent.com", "GOCSPX-sandbox")
"""Id and secret of the OAuth client of the type desktop app."""
ALL_SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
_AUTH = "https://www.googleapis.com/auth/"
_NO_CREDENTIALS = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class BadGrant(Exception):
    """What the token endpoint refuses, as RFC 6749 writes it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body: Json = {"error": error, "error_description": description}


@dataclass(slots=True, kw_only=True)
class Token:
    """An access token: whose, until when (seconds of the clock), for what."""

    email: str
    until: float
    scopes: tuple[str, ...]


class Tokens:
    """Keys of the service accounts and the tokens given out. `clock` must go with the clients' time."""

    def __init__(self, clock: Clock, rng: Random, project: str = "biaomao-sandbox") -> None:
        self._clock, self._rng, self.project = clock, rng, project
        self.keys: dict[str, str] = {}
        self._public: dict[str, rsa.RSAPublicKey] = {}
        self._tokens: dict[str, Token] = {}
        self._consents: dict[str, tuple[str, tuple[str, ...]]] = {}

    def write_client(self, path: Path, base: str) -> Path:
        """An OAuth client's JSON file (desktop app), as the Cloud console gives it, with the stand-in's addresses."""
        number, secret = CLIENT
        told = {
            "client_id": number,
            "project_id": self.project,
            "auth_uri": f"{base}/o/oauth2/auth",
            "token_uri": f"{base}/token",
            "client_secret": secret,
            "redirect_uris": ["http://localhost"],
        }
        path.write_text(json.dumps({"installed": told}), encoding="utf-8")
        return path

    def consent(self, email: str, scopes: tuple[str, ...] = ALL_SCOPES) -> str:
        """What the browser brings back after a person said yes: a code that is good once."""
        code = f"4/sandbox-{self._rng.getrandbits(96):024x}"
        self._consents[code] = (email, scopes)
        return code

    def withdraw(self, email: str) -> None:
        """A person takes their permission back in the Google account's settings."""
        self._consents = {code: given for code, given in self._consents.items() if given[0] != email}
        self.expire(email)

    def _person(self, form: Mapping[str, str]) -> Json:
        """A person's code against a refresh token, or that one against an access token."""
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            raise BadGrant("invalid_client", "The OAuth client was not found.")
        fresh = form["grant_type"] == "authorization_code"
        given = form.get("code" if fresh else "refresh_token", "")
        if given not in self._consents:
            text = "Malformed auth code." if fresh else "Token has been expired or revoked."
            raise BadGrant("invalid_grant", text)
        email, scopes = self._consents[given]
        told = {
            "access_token": self.issue(email, scopes),
            "expires_in": LIFETIME - 1,
            "scope": " ".join(scopes),
            "token_type": "Bearer",
        }
        if fresh:
            del self._consents[given]
            kept = f"1//sandbox-{self._rng.getrandbits(128):032x}"
            self._consents[kept] = (email, scopes)
            told["refresh_token"] = kept
        return told

    def key_of(self, email: str) -> str:
        """The private key of a service account in PEM; made when first asked for."""
        if email not in self.keys:
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            self.keys[email] = pem.decode()
        return self.keys[email]

    def write(self, path: Path, email: str, token_uri: str) -> Path:
        """A service account's JSON file, as the Cloud console gives it, readable by its owner only."""
        told = {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": _key_id(email),
            "private_key": self.key_of(email),
            "client_email": email,
            "client_id": str(Random(email).randrange(10**20, 10**21)),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(json.dumps(told, indent=2), encoding="utf-8")
        return path

    def grant(self, form: Mapping[str, str]) -> Json:
        """The token endpoint; BadGrant for what is wrong with the assertion."""
        if form.get("grant_type") in ("authorization_code", "refresh_token"):
            return self._person(form)
        if form.get("grant_type") != GRANT:
            raise BadGrant("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._claims(form.get("assertion", ""))
        now = self._clock.now().timestamp()
        issued, until = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int | float) or not isinstance(until, int | float):
            raise BadGrant("invalid_grant", "Invalid JWT: iat and exp must be given.")
        if until < now - 10 or issued > now + 300 or until - issued > 3600 or until <= issued:
            text = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."
            raise BadGrant("invalid_grant", text)
        if claims.get("aud") != AUDIENCE:
            raise BadGrant("invalid_grant", "Invalid JWT: Failed audience check.")
        scopes = tuple(str(claims.get("scope", "")).split())
        if not scopes:
            raise BadGrant("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        token = self.issue(str(claims["iss"]), scopes)
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    def _claims(self, assertion: str) -> Json:
        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
            signed = _decoded(signature)
            algorithm, email = header.get("alg"), claims.get("iss", "")
        except (ValueError, AttributeError):
            raise BadGrant("invalid_grant", "Invalid JWT: cannot be read.") from None
        if algorithm != "RS256":
            raise BadGrant("invalid_grant", "Invalid JWT Signature.")
        if email not in self.keys:
            raise BadGrant("invalid_grant", "Invalid grant: account not found")
        try:
            self._key(email).verify(signed, f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise BadGrant("invalid_grant", "Invalid JWT Signature.") from None
        found: Json = claims
        return found

    def _key(self, email: str) -> rsa.RSAPublicKey:
        if email not in self._public:
            key = serialization.load_pem_private_key(self.keys[email].encode(), None)
            assert isinstance(key, rsa.RSAPrivateKey)
            self._public[email] = key.public_key()
        return self._public[email]

    def issue(self, email: str, scopes: tuple[str, ...] = ALL_SCOPES) -> str:
        """A token for somebody, without asking for a signature."""
        token = "ya29.sandbox-" + f"{self._rng.getrandbits(128):032x}"
        self._tokens[token] = Token(
            email=email, until=self._clock.now().timestamp() + LIFETIME, scopes=scopes
        )
        return token

    def expire(self, email: str = "") -> None:
        """All tokens, or one person's, end now."""
        for each in self._tokens.values():
            if email in ("", each.email):
                each.until = 0

    def caller(self, authorization: str | None, *, drive: bool, write: bool) -> str:
        """Who calls, by the Authorization header; 401 without a good token, 403 without the scope."""
        if not authorization:
            text = (
                "Request is missing required authentication credential." + _NO_CREDENTIALS.partition(".")[2]
            )
            raise Refusal(401, text, reason="required")
        kind, _, text = authorization.partition(" ")
        token = self._tokens.get(text.strip()) if kind.lower() == "bearer" else None
        if token is None or token.until <= self._clock.now().timestamp():
            raise invalid_token()
        if not _allowed(token.scopes, drive=drive, write=write):
            detail = {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
            }
            raise Refusal(
                403,
                "Request had insufficient authentication scopes.",
                [detail],
                reason="insufficientPermissions",
            )
        return token.email


def client_of(authorization: str) -> Json:
    """A client's id and secret where they come as a Basic header instead of in the form."""
    kind, _, text = authorization.partition(" ")
    if kind.lower() != "basic":
        return {}
    number, _, secret = _decoded(text.strip()).decode("utf-8", "replace").partition(":")
    return {"client_id": number, "client_secret": secret}


def invalid_token() -> Refusal:
    """A 401."""
    return Refusal(401, _NO_CREDENTIALS)


def _allowed(scopes: tuple[str, ...], *, drive: bool, write: bool) -> bool:
    names = {"drive", "drive.file"} if drive else {"spreadsheets", "drive", "drive.file"}
    if not write:
        names |= (
            {"drive.readonly", "drive.metadata.readonly"}
            if drive
            else {"spreadsheets.readonly", "drive.readonly"}
        )
    return any(scope.removeprefix(_AUTH) in names for scope in scopes)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _key_id(email: str) -> str:
    return f"{Random(f'key:{email}').getrandbits(160):040x}"
