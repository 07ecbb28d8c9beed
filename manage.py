#!/usr/bin/env python
"""Django's command line for igsite."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igsite.settings")
    if sys.argv[1:2] == ["generate_env"]:  # makes the very secrets that production settings demand
        os.environ["IGSITE_MODE"] = "demo"
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # its text says what to do; a trace would hide it
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
