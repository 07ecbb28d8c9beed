"""Measurements and their roll-ups: partitioned by month, without Django's model of them. See docs/monitoring.md.

No foreign key: triggers clear what hangs on a monitor when it goes. Partitions are made by a function, ahead of time at
night and on the spot for a month that nobody foresaw (a clock that jumps).
"""

from django.db import migrations

TABLES = """
create table monitoring_measurement (
    monitor_id bigint not null,
    taken_at timestamptz not null,
    plays bigint,
    followers integer,
    following integer,
    posts integer,
    likes integer,
    comments integer,
    primary key (monitor_id, taken_at)
) partition by range (taken_at);
create index monitoring_measurement_time on monitoring_measurement using brin (taken_at) with (pages_per_range = 32);

create table monitoring_hourly (
    monitor_id bigint not null,
    taken_at timestamptz not null,
    plays bigint,
    low bigint,
    high bigint,
    followers integer,
    following integer,
    posts integer,
    likes integer,
    comments integer,
    rows integer not null,
    primary key (monitor_id, taken_at)
) partition by range (taken_at);

create table monitoring_daily (
    monitor_id bigint not null,
    taken_at timestamptz not null,
    plays bigint,
    low bigint,
    high bigint,
    followers integer,
    following integer,
    posts integer,
    likes integer,
    comments integer,
    rows integer not null,
    primary key (monitor_id, taken_at)
);

create table monitoring_rolled (
    name text primary key,
    until timestamptz not null
);
"""
DROP_TABLES = "drop table monitoring_rolled, monitoring_daily, monitoring_hourly, monitoring_measurement"

MAKE_ROOM = """
create function monitoring_make_room(parent text, moment timestamptz) returns boolean language plpgsql as $$
declare
    first timestamptz := date_trunc('month', moment at time zone 'UTC') at time zone 'UTC';
    behind timestamptz := (date_trunc('month', moment at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    name text := parent || to_char(moment at time zone 'UTC', '_YYYY_MM');
begin
    if to_regclass(name) is not null then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtext('monitoring_make_room'));
    if to_regclass(name) is not null then
        return false;
    end if;
    execute format('create table %I partition of %I for values from (%L) to (%L)', name, parent, first, behind);
    return true;
end $$;
select monitoring_make_room(parent, now() + months * interval '1 month')
from unnest(array['monitoring_measurement', 'monitoring_hourly']) parent, generate_series(-1, 2) months;
"""
DROP_ROOM = "drop function monitoring_make_room(text, timestamptz)"

FORGET = """
create function monitoring_forget() returns trigger language plpgsql as $$
begin
    delete from monitoring_measurement where monitor_id = old.id;
    delete from monitoring_hourly where monitor_id = old.id;
    delete from monitoring_daily where monitor_id = old.id;
    return old;
end $$;
create trigger monitoring_forget after delete on monitoring_monitor for each row execute function monitoring_forget();
create function monitoring_tables_empty() returns trigger language plpgsql as $$
begin
    truncate monitoring_measurement, monitoring_hourly, monitoring_daily, monitoring_rolled;
    return null;
end $$;
create trigger monitoring_tables_empty after truncate on monitoring_monitor
    for each statement execute function monitoring_tables_empty();
"""
REMEMBER = """
drop trigger monitoring_tables_empty on monitoring_monitor;
drop function monitoring_tables_empty();
drop trigger monitoring_forget on monitoring_monitor;
drop function monitoring_forget();
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_monitors")]

    operations = [
        migrations.RunSQL(TABLES, DROP_TABLES),
        migrations.RunSQL(MAKE_ROOM, DROP_ROOM),
        migrations.RunSQL(FORGET, REMEMBER),
    ]
