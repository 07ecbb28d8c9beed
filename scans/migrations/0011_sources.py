"""Scans by other sources than a login, and a reason for those that close nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scans", "0010_imports"),
    ]

    operations = [
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
                    ("export_part", "The export holds only part of the list"),
                    ("crashed", "The work failed"),
                ],
                default="",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="scan",
            name="source",
            field=models.CharField(
                choices=[
                    ("login", "Instagram login"),
                    ("export", "Instagram's own export"),
                    ("web", "Public web"),
                    ("apify", "Apify"),
                ],
                default="login",
                max_length=10,
            ),
        ),
    ]
