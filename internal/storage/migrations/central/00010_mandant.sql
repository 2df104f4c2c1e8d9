-- +goose Up
create table mandant (
    key text not null primary key,
    ags text not null,
    name text not null,
    name_folded text not null,
    land text not null,
    population bigint not null,
    state text not null,
    created_at bigint not null,
    changed_at bigint not null
);
create unique index mandant_ags on mandant (ags) where ags <> '';

create table mandant_host (
    host text not null primary key,
    mandant_key text not null references mandant (key)
);
create index mandant_host_mandant on mandant_host (mandant_key);
