-- +goose Up
create table profil (
    id bigint not null primary key,
    data text not null,
    version bigint not null,
    changed_at bigint not null
);

create table einheit (
    id text not null primary key,
    key text not null,
    name text not null,
    name_folded text not null,
    parent_id text references einheit (id),
    phone text not null,
    mail text not null,
    room text not null,
    active bigint not null,
    position bigint not null
);
create unique index einheit_key on einheit (key);
create index einheit_parent on einheit (parent_id, position);
