"""Sources: accesses and keys, chains, health, the read cache, paid runs."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_working_hours"),
    ]

    operations = [
        migrations.AddField(
            model_name="trackedaccount",
            name="uses_login",
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name="SourceAccess",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("web_public", "Public web"),
                            ("instagrapi_private", "Instagram login"),
                            ("apify", "Apify"),
                            ("tikhub", "TikHub"),
                            ("meta_graph", "Meta Graph"),
                        ],
                        max_length=30,
                    ),
                ),
                ("key_sealed", models.BinaryField(null=True)),
                ("own_user_id", models.CharField(blank=True, default="", max_length=40)),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No key"),
                            ("good", "Works"),
                            ("refused", "Refused"),
                            ("empty", "Out of credit"),
                            ("unknown", "Not checked"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("checked_at", models.DateTimeField(null=True)),
                ("throttle_level", models.PositiveSmallIntegerField(default=0)),
                ("next_read_at", models.DateTimeField(null=True)),
                ("resumes_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
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
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source_accesses",
                        to="accounts.workspace",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.CharField(max_length=120)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("web_public", "Public web"),
                            ("instagrapi_private", "Instagram login"),
                            ("apify", "Apify"),
                            ("tikhub", "TikHub"),
                            ("meta_graph", "Meta Graph"),
                        ],
                        max_length=30,
                    ),
                ),
                ("answer", models.JSONField()),
                ("answered_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.workspace"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceChain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("profile", "Profiles"),
                            ("people", "Followers and following"),
                            ("posts", "Posts"),
                            ("comments", "Comments"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "sources",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("web_public", "Public web"),
                                ("instagrapi_private", "Instagram login"),
                                ("apify", "Apify"),
                                ("tikhub", "TikHub"),
                                ("meta_graph", "Meta Graph"),
                            ],
                            max_length=30,
                        ),
                        size=5,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="source_chains",
                        to="accounts.trackedaccount",
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
            name="SourceHealth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("web_public", "Public web"),
                            ("instagrapi_private", "Instagram login"),
                            ("apify", "Apify"),
                            ("tikhub", "TikHub"),
                            ("meta_graph", "Meta Graph"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        choices=[
                            ("profile", "Profiles"),
                            ("followers", "Followers"),
                            ("following", "Following"),
                            ("posts", "Posts"),
                            ("post", "Single posts"),
                            ("comments", "Comments"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("closed", "Works"), ("suspect", "Being checked"), ("broken", "Broken for everybody")],
                        default="closed",
                        max_length=8,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("probe_at", models.DateTimeField(null=True)),
                ("probes", models.PositiveIntegerField(default=0)),
                ("cleared_at", models.DateTimeField(null=True)),
                (
                    "access",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.sourceaccess",
                    ),
                ),
                (
                    "asked_for",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
                (
                    "login",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.instagramlogin",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("order", models.CharField(max_length=120)),
                ("what", models.CharField(max_length=30)),
                ("target", models.CharField(max_length=150)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intent", "Starting"),
                            ("started", "Running"),
                            ("over", "Finished"),
                            ("failed", "Failed"),
                            ("void", "Not started"),
                            ("unknown", "Unclear"),
                        ],
                        default="intent",
                        max_length=10,
                    ),
                ),
                ("run_id", models.CharField(blank=True, default="", max_length=100)),
                ("results", models.BigIntegerField(default=0)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("cost_dollars", models.DecimalField(decimal_places=4, max_digits=10, null=True)),
                ("ordered_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "access",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.sourceaccess",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="source_runs", to="accounts.workspace"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SourceWait",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("job_uuid", models.UUIDField(unique=True)),
                ("since", models.DateTimeField()),
                (
                    "health",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="waits", to="accounts.sourcehealth"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="sourceaccess",
            constraint=models.UniqueConstraint(
                fields=("workspace", "source"), name="source_access_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("source__in", ["web_public", "instagrapi_private", "apify", "tikhub", "meta_graph"])
                ),
                name="source_access_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["", "good", "refused", "empty", "unknown"])),
                name="source_access_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourceaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("key_sealed", None), ("workspace__isnull", False), _connector="OR"),
                name="source_key_has_an_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="sourceanswer",
            index=models.Index(fields=["expires_at"], name="source_answer_expiry"),
        ),
        migrations.AddConstraint(
            model_name="sourceanswer",
            constraint=models.UniqueConstraint(fields=("workspace", "question"), name="source_answer_once"),
        ),
        migrations.AddConstraint(
            model_name="sourcechain",
            constraint=models.UniqueConstraint(
                fields=("workspace", "account", "purpose"), name="source_chain_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcechain",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["profile", "people", "posts", "comments"])),
                name="source_chain_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcehealth",
            constraint=models.UniqueConstraint(fields=("source", "part"), name="source_health_once"),
        ),
        migrations.AddConstraint(
            model_name="sourcehealth",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["closed", "suspect", "broken"])), name="source_health_state_known"
            ),
        ),
        migrations.AddIndex(
            model_name="sourcerun",
            index=models.Index(fields=["workspace", "-ordered_at", "-id"], name="source_run_newest"),
        ),
        migrations.AddConstraint(
            model_name="sourcerun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("intent", "started", "unknown", "over"))),
                fields=("order",),
                name="source_run_once_an_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcerun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("run_id", ""), _negated=True),
                fields=("access", "run_id"),
                name="source_run_belongs_to_one_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="sourcerun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["intent", "started", "over", "failed", "void", "unknown"])),
                name="source_run_state_known",
            ),
        ),
    ]
