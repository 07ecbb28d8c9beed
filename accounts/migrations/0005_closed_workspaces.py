"""A workspace that is closed has no members any more, not even an owner, while its rows are erased."""

from django.db import migrations, models

FUNCTION = """
create or replace function accounts_keep_an_owner() returns trigger language plpgsql as $$
begin
    if exists (select from accounts_workspace w where w.id = old.workspace_id {standing})
       and not exists (select from accounts_membership m where m.workspace_id = old.workspace_id and m.role = 'owner')
    then
        raise exception using errcode = 'check_violation', constraint = 'membership_keeps_an_owner',
            message = 'a workspace needs an owner';
    end if;
    return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_keep_an_owner")]
    operations = [
        migrations.AddField("workspace", "closed_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunSQL(FUNCTION.format(standing="and w.closed_at is null"), FUNCTION.format(standing="")),
    ]
