-- +goose Up
create table suche_dok (
    seq integer primary key,
    kind text not null,
    doc_id text not null,
    label text not null,
    title text not null,
    title_terms text not null,
    numbers text not null,
    changed bigint not null
);
create unique index suche_dok_doc on suche_dok (kind, doc_id);
-- With content of its own: a contentless table keeps the terms of deleted rows until some later merge.
create virtual table suche_fts using fts5(terms, detail=none, columnsize=0, tokenize='ascii');
create table suche_nummer (
    nummer text not null,
    seq bigint not null,
    primary key (nummer, seq)
);
