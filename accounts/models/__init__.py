"""Who: users, workspaces, Instagram identities, tracked accounts, Instagram logins and what they used."""

from accounts.models.logins import InstagramLogin, LoginStatus
from accounts.models.people import Profile
from accounts.models.proxies import Proxy, SourceProxy
from accounts.models.source_answers import SourceAnswer
from accounts.models.source_health import Circuit, Part, SourceHealth, SourceWait
from accounts.models.source_runs import RunState, SourceRun
from accounts.models.sources import KeyStatus, Purpose, SourceAccess, SourceChain, SourceName
from accounts.models.tokens import ApiSession, ApiToken, TokenScope
from accounts.models.tracked import TrackedAccount
from accounts.models.usage import SourceCall
from accounts.models.users import User
from accounts.models.vault_keys import DataKey, VaultLock
from accounts.models.workspaces import Invitation, Membership, Workspace

__all__ = [
    "ApiSession",
    "ApiToken",
    "Circuit",
    "DataKey",
    "InstagramLogin",
    "Invitation",
    "KeyStatus",
    "LoginStatus",
    "Membership",
    "Part",
    "Profile",
    "Proxy",
    "Purpose",
    "RunState",
    "SourceAccess",
    "SourceAnswer",
    "SourceCall",
    "SourceChain",
    "SourceHealth",
    "SourceName",
    "SourceProxy",
    "SourceRun",
    "SourceWait",
    "TokenScope",
    "TrackedAccount",
    "User",
    "VaultLock",
    "Workspace",
]
