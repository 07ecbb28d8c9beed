"""Addresses under /settings/logins/, in the namespace ``settings``."""

from __future__ import annotations

from django.urls import path

from accounts import views_login_steps, views_login_usage, views_logins, views_proxies

urlpatterns = [
    path("", views_logins.listing, name="logins"),
    path("add/", views_logins.add, {"way": "password"}, name="login_add"),
    path("add/session/", views_logins.add, {"way": "session"}, name="login_add_session"),
    path("add/settings/", views_logins.add, {"way": "settings"}, name="login_add_settings"),
    path("<uuid:login_id>/", views_logins.detail, name="login"),
    path("<uuid:login_id>/status/", views_logins.status, name="login_status"),
    path("<uuid:login_id>/sign-in/", views_login_steps.sign_in, name="login_sign_in"),
    path("<uuid:login_id>/session/", views_login_steps.take_session, name="login_session"),
    path("<uuid:login_id>/settings/", views_login_steps.take_settings, name="login_settings"),
    path("<uuid:login_id>/channel/", views_login_steps.choose_channel, name="login_channel"),
    path("<uuid:login_id>/code/", views_login_steps.submit_code, name="login_code"),
    path("<uuid:login_id>/approved/", views_login_steps.approved, name="login_approved"),
    path("<uuid:login_id>/pause/", views_login_steps.pause, name="login_pause"),
    path("<uuid:login_id>/resume/", views_login_steps.resume, name="login_resume"),
    path("<uuid:login_id>/unfreeze/", views_login_steps.unfreeze, name="login_unfreeze"),
    path("<uuid:login_id>/probe/", views_login_steps.probe, name="login_probe"),
    path("<uuid:login_id>/usage/", views_login_usage.usage, name="login_usage"),
    path("<uuid:login_id>/hours/", views_login_steps.hours, name="login_hours"),
    path("<uuid:login_id>/pace/", views_login_steps.pace, name="login_pace"),
    path("<uuid:login_id>/proxy/", views_proxies.of_login, name="login_proxy"),
    path("<uuid:login_id>/remove/", views_login_steps.remove, name="login_remove"),
]
