"""What people are searched by, in a table of its own that is filled behind the scans.

A trigram index on the profiles would cost a first scan four times all the rest. ``profile_search_due`` names people
whose text is out of date: a trigger writes it, so that no path that changes a name can forget it.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# Compatibility forms (𝓐, ｆｕｌｌ width, ligatures) become plain letters, marks and invisible joiners go, and the letters
# that have no decomposition are spelt as people type them. Plain ASCII, which nearly all names are, takes the short way.
FOLD = r"""
create function search_fold(value text) returns text language sql immutable strict parallel safe as $$
    select replace(case when octet_length(value) = char_length(value) then lower(value) else
        replace(replace(replace(replace(translate(lower(regexp_replace(normalize(value, NFKD),
            '[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]',
            '', 'g')), 'øłđħŧıŋĸſ', 'oldhtinks'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th') end, '  ', ' ')
$$;
create function search_text(username text, full_name text) returns text language sql immutable strict parallel safe as $$
    select search_fold(username) || chr(10) || search_fold(full_name)
$$;
"""
# The trigram index sees letters and digits of the database's own character set only, which may be ASCII: every other
# character goes in as three of these, drawn from its hash. What the index finds is compared with the text itself, which
# is kept where it differs from its key.
KEY = """
create function search_key(value text) returns text language sql immutable strict parallel safe as $$
    select case when octet_length(value) = char_length(value) then value else
        (select string_agg(case when ascii(c) < 128 then c else left(md5(c), 3) end, '' order by n)
         from string_to_table(value, null) with ordinality t(c, n)) end
$$;
"""
TABLES = """
create table profile_search (profile_id bigint primary key, key text not null, text text) with (fillfactor = 90);
create index profile_search_trigram on profile_search using gin (key gin_trgm_ops);
create table profile_search_due (profile_id bigint not null);
create index profile_business on accounts_profile (id) where is_business;
"""
TRIGGERS = """
create function profile_search_mark() returns trigger language plpgsql as $$
begin
    insert into profile_search_due values (old.id);
    return null;
end $$;
create trigger profile_search_mark after update of username, full_name on accounts_profile for each row
    when ((old.username, old.full_name) is distinct from (new.username, new.full_name))
    execute function profile_search_mark();
create function profile_search_forget() returns trigger language plpgsql as $$
begin
    delete from profile_search where profile_id = old.id;
    return null;
end $$;
create trigger profile_search_forget after delete on accounts_profile for each row
    execute function profile_search_forget();
"""


class Migration(migrations.Migration):
    dependencies = [("scans", "0005_edge_flags")]

    operations = [
        TrigramExtension(),
        migrations.RunSQL(FOLD, "drop function search_text(text, text); drop function search_fold(text)"),
        migrations.RunSQL(KEY, "drop function search_key(text)"),
        migrations.RunSQL(TABLES, "drop index profile_business; drop table profile_search_due, profile_search"),
        migrations.RunSQL(
            TRIGGERS,
            "drop trigger profile_search_mark on accounts_profile; drop trigger profile_search_forget on"
            " accounts_profile; drop function profile_search_mark(); drop function profile_search_forget()",
        ),
        migrations.CreateModel(
            name="ListSearch",
            fields=[
                ("edge_list", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="search", serialize=False, to="scans.edgelist")),
                ("seq", models.PositiveIntegerField()),
            ],
        ),
    ]
