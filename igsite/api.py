"""Placeholder: written next."""

from ninja import NinjaAPI

api = NinjaAPI(title="igsite", urls_namespace="api")
