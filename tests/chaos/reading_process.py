"""``python -m tests.chaos.reading_process <login>``: reads with a login for as long as it lives, as a worker would."""

from __future__ import annotations

import sys
import time

import django


def main(login_id: str) -> None:
    """Read, and wait as told."""
    django.setup()
    from accounts import connect
    from accounts.models import InstagramLogin

    print("reading", flush=True)
    while True:
        try:
            login = InstagramLogin.objects.get(pk=login_id)
            with connect.gateway_for(login) as gateway:
                gateway.profile(login.profile_id or 0)
        except connect.MustWait:
            time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1])
