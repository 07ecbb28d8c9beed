"""The people on the lists, as intervals of scans. Tables of their own shape: see docs/decisions/0003.

No foreign key, no index beyond what reads need: they multiplied the cost of a first scan. A trigger clears a list's edges
when the list itself goes, whatever deleted it. Former names are kept by a trigger too, so that no path that changes a
name can forget it.
"""

from django.db import migrations

EDGES = """
create table edge_current (
    profile_id bigint not null,
    list_id integer not null,
    first_seq integer not null,
    origin_seq integer not null,
    fp integer not null,
    name_fp integer not null,
    primary key (list_id, profile_id)
) with (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
create index edge_current_opened on edge_current (list_id, first_seq, profile_id) where first_seq > 1;
create index edge_current_returned on edge_current (list_id, first_seq, profile_id) where origin_seq < first_seq;
create index edge_current_provisional on edge_current (list_id, profile_id) where profile_id < 0;

create table edge_past (
    profile_id bigint not null,
    list_id integer not null,
    first_seq integer not null,
    origin_seq integer not null,
    ended_seq integer not null,
    confirmed_seq integer,
    name_fp integer not null,
    primary key (list_id, ended_seq, profile_id),
    check (first_seq < ended_seq),
    check (confirmed_seq > ended_seq)
);
create index edge_past_person on edge_past (list_id, profile_id);
create index edge_past_opened on edge_past (list_id, first_seq, profile_id) where first_seq > 1;
create index edge_past_missing on edge_past (list_id, profile_id) where confirmed_seq is null;
"""

FORGET = """
create function edge_list_forget() returns trigger language plpgsql as $$
begin
    delete from edge_current where list_id = old.id;
    delete from edge_past where list_id = old.id;
    return old;
end $$;
create trigger edge_list_forget after delete on scans_edgelist for each row execute function edge_list_forget();
"""

NAMES = """
create function name_fingerprint(name text) returns integer language sql immutable strict parallel safe as
    $$ select ('x' || left(md5(name), 8))::bit(32)::integer $$;

create table profile_former_name (
    profile_id bigint not null,
    name_fp integer not null,
    username varchar(150) not null,
    primary key (profile_id, name_fp)
);
create function profile_keep_name() returns trigger language plpgsql as $$
begin
    insert into profile_former_name values (old.id, name_fingerprint(old.username), old.username)
    on conflict do nothing;
    return new;
end $$;
create trigger profile_keep_name before update of username on accounts_profile
    for each row when (old.username is distinct from new.username) execute function profile_keep_name();
"""

PROFILES = """
alter table accounts_profile set (fillfactor = 90);
create index profile_by_username on accounts_profile (username, id);
create unique index profile_provisional_name on accounts_profile (lower(username)) where id < 0;
create sequence profile_provisional_id;
"""


class Migration(migrations.Migration):
    dependencies = [("scans", "0001_lists_and_scans"), ("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(EDGES, "drop table edge_current, edge_past"),
        migrations.RunSQL(
            FORGET, "drop trigger edge_list_forget on scans_edgelist; drop function edge_list_forget()"
        ),
        migrations.RunSQL(
            NAMES,
            "drop trigger profile_keep_name on accounts_profile; drop function profile_keep_name();"
            " drop table profile_former_name; drop function name_fingerprint(text)",
        ),
        migrations.RunSQL(
            PROFILES,
            "drop sequence profile_provisional_id; drop index profile_provisional_name;"
            " drop index profile_by_username; alter table accounts_profile reset (fillfactor)",
        ),
    ]
