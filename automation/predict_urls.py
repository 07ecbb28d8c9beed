"""Addresses under /predictions/."""

from __future__ import annotations

from django.urls import path

from automation import predict_views

app_name = "predictions"
urlpatterns = [
    path("", predict_views.index, name="list"),
    path("quality/", predict_views.quality_page, name="quality"),
    path("quality/train/", predict_views.train, name="train"),
    path("quality/look/", predict_views.look, name="look"),
    path("<uuid:session_id>/", predict_views.session_page, name="session"),
    path("<uuid:session_id>/stage/", predict_views.stage, name="stage"),
    path("of/<int:prediction_id>/", predict_views.person_page, name="person"),
    path("of/<int:prediction_id>/feedback/", predict_views.feedback, name="feedback"),
]
