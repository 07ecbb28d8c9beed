"""The Django app igsite."""

from django.apps import AppConfig


class IgsiteConfig(AppConfig):
    """The site itself: wiring, the shell of the pages, live updates."""

    name = "igsite"
    label = "igsite"
