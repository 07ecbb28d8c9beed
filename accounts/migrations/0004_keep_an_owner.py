"""A workspace that had an owner keeps one: said at the end of each transaction, whatever wrote the rows."""

from django.db import migrations

FORWARD = """
create function accounts_keep_an_owner() returns trigger language plpgsql as $$
begin
    if exists (select from accounts_workspace w where w.id = old.workspace_id)
       and not exists (select from accounts_membership m where m.workspace_id = old.workspace_id and m.role = 'owner')
    then
        raise exception using errcode = 'check_violation', constraint = 'membership_keeps_an_owner',
            message = 'a workspace needs an owner';
    end if;
    return null;
end $$;
create constraint trigger membership_keeps_an_owner
    after delete or update of role, workspace_id on accounts_membership
    deferrable initially deferred
    for each row when (old.role = 'owner') execute function accounts_keep_an_owner();
"""
BACKWARD = """
drop trigger membership_keeps_an_owner on accounts_membership;
drop function accounts_keep_an_owner();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_api_tokens")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
