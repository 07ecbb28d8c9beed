"""What `manage.py doctor` says about the vault."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import vault_lock
from accounts.master_key import MasterKeyMissing, key_source, master_keys
from accounts.models import DataKey, VaultLock

_SOURCES = {"environment": "IGSITE_MASTER_KEY", "keyring": "the system's key store", "file": "a file"}


def report() -> tuple[bool, str]:
    """Whether every secret could be opened now, and the sentence for the operator."""
    try:
        known = [key.id for key in master_keys()]
    except MasterKeyMissing as missing:
        return False, str(missing)
    known += list(VaultLock.objects.values_list("key_id", flat=True))
    foreign = DataKey.objects.exclude(master_key_id__in=known).count()
    if foreign:
        return False, _(
            "%(count)s of its keys are wrapped by another master key. Give back the key they were made with: put it "
            "behind the present one, with a comma."
        ) % {"count": foreign}
    state = vault_lock.state(timezone.now())
    if state.is_locked:
        return False, _("It is locked, and whatever needs a login waits: manage.py vault unlock")
    how = _("unlocked with its passphrase") if state.has_passphrase else _("open")
    return True, _("%(how)s; the master key is from %(source)s") % {"how": how, "source": _SOURCES[key_source()]}
