"""Sends one message to where a channel leads, and says whether one that failed may have arrived all the same.

Apprise runs in a process of its own (:mod:`monitoring.channel_sender`), which has none of the site's keys and dies
after :data:`SECONDS`. Mails without a server of their own go by the site's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from igsite.secrets import Secret
from monitoring.channel_troubles import stored

#: Well below the lease of a job's step.
SECONDS: Final = 45
_MAIL_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: plain text."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message. ``trouble`` is empty when it was taken."""

    trouble: str = ""
    may_have_arrived: bool = False

    @property
    def is_well(self) -> bool:
        """Whether the service took it."""
        return not self.trouble


def send(address: Secret, message: Message) -> Sent:
    """The message, once. Never raises for what the other side does. No transaction may be open."""
    where = json.loads(address.reveal())
    return _by_mail(where["mail"], message) if "mail" in where else _by_apprise(where["url"], message)


def _by_apprise(url: str, message: Message) -> Sent:
    """Through the sender's process, which gets the address by a pipe."""
    given = {"address": url, "title": message.title, "body": message.body, "allow_loopback": not settings.PRODUCTION}
    try:
        ran = subprocess.run(
            [sys.executable, "-E", "-s", "-B", "-m", "monitoring.channel_sender"],
            input=json.dumps(given).encode(), capture_output=True, timeout=SECONDS, check=False,
            cwd=settings.BASE_DIR, env=_environment(),
        )  # fmt: skip
        said: dict[str, Any] = json.loads(ran.stdout)
    except subprocess.TimeoutExpired:
        return Sent(stored("no_answer"), may_have_arrived=True)
    except ValueError:  # it died
        return Sent(stored("interrupted"), may_have_arrived=True)
    if said["ok"]:
        return Sent()
    return Sent(stored(said["code"], said["about"]), may_have_arrived=said["may_have_gone_out"])


def _environment() -> dict[str, str]:
    """Nothing of ours: no keys, no proxies, no home with a password file."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LANG") if name in os.environ}
    return kept | {"PATH": os.defpath, "HOME": os.devnull, "PYTHONUTF8": "1"}


def _by_mail(people: list[str], message: Message) -> Sent:
    """Through the site's own mail server."""
    title = " ".join(message.title.split())
    mail = EmailMessage(title, message.body, settings.DEFAULT_FROM_EMAIL, people)
    link = get_connection(timeout=_MAIL_SECONDS)
    try:
        link.open()
    except (OSError, SMTPException) as error:
        return Sent(stored("mail_login" if isinstance(error, SMTPResponseException) else "unreachable", _server()))
    try:
        link.send_messages([mail])
    except SMTPRecipientsRefused:
        return Sent(stored("mail_refused", "550"))
    except SMTPResponseException as refused:
        return Sent(stored("mail_refused", str(refused.smtp_code)))
    except (OSError, SMTPException):
        return Sent(stored("no_answer"), may_have_arrived=True)
    finally:
        link.close()
    return Sent()


def _server() -> str:
    return str(settings.EMAIL_HOST)
