"""Addresses under /accounts/ that are about the list of tracked accounts; the pages of one account are the scans'."""

from __future__ import annotations

from django.urls import path

from accounts import views_accounts, views_sources

app_name = "accounts"
urlpatterns = [
    path("", views_accounts.listing, name="list"),
    path("<uuid:account_id>/row/", views_accounts.row, name="row"),
    path("<uuid:account_id>/bookmark/", views_accounts.bookmark, name="bookmark"),
    path("<uuid:account_id>/refresh/", views_accounts.refresh, name="refresh"),
    path("<uuid:account_id>/delete/", views_accounts.delete, name="delete"),
    path("<uuid:account_id>/sources/", views_sources.of_account, name="sources"),
]
