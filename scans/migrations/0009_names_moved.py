"""The names of all people so far, and the index that their table takes the place of."""

from django.db import migrations

FILL = """
insert into profile_name (username, profile_id) select username, id from accounts_profile order by username, id
on conflict do nothing;
"""


class Migration(migrations.Migration):
    dependencies = [("scans", "0008_names_beside")]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            "drop index profile_by_username", "create index profile_by_username on accounts_profile (username, id)"
        ),
    ]
