"""When a list's source changes for good: the scans with which another one began, and stays that end untold by that."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scans", "0013_list_exports")]

    operations = [
        migrations.AddField(
            model_name="edgelist",
            name="source_seqs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), blank=True, db_default=[], default=list, size=None
            ),
        ),
        migrations.RunSQL(
            "alter table edge_past add column untold boolean not null default false",
            "alter table edge_past drop column untold",
        ),
        migrations.AlterField(
            model_name="listscan",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", ""),
                    ("limited", "Instagram shows only part of this list"),
                    ("early_end", "The list ended early"),
                    ("looping", "The list went in circles"),
                    ("throttled", "Instagram asked to slow down"),
                    ("logged_out", "The login was signed out"),
                    ("cancelled", "Cancelled"),
                    ("endpoint_broken", "The source answered nonsense"),
                    ("unreachable", "Instagram could not be reached"),
                    ("private", "The account is private"),
                    ("gone", "The account was not found"),
                    ("uncounted", "No count to compare with"),
                    ("mass_loss", "Too many people gone at once"),
                    ("count_steady", "The list fell while the count did not"),
                    ("newest_only", "Only the newest people were read"),
                    ("other_source", "Read by another source than before"),
                    ("new_source", "Read by another source from now on"),
                    ("export_part", "The export holds only part of the list"),
                    ("crashed", "The work failed"),
                ],
                default="",
                max_length=20,
            ),
        ),
    ]
