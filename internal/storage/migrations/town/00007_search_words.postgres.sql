-- +goose Up
-- Known words, so that a typing error finds its neighbours. A word goes with the last document that holds it.
create table suche_wort (
    wort text collate "C" not null primary key,
    rueckwaerts text collate "C" not null,
    laenge bigint not null
);
create index suche_wort_rueckwaerts on suche_wort (rueckwaerts);
