"""Addresses under /actions/."""

from __future__ import annotations

from django.urls import path

from automation import (
    views_batches,
    views_compare,
    views_ghosts,
    views_links,
    views_posts,
    views_review,
    views_safelists,
    views_staging,
)

app_name = "automation"
urlpatterns = [
    path("", views_batches.listing, name="list"),
    path("new/", views_staging.new, name="new"),
    path("stage/", views_staging.stage, name="stage"),
    path("new/posts/", views_posts.new, name="new-posts"),
    path("stage/posts/", views_posts.stage, name="stage-posts"),
    path("items/<int:item_id>/words/", views_posts.words, name="words"),
    path("lookups/<uuid:lookup_id>/", views_staging.lookup, name="lookup"),
    path("safelists/<slug:safelist>/", views_safelists.listing, name="safelist"),
    path("safelists/<slug:safelist>/add/", views_safelists.add, name="safelist-add"),
    path("safelists/<slug:safelist>/change/", views_safelists.change, name="safelist-change"),
    path("safelists/<slug:safelist>/import/", views_safelists.take_file, name="safelist-import"),
    path("safelists/<slug:safelist>/export/", views_safelists.give_file, name="safelist-export"),
    path("safe/", views_safelists.put, name="safe-put"),
    path("safe/<str:person_id>/", views_safelists.of_person, name="safe"),
    path("linked/", views_links.listing, name="alternatives"),
    path("linked/add/", views_links.add, name="alternative-add"),
    path("linked/remove/", views_links.remove, name="alternative-remove"),
    path("compare/", views_compare.listing, name="compare"),
    path("compare/<uuid:comparison_id>/", views_compare.detail, name="comparison"),
    path("compare/<uuid:comparison_id>/export/", views_compare.give_file, name="comparison-export"),
    path("ghosts/", views_ghosts.listing, name="ghosts"),
    path("ghosts/<uuid:report_id>/", views_ghosts.detail, name="ghost"),
    path("ghosts/<uuid:report_id>/stage/", views_ghosts.stage, name="ghost-stage"),
    path("<uuid:batch_id>/", views_batches.detail, name="detail"),
    path("<uuid:batch_id>/row/", views_batches.row, name="row"),
    path("<uuid:batch_id>/act/", views_batches.act, name="act"),
    path("<uuid:batch_id>/choose/", views_review.choose, name="choose"),
    path("<uuid:batch_id>/confirm/", views_review.confirm, name="confirm"),
    path("<uuid:batch_id>/undo/", views_batches.undo, name="undo"),
    path("<uuid:batch_id>/report/", views_batches.report, name="report"),
    path("<uuid:batch_id>/items/<int:item_id>/judge/", views_batches.judge, name="judge"),
]
