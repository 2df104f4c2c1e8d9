-- +goose Up
create table suche_dok (
    seq bigserial primary key,
    kind text not null,
    doc_id text not null,
    label text not null,
    title text not null,
    title_terms text not null,
    numbers text not null,
    changed bigint not null,
    terms tsvector not null
);
create unique index suche_dok_doc on suche_dok (kind, doc_id);
create index suche_dok_terms on suche_dok using gin (terms);
create table suche_nummer (
    nummer text collate "C" not null,
    seq bigint not null,
    primary key (nummer, seq)
);
