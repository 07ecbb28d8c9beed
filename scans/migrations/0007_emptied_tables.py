"""Emptying a table of Django's also empties what hangs on it without a foreign key: TRUNCATE fires no row triggers."""

from django.db import migrations

FOLLOW = """
create function profile_tables_empty() returns trigger language plpgsql as $$
begin
    truncate profile_search, profile_search_due, profile_former_name;
    return null;
end $$;
create trigger profile_tables_empty after truncate on accounts_profile
    for each statement execute function profile_tables_empty();
create function edge_tables_empty() returns trigger language plpgsql as $$
begin
    truncate edge_current, edge_past;
    return null;
end $$;
create trigger edge_tables_empty after truncate on scans_edgelist
    for each statement execute function edge_tables_empty();
"""
BACK = """
drop trigger edge_tables_empty on scans_edgelist;
drop function edge_tables_empty();
drop trigger profile_tables_empty on accounts_profile;
drop function profile_tables_empty();
"""


class Migration(migrations.Migration):
    dependencies = [("scans", "0006_search_text")]

    operations = [migrations.RunSQL(FOLLOW, BACK)]
