-- +goose Up
-- Known words, so that a typing error finds its neighbours. A word goes with the last document that holds it.
create table suche_wort (
    wort text not null primary key,
    rueckwaerts text not null,
    laenge bigint not null
);
create index suche_wort_rueckwaerts on suche_wort (rueckwaerts);
-- A deleted document's terms leave the index at once, not when its parts are merged some day.
insert into suche_fts (suche_fts, rank) values ('secure-delete', 1);
