"""Private and verified as each list saw them, so that a list can tell when they turn.

Two bytes that fit into the row's padding: ``edge_current`` does not grow. 0 is "not known": a turn is told from the
second time that a flag is seen.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scans", "0004_losses_and_schedules")]

    operations = [
        migrations.RunSQL(
            "alter table edge_current add column flags smallint not null default 0;"
            "alter table edge_past add column flags smallint not null default 0",
            "alter table edge_current drop column flags; alter table edge_past drop column flags",
        ),
    ]
