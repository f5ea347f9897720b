"""Files in a request: what the signature leaves out and the log names by kind and size."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser

_KINDS = {b"GIF8": "GIF", b"\xff\xd8\xff": "JPG", b"\x89PNG": "PNG"}


class Uploaded(str):
    """A file as text: `PNG 1234` is a picture of so many bytes; "?" stands for what is no picture."""

    __slots__ = ()

    @classmethod
    def of(cls, data: bytes) -> Uploaded:
        """Kind and size of a file."""
        kind = next((name for magic, name in _KINDS.items() if data.startswith(magic)), "?")
        return cls(f"{kind} {len(data)}")

    @property
    def kind(self) -> str:
        """GIF, JPG, PNG or "?"."""
        return self.partition(" ")[0]

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.partition(" ")[2])


def parts_of(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a multipart form; files as `Uploaded`."""
    message: Message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    found: dict[str, str] = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(data, bytes):
            found[name] = Uploaded.of(data) if part.get_filename() is not None else data.decode("utf-8")
    return found


def without_files(sent: Mapping[str, str]) -> dict[str, str]:
    """What is signed."""
    return {name: text for name, text in sent.items() if not isinstance(text, Uploaded)}
