"""Browser files: an allow-list out of ``node_modules``, and names that carry their content's hash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# The only third-party browser files that are ever published: public name → file in node_modules.
NODE_FILES = {
    "vendor/idiomorph/idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
    "vendor/uplot/uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "vendor/uplot/uPlot.min.css": "uplot/dist/uPlot.min.css",
    "vendor/graphology/graphology.umd.min.js": "graphology/dist/graphology.umd.min.js",
    "vendor/sigma/sigma.min.js": "sigma/dist/sigma.min.js",
    "vendor/fa2/iterate.js": "graphology-layout-forceatlas2/iterate.js",
    "vendor/inter/inter-latin-wght-normal.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
}


def missing_node_files() -> list[str]:
    """The files of the allow-list that npm has not brought yet."""
    return [source for source in NODE_FILES.values() if not _source(source).is_file()]


class NodeModulesFinder(BaseFinder):
    """Finds the files of :data:`NODE_FILES` and nothing else of ``node_modules``."""

    def check(self, **_: Any) -> list[CheckMessage]:
        """A warning when files are missing: the site works without them, with plainer charts and the system's font."""
        missing = missing_node_files()
        if not missing:
            return []
        return [
            CheckWarning(
                f"{len(missing)} browser files are not installed; charts and fonts are plainer without them.",
                hint="Run: python manage.py assets",
                id="igsite.W001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        """The file that is published as ``path``."""
        source = NODE_FILES.get(path)
        hits = [str(_source(source))] if source and _source(source).is_file() else []
        return hits if find_all else next(iter(hits), [])

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Every published file that is there, for collectstatic."""
        for name, source in NODE_FILES.items():
            if _source(source).is_file():
                yield name, _OneFile(_source(source))


class _OneFile(FileSystemStorage):
    """A storage in which every name is the same file."""

    prefix = None

    def __init__(self, file: Path) -> None:
        super().__init__(location=str(file.parent))
        self._file = file

    def path(self, _name: str) -> str:
        return str(self._file)


class HashedStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Hashed and compressed names. References are rewritten in style sheets and in our own modules only.

    Third-party files name source maps that are not published and carry ``import("…")`` in comments: following those
    makes collectstatic fail.
    """

    support_js_module_import_aggregation = True
    patterns = tuple(pattern for pattern in CompressedManifestStaticFilesStorage.patterns if pattern[0] == "*.css")
    _js_module_import_aggregation_patterns = (
        "app/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],  # noqa: SLF001 - its own hook
    )

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """The name with the hash; the plain name of a node file that npm has not brought."""
        try:
            return str(super().hashed_name(name, content, filename))
        except ValueError:
            if name not in NODE_FILES:
                raise
            return name

    def stored_name(self, name: str) -> str:
        """The manifest's entry; the plain name of a node file that npm has not brought."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            if name not in NODE_FILES:
                raise
            return name


def _source(name: str) -> Path:
    return Path(settings.NODE_MODULES) / name
