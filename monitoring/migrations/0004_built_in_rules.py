"""The workspaces that are there already get the rules that new ones have from the start."""

from django.db import migrations

RULES = {"login": "critical", "source": "warning", "scan": "warning", "losses": "info"}


def provide(apps, schema_editor):
    """One rule a workspace and kind; again without harm."""
    rule, workspaces = apps.get_model("monitoring", "AlertRule"), apps.get_model("accounts", "Workspace")
    for pk in workspaces.objects.values_list("pk", flat=True).iterator(chunk_size=500):
        rule.objects.bulk_create(
            [
                rule(
                    workspace_id=pk, kind=kind, is_built_in=True, severity=severity,
                    limit=0 if kind == "losses" else None,
                )
                for kind, severity in RULES.items()
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0003_alerts")]

    operations = [migrations.RunPython(provide, migrations.RunPython.noop)]
