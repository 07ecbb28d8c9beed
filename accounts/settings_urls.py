"""Addresses under /settings/."""

from __future__ import annotations

from django.urls import include, path

from accounts import views_members, views_profile, views_tokens, views_vault
from igsite import audit_pages, doctor_pages

app_name = "settings"
urlpatterns = [
    path("", views_profile.index, name="index"),
    path("profile/", views_profile.profile, name="profile"),
    path("workspaces/", views_profile.workspace, name="workspaces"),
    path("workspaces/new/", views_profile.new_workspace, name="new_workspace"),
    path("workspaces/delete/", views_profile.delete_workspace, name="delete_workspace"),
    path("workspaces/switch/", views_profile.switch, name="switch"),
    path("logins/", include("accounts.login_urls")),
    path("proxies/", include("accounts.proxy_urls")),
    path("sources/", include("accounts.source_urls")),
    path("members/", views_members.listing, name="members"),
    path("members/<uuid:membership_id>/role/", views_members.change_role, name="change_role"),
    path("members/<uuid:membership_id>/remove/", views_members.remove, name="remove_member"),
    path("invitations/", views_members.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/revoke/", views_members.revoke_invitation, name="revoke_invitation"),
    path("join/<str:token>/", views_members.join, name="join"),
    path("tokens/", views_tokens.listing, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", views_tokens.revoke, name="revoke_token"),
    path("vault/", views_vault.page, name="vault"),
    path("vault/unlock/", views_vault.unlock, name="unlock"),
    path("vault/lock/", views_vault.lock, name="lock"),
    path("vault/passphrase/", views_vault.passphrase, name="passphrase"),
    path("vault/passphrase/remove/", views_vault.remove, name="remove_passphrase"),
    path("doctor/", doctor_pages.overview, name="doctor"),
    path("doctor/site/<slug:check>/", doctor_pages.of_site, name="doctor_site"),
    path("doctor/here/<slug:group>/", doctor_pages.of_workspace, name="doctor_workspace"),
    path("audit/", audit_pages.log, name="audit"),
]
