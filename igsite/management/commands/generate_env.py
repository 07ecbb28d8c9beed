"""``manage.py generate_env``: the secrets of a production site, fresh."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Prints .env.example with its secrets filled in."""

    help = "Print an environment file with fresh secrets: python manage.py generate_env > .env && chmod 600 .env"
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Never writes a file: whoever redirects it decides where secrets lie."""
        fresh = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "IGSITE_MASTER_KEY": import_string(settings.NEW_MASTER_KEY)(),
            "POSTGRES_PASSWORD": secrets.token_urlsafe(32),
        }
        example = (settings.BASE_DIR / ".env.example").read_text()
        for name, value in fresh.items():
            example = re.sub(rf"^{name}=.*$", f"{name}={value}", example, flags=re.MULTILINE)
        self.stdout.write(example, ending="")
