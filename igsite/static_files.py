"""Placeholder: written next."""

from django.contrib.staticfiles.finders import FileSystemFinder
from whitenoise.storage import CompressedManifestStaticFilesStorage


class NodeModulesFinder(FileSystemFinder):
    """Finds nothing of its own yet."""


class HashedStorage(CompressedManifestStaticFilesStorage):
    """As it comes."""
