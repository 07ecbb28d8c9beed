"""``python -m tests.gateway.other_process BASE_URL CODE``: finishes a login whose state comes on standard input."""

from __future__ import annotations

import json
import sys

from accounts.gateway.login import LoggedIn
from accounts.gateway.providers import open_login

step = open_login(base_url=sys.argv[1]).submit_code(json.load(sys.stdin), sys.argv[2])
if not isinstance(step, LoggedIn):
    raise SystemExit(f"not logged in: {step}")
print(json.dumps({"username": step.username, "pk": step.pk, "settings": step.settings}))
