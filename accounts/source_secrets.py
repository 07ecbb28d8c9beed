"""The keys of services in the vault: sealed for their row, opened for the door of their source."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from accounts import vault
from accounts.connect import NotReady
from accounts.gateway.abilities import SOURCES, Needs
from accounts.models import SourceAccess, SourceName
from accounts.source_pages import page_of
from igsite.secrets import Secret

KEYED: Final = tuple(name for name in SourceName if SOURCES[name].needs == Needs.KEY)
_PLACE: Final = "accounts_sourceaccess.key_sealed"


def sealed(access: SourceAccess, key: Secret) -> bytes:
    """``key`` as it is stored in this row. Raises :class:`accounts.vault.VaultError`."""
    return vault.seal(_PLACE, access.pk, access.workspace_id, key)


def opened(access: SourceAccess) -> Secret:
    """The key.

    Raises:
        NotReady: there is none.
        accounts.vault.VaultError: it cannot be opened.
    """
    if access.key_sealed is None:
        why = _("There is no key for %(source)s in this workspace.") % {"source": access.get_source_display()}
        raise NotReady(why, page_of(access.source))
    return vault.open_sealed(_PLACE, access.pk, access.workspace_id, access.key_sealed)
