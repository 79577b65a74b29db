"""Security headers of every answer: no guessing of types, no framing, no foreign scripts, no caching of API answers."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CLIENT_POLICY = _POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""Ant Design writes styles into the page (docs/adr/0045-the-client.md); scripts are files that we serve."""
DOCUMENTATION_POLICY = CLIENT_POLICY + "; worker-src blob:"
"""Swagger UI and ReDoc write styles into the page as well, and start workers."""

_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Opener-Policy": "same-origin"}
"""By plain http browsers ignore these, and report the second as an error in the console of each page."""


class SecurityHeaders:
    """Adds the headers that the handler has not set. Browsers and proxies do not cache answers of the API."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.is_https = is_https
        """Whether users connect by https, even where a proxy connects to us by http."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_api = scope["path"].startswith("/api/")

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_https = self.is_https or scope["scheme"] == "https"
                for name, value in (_ALWAYS | _BY_HTTPS if is_https else _ALWAYS).items():
                    headers.setdefault(name, value)
                if is_api:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, guarded)
