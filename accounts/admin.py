"""The admin of the accounts app, by subject."""

from __future__ import annotations

from accounts import admin_logins, admin_people, admin_sources

__all__ = ["admin_logins", "admin_people", "admin_sources"]
