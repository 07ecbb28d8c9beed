"""Rows of a workspace are reached through the one door: in views, the API and websockets no query starts elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from igsite.ownership import OwnedQuerySet
from tests.architecture.sources import APPS, modules, text

# Modules that speak to people and programs. They fetch through for_workspace() or call the domain.
EDGE = re.compile(r"(^|_)(views|api|pages|urls|forms|dashboard|resources)(_|\.py$)")
BARE = re.compile(r"\.(?:objects|_default_manager|_base_manager)\b(?!\.for_workspace\()")
RAW = re.compile(r"\b(?:cursor\(|\.raw\(|\.extra\(|RawSQL)")
# Each exception has its reason: who asks for their own rows, by their own id.
ALLOWED = {
    "accounts/api_people.py": {"Membership.objects.filter(user=request.user)"},
    "accounts/api_sign_in.py": {
        "Membership.objects.filter(user=user, workspace_id=workspace_id)",
        "EmailAddress.objects.filter(user=user, verified=True)",
    },
}


def edge_modules() -> list[Path]:
    """Views, API, forms and pages of the apps."""
    return [path for path in modules() if path.parts[0] in APPS and EDGE.search(path.name)]


def test_there_are_modules_to_look_at() -> None:
    names = {str(path) for path in edge_modules()}
    assert {"accounts/views_members.py", "igsite/jobs/views.py", "accounts/api.py", "igsite/audit_pages.py"} <= names


@pytest.mark.parametrize("path", edge_modules(), ids=str)
def test_no_query_starts_outside_the_door(path: Path) -> None:
    source = text(path)
    for allowed in ALLOWED.get(str(path), ()):
        assert allowed in source, f"{path}: {allowed} is gone; take it off the list"
        source = source.replace(allowed, "")
    found = [line.strip() for line in source.splitlines() if BARE.search(line) or RAW.search(line)]
    assert not found, f"{path}: fetch through for_workspace(request.workspace): {found}"


def owned_models() -> list[type[models.Model]]:
    """Our models that hang on a workspace, directly or through others."""
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in APPS]
    return [model for model in ours if any(field.name == "workspace" for field in model._meta.get_fields())]


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model.__name__)
def test_a_model_with_a_workspace_has_the_door(model: type[models.Model]) -> None:
    assert issubclass(model._default_manager._queryset_class, OwnedQuerySet)  # type: ignore[attr-defined]
    assert model._default_manager.all().for_workspace(None).query.is_empty()  # type: ignore[attr-defined]
