"""The whole order of a paid run is kept, so that a run whose number was lost is known again when it is to be ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_run_before")]
    operations = [migrations.AddField("sourcerun", "most_results", models.BigIntegerField(null=True))]
