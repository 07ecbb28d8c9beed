"""Files that people made of lists, and until when they are kept."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_account_tags"),
        ("scans", "0012_saved_filters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListExport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content", models.CharField(choices=[("people", "People"), ("changes", "Changes")], max_length=7)),
                (
                    "format",
                    models.CharField(
                        choices=[("csv", "CSV"), ("xlsx", "Excel (XLSX)"), ("json", "JSON")], max_length=4
                    ),
                ),
                ("choice", models.JSONField(default=dict)),
                ("file_name", models.CharField(max_length=120)),
                ("job_uuid", models.UUIDField(unique=True)),
                ("rows_count", models.BigIntegerField(null=True)),
                ("bytes", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="list_exports",
                        to="accounts.trackedaccount",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["workspace", "-created_at", "-id"], name="list_export_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("content__in", ["people", "changes"])), name="list_export_content"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("format__in", ["csv", "xlsx", "json"])), name="list_export_format"
                    ),
                ],
            },
        ),
    ]
