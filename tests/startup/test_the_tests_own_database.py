"""The tests run on a Postgres of their own, without rights they do not need."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from tests.loopback_only import LeftTheMachineError


@pytest.mark.django_db
def test_the_sites_role_is_no_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper, rolcreaterole from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (False, False)


@pytest.mark.django_db
def test_the_extensions_stand_and_the_migrations_may_ask_for_them_again() -> None:
    with connection.cursor() as cursor:
        for name in ("pg_trgm", "unaccent", "citext", "btree_gin"):
            cursor.execute(f"create extension if not exists {name}")
        cursor.execute("select similarity('aurora', 'aurore') > 0.3, unaccent('é')")
        assert cursor.fetchone() == (True, "e")


@pytest.mark.django_db
def test_names_sort_by_code_point_on_every_machine() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(n, '' order by n) from unnest(array['b', 'A', 'a', 'B', '_', 'é']) n")
        assert cursor.fetchone() == ("AB_abé",)


@pytest.mark.django_db
def test_the_settings_are_those_of_the_tests() -> None:
    assert settings.MODE == "test"
    assert "test" in settings.DATABASES["default"]["NAME"]


def test_no_test_reaches_another_machine() -> None:
    import socket

    with pytest.raises(LeftTheMachineError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(LeftTheMachineError):
        socket.getaddrinfo("example.org", 443)
