"""Uploads of Instagram's own export, the people in them while they are imported, and the dates that they tell."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_closed_workspaces"),
        ("scans", "0009_names_moved"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportUpload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("job_uuid", models.UUIDField(unique=True)),
                (
                    "names",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), size=None),
                ),
                ("bytes", models.BigIntegerField()),
                (
                    "extent",
                    models.CharField(
                        blank=True,
                        choices=[("", ""), ("whole", "The whole list"), ("part", "A part of the list")],
                        default="",
                        max_length=5,
                    ),
                ),
                (
                    "doubts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="export_uploads",
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
                    "scan",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="scans.scan"
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FollowDate",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "edge_list_id",
                        "profile_id",
                        "followed_at",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("profile_id", models.BigIntegerField()),
                ("followed_at", models.DateTimeField()),
                ("since_seq", models.PositiveIntegerField()),
                (
                    "edge_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_dates",
                        to="scans.edgelist",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportedName",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "upload_id",
                        "direction",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "direction",
                    models.CharField(choices=[("followers", "Followers"), ("following", "Following")], max_length=10),
                ),
                ("position", models.PositiveIntegerField()),
                ("username", models.CharField(max_length=64)),
                ("followed_at", models.DateTimeField(null=True)),
                ("profile_id", models.BigIntegerField(null=True)),
                (
                    "upload",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="scans.exportupload",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="exportupload",
            index=models.Index(fields=["account", "-created_at", "-id"], name="export_upload_newest"),
        ),
        migrations.AddConstraint(
            model_name="exportupload",
            constraint=models.CheckConstraint(
                condition=models.Q(("extent__in", ["", "whole", "part"])), name="export_upload_extent"
            ),
        ),
    ]
