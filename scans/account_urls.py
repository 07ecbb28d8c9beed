"""Addresses of one account's pages, under /accounts/<id>/: what its scans saw."""

from __future__ import annotations

from django.urls import path

from scans import views_account, views_changes, views_import, views_network, views_people

app_name = "account"
urlpatterns = [
    path("<uuid:account_id>/", views_account.overview, name="overview"),
    path("<uuid:account_id>/people/", views_people.people_page, name="people"),
    path("<uuid:account_id>/changes/", views_changes.changes_page, name="changes"),
    path("<uuid:account_id>/network/", views_network.network_page, name="network"),
    path("<uuid:account_id>/network.json", views_network.network_json, name="network-json"),
    path("<uuid:account_id>/import/", views_import.import_page, name="import"),
]
