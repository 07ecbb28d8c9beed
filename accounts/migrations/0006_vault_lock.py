"""The passphrase of the vault."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0005_closed_workspaces"),
    ]

    operations = [
        migrations.CreateModel(
            name="VaultLock",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("key_id", models.CharField(max_length=40)),
                ("machine_key_id", models.CharField(max_length=40)),
                ("salt", models.BinaryField()),
                ("time_cost", models.PositiveIntegerField()),
                ("memory_kib", models.PositiveIntegerField()),
                ("lanes", models.PositiveIntegerField()),
                ("wrapped", models.BinaryField()),
                ("lock_after", models.PositiveIntegerField(null=True)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(id=1), name="vault_lock_only_one")],
            },
        ),
    ]
