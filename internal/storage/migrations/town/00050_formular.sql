-- +goose Up
create table formular (
    id text not null primary key,
    key text not null,
    version text not null,
    title text not null,
    origin text not null,
    published bigint not null,
    data text not null,
    digest text not null,
    created_at bigint not null,
    created_by text not null
);
create unique index formular_version on formular (key, version);

create table formular_leistung (
    slug text not null primary key,
    formular_id text not null references formular (id),
    since bigint not null,
    linked_by text not null
);
create index formular_leistung_formular on formular_leistung (formular_id);

create table entwurf (
    id text not null primary key,
    slug text not null,
    formular_id text not null references formular (id),
    code_hash text not null,
    answers text not null,
    done text not null,
    buerger_id text not null,
    created_at bigint not null,
    changed_at bigint not null,
    expires_at bigint not null,
    reminded bigint not null,
    version bigint not null
);
create unique index entwurf_code on entwurf (code_hash);
create index entwurf_expires on entwurf (expires_at, id);
create index entwurf_buerger on entwurf (buerger_id, changed_at);

create table entwurf_datei (
    id text not null primary key,
    entwurf_id text not null references entwurf (id),
    path text not null,
    name text not null,
    media_type text not null,
    blob_id text not null,
    sha256 text not null,
    bytes bigint not null,
    created_at bigint not null
);
create index entwurf_datei_entwurf on entwurf_datei (entwurf_id, created_at, id);
