"""The newest run that a service knew before an order: whatever is newer may be that order."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_account_tags"),
    ]

    operations = [
        migrations.AddField(
            model_name="sourcerun",
            name="newest_before",
            field=models.CharField(blank=True, default="", max_length=100),
        ),
    ]
