"""What every request passes: host names, CSRF tokens, language, request ids, headers."""

import ipaddress
import secrets
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from core import log
from core.errors import PicholineError
from core.i18n import LANGUAGES, msg, use_language
from core.settings import Settings

CSRF_COOKIE = "picholine_csrf"
CSRF_HEADER = "X-CSRF-Token"
LANGUAGE_COOKIE = "picholine_language"
THEME_COOKIE = "picholine_theme"
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_OWN_SITES = {"same-origin", "none", ""}


def secure(server: Flask, settings: Settings, script_hashes: Callable[[], Iterable[str]]) -> None:
    """Add the checks and headers to a Flask server.

    Args:
        server: the application's server.
        settings: whose host names are served, and the language for browsers without a wish.
        script_hashes: returns the CSP hashes of the inline scripts Dash writes.
    """
    allowed = served_names(settings)

    @server.before_request
    def _enter() -> None:
        log.request_id.set(secrets.token_hex(6))
        g.language = use_language(wanted_language(settings))
        g.language.__enter__()
        check_host(request.host, allowed, any_address=settings.allow_network)
        check_token()

    @server.teardown_request
    def _leave(_error: BaseException | None) -> None:
        if scope := g.pop("language", None):
            scope.__exit__(None, None, None)

    @server.after_request
    def _headers(response: Response) -> Response:
        _set_headers(response, script_hashes)
        return response

    server.register_error_handler(PicholineError, answer_error)
    server.register_error_handler(Exception, answer_unexpected)


def served_names(settings: Settings) -> frozenset[str]:
    """Return the host names this server answers to; other names may be DNS rebinding."""
    names = {"localhost", "127.0.0.1", "::1", settings.host.lower()}
    if settings.allow_network:
        own = socket.gethostname().lower()
        names |= {own, f"{own}.local", socket.getfqdn().lower()}
    return frozenset(names)


def check_host(host: str, allowed: frozenset[str], *, any_address: bool) -> None:
    """Refuse a Host header that is not one of ours.

    Args:
        host: the header, with or without a port.
        allowed: names in lower case.
        any_address: also accept every IP address, which no foreign name can point a browser to.

    Raises:
        PicholineError: the name is not served here.
    """
    name = (urlsplit(f"//{host}").hostname or "").lower()
    if name in allowed or (any_address and _is_address(name)):
        return
    raise PicholineError(
        "request.host",
        msg("This server does not answer to the name “{name}”.", name=name),
        msg("Open it by the address it printed when it started."),
        status=421,
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def check_token() -> None:
    """Refuse a change without this browser's token, or sent from another site.

    Raises:
        PicholineError: token missing or different, or a foreign origin.
    """
    if request.method in _SAFE_METHODS:
        return
    cookie = request.cookies.get(CSRF_COOKIE, "")
    header = request.headers.get(CSRF_HEADER, "")
    own = request.headers.get("Sec-Fetch-Site", "") in _OWN_SITES
    if not (own and cookie and secrets.compare_digest(cookie.encode(), header.encode())):
        raise PicholineError(
            "request.token",
            msg("The request was refused: its security token is missing or out of date."),
            msg("Reload the page and try again."),
            status=403,
        )


def wanted_language(settings: Settings) -> str:
    """Return the language of the cookie, else of the browser, else of the settings."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or settings.language


def _set_headers(response: Response, script_hashes: Callable[[], Iterable[str]]) -> None:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-Request-Id"] = log.request_id.get() or ""
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = content_policy(script_hashes())
        headers["Cache-Control"] = "no-store"
        if not request.cookies.get(CSRF_COOKIE):
            # Scripts must read it to send it back: the double-submit pattern.
            response.set_cookie(
                CSRF_COOKIE,
                secrets.token_urlsafe(32),
                samesite="Strict",
                secure=request.is_secure,
                httponly=False,
            )


def content_policy(script_hashes: Iterable[str]) -> str:
    """Return the Content-Security-Policy: nothing from or to another host, no inline scripts."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes)}".rstrip(),
            # Plotly and the grid write style elements; scripts stay strict.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def answer_error(error: PicholineError) -> tuple[dict[str, str | None], int]:
    """Answer an expected failure as JSON."""
    return {**error.as_dict(), "request": log.request_id.get()}, error.status


def answer_unexpected(error: Exception) -> tuple[dict[str, str | None], int] | HTTPException:
    """Log an unexpected failure and answer with its request id, never with a traceback."""
    if isinstance(error, HTTPException):
        return error
    log.failure("request.failed", path=request.path)
    return answer_error(unexpected())


def unexpected() -> PicholineError:
    """Return what a person sees of an unexpected failure."""
    return PicholineError(
        "unexpected",
        msg("Something went wrong on our side."),
        msg("Try again; if it stays, look up the request number in the log."),
        status=500,
    )
