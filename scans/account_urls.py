"""Addresses of one account's pages, under /accounts/<id>/: what its scans saw."""

from __future__ import annotations

from django.urls import path

from scans import (
    views_account,
    views_changes,
    views_exports,
    views_filters,
    views_history,
    views_import,
    views_losses,
    views_network,
    views_people,
    views_selected,
)

app_name = "account"
urlpatterns = [
    path("selected/", views_selected.selected, name="selected"),
    path("<uuid:account_id>/", views_account.overview, name="overview"),
    path("<uuid:account_id>/people/", views_people.people_page, name="people"),
    path("<uuid:account_id>/people/filters/", views_filters.save, name="filter-save"),
    path("<uuid:account_id>/people/filters/<uuid:filter_id>/remove/", views_filters.remove, name="filter-remove"),
    path("<uuid:account_id>/changes/", views_changes.changes_page, name="changes"),
    path("<uuid:account_id>/network/", views_network.network_page, name="network"),
    path("<uuid:account_id>/network.json", views_network.network_json, name="network-json"),
    path("<uuid:account_id>/losses/check/", views_losses.check_losses, name="check-losses"),
    path("<uuid:account_id>/history/", views_history.history_page, name="history"),
    path("<uuid:account_id>/history/people/", views_history.people_at_page, name="people-at"),
    path("<uuid:account_id>/export/", views_exports.order, name="export"),
    path("<uuid:account_id>/import/", views_import.import_page, name="import"),
    path("<uuid:account_id>/import/<uuid:upload_id>/", views_import.progress_page, name="import-progress"),
]
