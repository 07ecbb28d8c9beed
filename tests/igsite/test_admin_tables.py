"""Every table of the admin: it opens, is searched and filtered, costs the same however many rows there are, shows no
secret, and is not written where the site writes it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from igsite.admin_site import HIDDEN
from igsite.admin_tables import NEWEST, BigTable, LookOnly, NewestRows
from igsite.models import AuditEntry
from tests.igsite.admin_rows import made
from tests.people import Cast, make_user

pytestmark = pytest.mark.django_db
TABLES = sorted(admin.site._registry, key=lambda model: model._meta.label)
#: Tables of ours that are not in the admin, each with its reason.
LEFT_OUT = {
    "accounts.ApiSession": "a key",
    "accounts.ApiToken": "a key",
    "accounts.DataKey": "a key",
    "accounts.VaultLock": "a key",
    "monitoring.ToldLoss": "a mark that a loss was told",
    "monitoring.AlertRead": "who has read what is nobody else's",
    "igsite.KeptAnswer": "answers to programs, tokens among them",
    "scans.FollowDate": "dates of an export, by a composite key, which the admin cannot show",
    "scans.ImportedName": "names of an export while it is read, by a composite key",
    "scans.ListBitmap": "a cache of bits",
    "scans.ListSearch": "which list is searchable: a mark of a job",
}
SECRETS = ("_sealed", "token_hash", "refresh_hash", "spent_hash", "password_mark", "wrapped")
QUERIES_MOST = 14


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    person = make_user("operator", is_staff=True, is_superuser=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/admin/jobs/")  # the first request founds a workspace
    return client


def address(model: Any, what: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=args)


def test_every_table_is_in_the_admin_or_has_its_reason() -> None:
    ours = {"igsite", "jobs", "accounts", "scans", "monitoring"}
    found = {model._meta.label for model in apps.get_models() if model._meta.app_label in ours}
    shown = {model._meta.label for model in TABLES}
    assert found - shown == set(LEFT_OUT)
    assert not {model._meta.app_label for model in TABLES} & HIDDEN


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_a_table_is_listed_searched_and_filtered_at_the_same_cost(operator: Client, model: Any) -> None:
    table = admin.site._registry[model]
    label = model._meta.label_lower
    counts = []
    for more in (2, 4):
        rows = [made(label) for _ in range(more)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = operator.get(address(model))
        assert answer.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= QUERIES_MOST, [one["sql"][:200] for one in queries]
    assert operator.get(address(model, "change", rows[0].pk)).status_code == 200
    if table.search_fields:
        assert operator.get(address(model), {"q": "a"}).status_code == 200
    for choice in _choices(answer):
        assert operator.get(f"{address(model)}{choice}").status_code == 200, choice


def _choices(answer: Any) -> list[str]:
    shown = answer.context["cl"]
    last = [list(spec.choices(shown))[-1]["query_string"] for spec in shown.filter_specs]
    return [one for one in last if one]


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_a_table_shows_no_secret_and_says_what_may_be_done(model: Any, rf: Any) -> None:
    table = admin.site._registry[model]
    request = rf.get("/")
    request.user = make_user("operator", is_staff=True, is_superuser=True)
    shown = {field.name for field in _fields(table, request)} | {str(name) for name in table.get_list_display(request)}
    assert not [name for name in shown if name.endswith(SECRETS)]
    assert "delete_selected" not in table.get_actions(request) or table.has_delete_permission(request)
    for name in (*table.list_display, *table.list_filter):
        field = name[0] if isinstance(name, tuple) else name
        assert not str(field).endswith(SECRETS)


def _fields(table: Any, request: Any) -> list[models.Field[Any, Any]]:
    names = [name for _title, options in table.get_fieldsets(request) for name in options["fields"]]
    return [table.opts.get_field(name) for name in names if isinstance(name, str) and hasattr(table.model, name)]


def test_what_the_site_writes_has_no_address_for_writing(operator: Client) -> None:
    for model in TABLES:
        if isinstance(admin.site._registry[model], LookOnly):
            for what in ("add", "delete"):
                with pytest.raises(NoReverseMatch):
                    address(model, what)
            assert operator.post(address(model, "change", made(model._meta.label_lower).pk), {}).status_code == 403


def test_a_big_table_is_not_counted_further_than_it_is_leafed_through() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert NewestRows(AuditEntry.objects.order_by("-at"), 50).count == 0
    assert f"LIMIT {NEWEST}" in queries[0]["sql"]
    assert "ORDER BY" not in queries[0]["sql"]
    big = {model._meta.label for model in TABLES if isinstance(admin.site._registry[model], BigTable)}
    assert {"accounts.Profile", "accounts.SourceCall", "igsite.AuditEntry", "jobs.Job"} <= big


def test_chosen_rows_go_out_without_formulas_and_into_the_audit_log(cast: Cast) -> None:
    from accounts.models import Profile

    for pk, name in ((71, "=1+1"), (72, "anna")):
        Profile.objects.create(pk=pk, username=name, full_name="Anna Ü", followers_count=5)
    chosen = {"action": "as_csv", "_selected_action": ["71", "72"]}
    answer = cast.client(cast.operator).post("/admin/accounts/profile/", chosen)
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert [row[0] for row in rows[1:]] == ["anna", "'=1+1"]
    assert rows[1][1:3] == ["Anna Ü", "72"]
    entry = AuditEntry.objects.get(action="admin.exported")
    assert (entry.who, entry.details) == (cast.operator, {"table": "accounts.Profile", "rows": 2})


def test_staff_who_may_only_look_are_offered_no_act(cast: Cast) -> None:
    helper = make_user("helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client, login = cast.client(helper), made("accounts.instagramlogin")
    page = client.get("/admin/accounts/instagramlogin/").content.decode()
    assert 'value="as_csv"' in page
    assert 'value="pause"' not in page
    client.post("/admin/accounts/instagramlogin/", {"action": "remove", "_selected_action": [login.pk]})
    login.refresh_from_db()
    assert login.status != "removed"
