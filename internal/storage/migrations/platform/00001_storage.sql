-- +goose Up
create table store_meta (
    name text not null primary key,
    number bigint not null,
    text text not null
);
-- The lowest generation of the program that may use this schema.
insert into store_meta (name, number, text) values ('min_code', 1, '');

-- Who saw a protected thing. Written before the page goes out.
create table read_log (
    id text not null primary key,
    at bigint not null,
    actor text not null,
    on_behalf_of text not null,
    object_id text not null
);
create index read_log_object on read_log (object_id, at);
create index read_log_at on read_log (at);
