#!/bin/sh
# Runs once, when the database is made: the site's role is not the superuser.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$POSTGRES_PASSWORD" --username postgres <<'SQL'
create role site login nosuperuser nocreatedb nocreaterole password :'password';
create database site owner site;
\connect site
create extension pg_trgm;
create extension unaccent;
create extension citext;
create extension btree_gin;
SQL
