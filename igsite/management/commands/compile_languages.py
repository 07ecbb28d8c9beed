"""manage.py compile_languages: make what Django reads from the catalogues that people edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from igsite import catalogues


class Command(BaseCommand):
    """Needs no gettext on the machine."""

    help = "Compiles locale/*/LC_MESSAGES/django.po into the .mo beside each."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Write every .mo; a catalogue that cannot be read is named and nothing of it is written."""
        for source in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po")):
            try:
                content = catalogues.compiled(catalogues.read(source))
            except catalogues.OddCatalogue as error:
                raise CommandError(f"{source}: {error}") from error
            catalogues.compiled_file(source).write_bytes(content)
            self.stdout.write(f"{source.parent.parent.name}: compiled")
