"""The walls around a message on its way out. They stand in the sender's own process, and nothing takes them down again.

* A name is resolved once; that address is connected to and no other. A private, reserved or translated one is none.
* No redirect is followed, no proxy or password file of the account is used.
* No program is started, no file is written, none is read outside Python's own folders.
* What answers may say a megabyte.

What was seen on the way is kept in :class:`Seen`: whether a failed message is known not to have gone out.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from igsite.public_address import AddressRefused, NameUnknown, resolved

MOST_BYTES: Final = 1_000_000
_MOST_MEMORY: Final = 1_500_000_000
#: Audit events (:mod:`sys`) of what the sender has no business with.
_FORBIDDEN: Final = (
    "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "os.remove",
    "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "shutil.",
    "socket.bind", "socket.sendto", "socket.sendmsg", "ctypes.dlopen", "pty.", "ftplib.", "webbrowser.", "winreg.",
)  # fmt: skip

#: Reasons of OpenSSL that belong to the handshake, before anything of ours is sent.
_HANDSHAKE: Final = ("WRONG_VERSION", "PROTOCOL", "HANDSHAKE", "HTTP_REQUEST", "UNKNOWN_CA", "UNRECOGNIZED_NAME")


@dataclass
class Seen:
    """What happened to one message. ``trouble`` holds ``(code, host or number)`` of what went wrong, in order.

    ``accepted`` counts what a server took, ``unsure`` what was handed over without an answer.
    """

    accepted: int = 0
    unsure: int = 0
    trouble: list[tuple[str, str]] = field(default_factory=list)

    @property
    def may_have_gone_out(self) -> bool:
        """Whether a message that failed as a whole may have arrived somewhere."""
        return bool(self.accepted or self.unsure)


class Names:
    """The one address of each name, resolved at its first use."""

    def __init__(self, seen: Seen, *, allow_loopback: bool) -> None:
        self._seen = seen
        self._allow_loopback = allow_loopback
        self._look_up: Callable[..., Any] = socket.getaddrinfo
        self._known: dict[str, str] = {}
        self._addresses: set[str] = set()

    def getaddrinfo(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        """In place of :func:`socket.getaddrinfo`."""
        text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        if text not in self._known:
            try:
                self._known[text] = resolved(
                    text, int(port or 0), allow_loopback=self._allow_loopback, look_up=self._look_up
                )
            except NameUnknown:
                self._refuse("name_unknown", text)
            except AddressRefused:
                self._refuse("address_refused", text)
        found = list(self._look_up(self._known[text], port, *args, **options))
        self._addresses |= {str(entry[4][0]) for entry in found}
        return found

    def check(self, address: Any) -> None:
        """Refuse a connection to anything that was not resolved here."""
        host = address[0] if isinstance(address, tuple) else None
        if host not in self._addresses:
            self._refuse("address_refused", str(host or ""))

    def _refuse(self, code: str, host: str) -> None:
        self._seen.trouble.append((code, host))
        raise socket.gaierror(socket.EAI_FAIL, code)


def put_up(seen: Seen, *, allow_loopback: bool) -> None:
    """All of it, for the rest of this process."""
    names = Names(seen, allow_loopback=allow_loopback)
    _watch_requests(seen)
    _watch_mail(seen)
    _cap_answers(seen)
    _cap_process()
    socket.getaddrinfo = names.getaddrinfo
    readable = tuple(str(Path(folder).resolve()) for folder in {sys.prefix, sys.base_prefix, *_trusted()})

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            names.check(args[1])
        elif event == "open":
            _check_file(args, readable)
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(event)

    sys.addaudithook(hook)


def _trusted() -> list[str]:
    """Where certificates and time zones lie."""
    return ["/etc/ssl", "/usr/share/zoneinfo", "/usr/lib/ssl", "/dev/null", "/dev/urandom"]


def _check_file(args: tuple[Any, ...], readable: tuple[str, ...]) -> None:
    name, mode = args[0], args[1] if len(args) > 1 else "r"
    if isinstance(name, int):
        return
    wants_more = any(letter in str(mode or "r") for letter in "wax+")
    path = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    if wants_more or not str(Path(path).absolute()).startswith(readable) or ".." in Path(path).parts:
        raise PermissionError(13, "not for messages")


def _watch_requests(seen: Seen) -> None:
    send = requests.Session.send

    def watched(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        options["allow_redirects"] = False
        options["proxies"] = {}
        try:
            answer = send(session, request, **options)
        except requests.RequestException as error:
            _note_failure(seen, error, request)
            raise
        if answer.status_code >= 300:
            seen.trouble.append(("answered", str(answer.status_code)))
        elif request.method not in {"GET", "HEAD"}:
            seen.accepted += 1
        return answer

    requests.Session.send = watched  # type: ignore[method-assign, assignment]


def _note_failure(seen: Seen, error: requests.RequestException, request: requests.PreparedRequest) -> None:
    """Nothing went out if the connection never stood; else nobody knows."""
    host = (request.url or "").partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    if isinstance(error, requests.exceptions.SSLError) and _is_before_the_message(reason):
        seen.trouble.append(("certificate", host))
    elif isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        seen.trouble.append(("unreachable", host))
    elif isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        seen.trouble.append(("unreadable", ""))
    else:
        seen.unsure += 1
        seen.trouble.append(("no_answer", host))


def _is_before_the_message(reason: object) -> bool:
    """Whether the two never agreed on how to speak in private. Any other trouble of that kind may come later."""
    told: object = reason
    while isinstance(told, HTTPError) and told.args and isinstance(told.args[0], Exception):
        told = told.args[0]
    return isinstance(told, ssl.SSLCertVerificationError) or (
        isinstance(told, ssl.SSLError) and any(word in str(told) for word in _HANDSHAKE)
    )


def _watch_mail(seen: Seen) -> None:
    connect, login, data = smtplib.SMTP.connect, smtplib.SMTP.login, smtplib.SMTP.data

    def watched_connect(smtp: smtplib.SMTP, host: str = "localhost", *args: Any, **options: Any) -> Any:
        try:
            return connect(smtp, host, *args, **options)
        except (OSError, HTTPError):
            seen.trouble.append(("unreachable", host))
            raise

    def watched_login(smtp: smtplib.SMTP, *args: Any, **options: Any) -> Any:
        try:
            return login(smtp, *args, **options)
        except smtplib.SMTPException:
            seen.trouble.append(("mail_login", ""))
            raise

    def watched_data(smtp: smtplib.SMTP, message: Any) -> Any:
        seen.unsure += 1
        code, words = data(smtp, message)
        seen.unsure -= 1
        if code == 250:
            seen.accepted += 1
        else:
            seen.trouble.append(("answered", str(code)))
        return code, words

    smtplib.SMTP.connect = watched_connect  # type: ignore[method-assign, assignment]
    smtplib.SMTP.login = watched_login  # type: ignore[method-assign, assignment]
    smtplib.SMTP.data = watched_data  # type: ignore[method-assign, assignment]


def _cap_answers(seen: Seen) -> None:
    readinto = socket.SocketIO.readinto
    read = 0

    def counted(stream: socket.SocketIO, buffer: Any) -> Any:
        nonlocal read
        got = readinto(stream, buffer)
        read += got or 0
        if read > MOST_BYTES:
            seen.trouble.append(("too_long", ""))
            raise OSError("too long an answer")
        return got

    socket.SocketIO.readinto = counted  # type: ignore[method-assign, assignment]


def _cap_process() -> None:
    if sys.platform == "win32":
        return
    import resource

    for what, most in ((resource.RLIMIT_AS, _MOST_MEMORY), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
