"""The receiver's side: a real socket that verifies with the public library, and answers as a test scripts it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook


@dataclass(frozen=True)
class Request:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    def verify(self, secret: str) -> Any:
        """Returns the verified body. Raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HANG, DROP = b"hang", b"drop"


def answer(status: int, *headers: str, body: str = "") -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *headers, f"Content-Length: {len(body.encode())}", "", body]
    return "\r\n".join(lines).encode()


@dataclass
class Receiver:
    """Answers each request with the next of `script`, then with `default`."""

    port: int = 0
    host: str = "127.0.0.1"
    scheme: str = "http"
    script: list[bytes] = field(default_factory=list)
    default: bytes = OK
    requests: list[Request] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first request."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}/hooks"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            named = [line.partition(":") for line in head[1:] if line]
            headers = {name.lower(): value.strip() for name, _, value in named}
            body = await reader.readexactly(int(headers["content-length"]))
            self.requests.append(Request(headers, body))
            self.asked.set()
            said = self.script.pop(0) if self.script else self.default
            if said is HANG:
                await reader.read()  # until the other side hangs up
            elif said is not DROP:
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def certificate(name: str, folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Makes a certificate authority and a certificate it signs for `name`. Returns the file of the authority and the
    TLS context of the server."""
    now, keys = datetime.now(UTC), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"示例证书机构 {name}")])

    def signed(subject: x509.Name, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType) -> bytes:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        for extension in extensions:
            made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return made.sign(keys[0], hashes.SHA256()).public_bytes(Encoding.PEM)

    authority, own = folder / f"{name}.ca.pem", folder / f"{name}.pem"
    authority.write_bytes(signed(issuer, keys[0], x509.BasicConstraints(ca=True, path_length=None)))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    its = signed(subject, keys[1], x509.SubjectAlternativeName([x509.DNSName(name)]))
    private = keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own.write_bytes(its + private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own)
    return authority, context


@asynccontextmanager
async def receiver(secured: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    found = Receiver() if secured is None else Receiver(host="localhost", scheme="https")
    server = await asyncio.start_server(found, "127.0.0.1", 0, ssl=secured)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
