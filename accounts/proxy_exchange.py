"""Proxies as CSV: in from what sellers of proxies hand out, out without credentials and without formulas."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields, resources

from accounts import proxies, proxy_ways
from accounts.gateway.proxy import NotAProxy, ProxyAddress, parse_proxy
from accounts.models import Proxy, User, Workspace
from accounts.tracked_exchange import SmallCSV, without_formula
from accounts.vault import VaultError
from igsite.problems import Problem
from igsite.secrets import Secret

ROWS: Final = 500
#: Refusals that are told one by one.
_TOLD: Final = 20
_COLUMNS: Final = {"name", "proxy", "address", "url", "scheme", "kind", "type", "host", "ip", "port", "username",
                   "user", "login", "password", "pass"}  # fmt: skip


@dataclass
class Imported:
    """What an import did. ``refused`` are sentences that name the line and hold nothing of its content."""

    added: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        """Note a line that was left out."""
        if len(self.refused) < _TOLD:
            self.refused.append(_("Line %(line)s: %(why)s") % {"line": line, "why": why})


def take_in(*, workspace: Workspace, content: bytes, by: User | None, now: datetime) -> Imported:
    """The proxies of a CSV file: a column ``proxy`` with whole addresses, or columns host, port, username, password and
    scheme; or no header and one address a line. Those that are here already stay as they are; each new one is tried.

    Raises:
        proxies.ProxyInvalid: this is no such file, or it has too many lines.
    """
    result = Imported()
    known = {_fingerprint(address) for address in _stored(workspace)}
    for line, row in _rows(content):
        try:
            address = _address(row)
            if _fingerprint(address) in known:
                result.known += 1
                continue
            proxies.add(workspace=workspace, address=address, name=row.get("name", ""), by=by, now=now)
        except (Problem, NotAProxy) as refused:
            result.refuse(line, str(refused))
            continue
        known.add(_fingerprint(address))
        result.added += 1
    return result


class ProxyResource(resources.ModelResource):  # type: ignore[misc]  # the library is untyped
    """What goes out: no credentials."""

    health = fields.Field(attribute="get_state_display", column_name="state")

    class Meta:
        model = Proxy
        fields = ("name", "scheme", "host", "port", "health", "last_error", "last_error_at", "checked_at")
        export_order = fields

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> object:
        """Text from elsewhere starts no formula."""
        return without_formula(super().export_field(field, instance, **kwargs))


def as_csv(proxies_of_workspace: QuerySet[Proxy]) -> str:
    """The proxies as CSV."""
    dataset = ProxyResource().export(proxies_of_workspace.order_by("name", "id").defer("credentials_sealed"))
    return str(dataset.csv)


def _rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows, each with the number of its line in the file."""
    try:
        text = content.decode("utf-8-sig")
        first = next((line for line in text.splitlines() if line.strip()), "")
        names = [name.strip().lower() for name in first.replace(";", ",").split(",")]
        if not set(names) & _COLUMNS:
            lines = [line.strip().strip(",;\"'") for line in text.splitlines()]
            rows: list[tuple[int, dict[str, str]]] = [
                (number, {"proxy": line}) for number, line in enumerate(lines, 1) if line
            ]
        else:
            dataset = SmallCSV().create_dataset(text)
            headers = [str(name).strip().lower() for name in dataset.headers]
            values = [dict(zip(headers, map(str, row), strict=False)) for row in dataset]
            told = [number for number, line in enumerate(text.splitlines(), 1) if line.strip()][1:]
            rows = list(zip(told if len(told) == len(values) else range(2, len(values) + 2), values, strict=True))
    except (UnicodeDecodeError, ValueError, TypeError, KeyError, StopIteration) as error:
        raise _not_such_a_file() from error
    if not rows:
        raise _not_such_a_file()
    if len(rows) > ROWS:
        raise proxies.ProxyInvalid(_("A file may hold %(most)s proxies at most.") % {"most": ROWS})
    return rows


def _not_such_a_file() -> proxies.ProxyInvalid:
    sentence = _("This is no CSV file of proxies: one address a line, or columns host, port, username, password.")
    return proxies.ProxyInvalid(sentence, fields={"file": [sentence]})


def _address(row: dict[str, str]) -> ProxyAddress:
    whole = _first(row, "proxy", "address", "url")
    if whole:
        return parse_proxy(whole.removeprefix("'"))
    port = _first(row, "port")
    return proxies.address_of(
        scheme=(_first(row, "scheme", "kind", "type") or "http").lower(),
        host=_first(row, "host", "ip"),
        port=int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0,
        username=_first(row, "username", "user", "login"),
        password=Secret(_first(row, "password", "pass")),
    )


def _first(row: dict[str, str], *names: str) -> str:
    return next((row[name].strip() for name in names if row.get(name, "").strip()), "")


def _stored(workspace: Workspace) -> list[ProxyAddress]:
    """All addresses with their credentials; one whose credentials cannot be opened is nobody's equal."""
    found = []
    for proxy in Proxy.objects.for_workspace(workspace):
        try:
            found.append(proxy_ways.opened(proxy))
        except VaultError:
            continue
    return found


def _fingerprint(address: ProxyAddress) -> tuple[str, str, int, str]:
    return address.scheme, address.host, address.port, address.username
