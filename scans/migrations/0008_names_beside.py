"""User names in their order, in a table beside the people: a first scan of a million new people need not wait for it.

Names are random, and so are the pages of an index that they go to: within the merge it cost as much as all the rest.
``profile_names_due`` says which people (by their dense number) still lack their row; while it holds one, whoever looks
for names looks at the people themselves. What a rename entails is done once for each statement, not for each row.
"""

from django.db import migrations

TABLES = """
create table profile_name (username varchar(150) not null, profile_id bigint not null, primary key (username, profile_id))
    with (autovacuum_vacuum_insert_scale_factor = 0.05);
create table profile_names_due (first_n bigint not null, last_n bigint not null);
"""
# A merge writes the names of many people itself, in their order.
ADD = """
create function profile_name_add() returns trigger language plpgsql as $$
begin
    insert into profile_name values (new.username, new.id) on conflict do nothing;
    return null;
end $$;
create trigger profile_name_add after insert on accounts_profile for each row
    when (current_setting('igsite.names', true) is distinct from 'aside') execute function profile_name_add();
"""
# EXECUTE plans anew for the number of rows at hand: a plan kept from a single row would be ruinous for thousands. DISTINCT
# changes nothing but the planner's guess, which would else be so high that it reads all names to find the old ones.
RENAMED = """
create function profile_renamed() returns trigger language plpgsql as $$
begin
    if not exists (select from new_rows) then
        return null;
    end if;
    execute '
        with changed as materialized (
            select distinct on (o.id) o.id, o.username old, n.username "new", o.username <> n.username is_renamed
            from old_rows o join new_rows n on n.id = o.id
            where (o.username, o.full_name) is distinct from (n.username, n.full_name)
        ), kept as (
            insert into profile_former_name (profile_id, name_fp, username)
            select id, name_fingerprint(old), old from changed where is_renamed order by id on conflict do nothing
        ), unlisted as (
            delete from profile_name p using changed c
            where c.is_renamed and p.username = c.old and p.profile_id = c.id
        ), listed as (
            insert into profile_name (username, profile_id)
            select "new", id from changed where is_renamed order by 1, 2 on conflict do nothing
        )
        insert into profile_search_due select id from changed order by id';
    return null;
end $$;
create trigger profile_renamed after update on accounts_profile
    referencing old table as old_rows new table as new_rows for each statement execute function profile_renamed();
drop trigger profile_keep_name on accounts_profile;
drop function profile_keep_name();
drop trigger profile_search_mark on accounts_profile;
drop function profile_search_mark();
"""
ONE_BY_ONE = """
create function profile_keep_name() returns trigger language plpgsql as $$
begin
    insert into profile_former_name values (old.id, name_fingerprint(old.username), old.username)
    on conflict do nothing;
    return new;
end $$;
create trigger profile_keep_name before update of username on accounts_profile
    for each row when (old.username is distinct from new.username) execute function profile_keep_name();
create function profile_search_mark() returns trigger language plpgsql as $$
begin
    insert into profile_search_due values (old.id);
    return null;
end $$;
create trigger profile_search_mark after update of username, full_name on accounts_profile for each row
    when ((old.username, old.full_name) is distinct from (new.username, new.full_name))
    execute function profile_search_mark();
drop trigger profile_renamed on accounts_profile;
drop function profile_renamed();
"""
FORGET = """
create or replace function profile_search_forget() returns trigger language plpgsql as $$
begin
    delete from profile_search where profile_id = old.id;
    delete from profile_name where username = old.username and profile_id = old.id;
    return null;
end $$;
create or replace function profile_tables_empty() returns trigger language plpgsql as $$
begin
    truncate profile_search, profile_search_due, profile_former_name, profile_name, profile_names_due;
    return null;
end $$;
"""
KEEP = """
create or replace function profile_search_forget() returns trigger language plpgsql as $$
begin
    delete from profile_search where profile_id = old.id;
    return null;
end $$;
create or replace function profile_tables_empty() returns trigger language plpgsql as $$
begin
    truncate profile_search, profile_search_due, profile_former_name;
    return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("scans", "0007_emptied_tables")]

    operations = [
        migrations.RunSQL(TABLES, "drop table profile_name, profile_names_due"),
        migrations.RunSQL(ADD, "drop trigger profile_name_add on accounts_profile; drop function profile_name_add()"),
        migrations.RunSQL(RENAMED, ONE_BY_ONE),
        migrations.RunSQL(FORGET, KEEP),
    ]
