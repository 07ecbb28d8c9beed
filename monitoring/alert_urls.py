"""Addresses under /alerts/."""

from __future__ import annotations

from django.urls import path

from monitoring import views_alerts, views_feeds, views_rules

app_name = "alerts"
urlpatterns = [
    path("", views_alerts.inbox, name="inbox"),
    path("bell/", views_alerts.bell, name="bell"),
    path("read/", views_alerts.read_all, name="read-all"),
    path("<uuid:alert_id>/read/", views_alerts.read, name="read"),
    path("rules/", views_rules.listing, name="rules"),
    path("rules/new/", views_rules.new, name="rule-new"),
    path("rules/<uuid:rule_id>/", views_rules.change, name="rule"),
    path("rules/<uuid:rule_id>/act/", views_rules.act, name="rule-act"),
    path("rules/<uuid:rule_id>/delete/", views_rules.delete, name="rule-delete"),
    path("feeds/", views_feeds.listing, name="feeds"),
    path("feeds/<uuid:feed_id>/revoke/", views_feeds.revoke, name="feed-revoke"),
    path("feed/<str:token>/", views_feeds.feed, name="feed"),
]
