-- +goose Up
create table aktenplan (
    id text not null primary key,
    nummer text not null,
    sortierung text not null,
    titel text not null,
    titel_folded text not null,
    parent_id text references aktenplan (id),
    einheit_key text not null,
    akten_erlaubt bigint not null,
    aufbewahrung_jahre bigint not null,
    aufbewahrung_grund text not null,
    archivwert text not null,
    bestaetigt bigint not null,
    gueltig_ab text not null,
    gueltig_bis text not null
);
create unique index aktenplan_nummer on aktenplan (nummer);
create index aktenplan_sortierung on aktenplan (sortierung);

create table akte (
    id text not null primary key,
    aktenplan_id text not null references aktenplan (id),
    aktenzeichen text not null,
    sortierung text not null,
    betreff text not null,
    betreff_folded text not null,
    einheit_id text not null references einheit (id),
    ablage text not null,
    jahr bigint not null,
    laufnummer bigint not null,
    geschuetzt bigint not null,
    offen bigint not null,
    angelegt_at bigint not null,
    geschlossen_at bigint,
    aufbewahrung_bis text not null,
    version bigint not null
);
create unique index akte_aktenzeichen on akte (aktenzeichen);
create unique index akte_ablage on akte (aktenplan_id, ablage);
create index akte_laufnummer on akte (aktenplan_id, laufnummer);
create index akte_sortierung on akte (sortierung, id);

create table vorgang (
    id text not null primary key,
    akte_id text not null references akte (id),
    nummer bigint not null,
    zeichen text not null,
    sortierung text not null,
    betreff text not null,
    betreff_folded text not null,
    art text not null,
    bezug text not null,
    bezug_name text not null,
    beteiligter text not null,
    beteiligter_folded text not null,
    einheit_id text not null references einheit (id),
    bearbeiter_id text not null,
    status text not null,
    offen bigint not null,
    eingang_at bigint not null,
    frist text not null,
    wiedervorlage text not null,
    geschlossen_at bigint,
    version bigint not null
);
create unique index vorgang_zeichen on vorgang (zeichen);
create unique index vorgang_nummer on vorgang (akte_id, nummer);
create index vorgang_einheit on vorgang (einheit_id, offen, frist, id);
create index vorgang_einheit_bearbeiter on vorgang (einheit_id, offen, bearbeiter_id, frist, id);
create index vorgang_einheit_bezug on vorgang (einheit_id, offen, bezug, frist, id);
create index vorgang_einheit_status on vorgang (einheit_id, offen, status, frist, id);
create index vorgang_bearbeiter on vorgang (bearbeiter_id, offen, frist, id);
create index vorgang_wiedervorlage on vorgang (einheit_id, offen, wiedervorlage, id);

create table dokument (
    id text not null primary key,
    vorgang_id text not null references vorgang (id),
    nummer bigint not null,
    titel text not null,
    art text not null,
    buerger bigint not null,
    angelegt_at bigint not null,
    angelegt_von text not null,
    version bigint not null
);
create unique index dokument_nummer on dokument (vorgang_id, nummer);

create table dokument_version (
    id text not null primary key,
    dokument_id text not null references dokument (id),
    nummer bigint not null,
    blob_id text not null,
    sha256 text not null,
    bytes bigint not null,
    file_name text not null,
    media_type text not null,
    kommentar text not null,
    angelegt_at bigint not null,
    angelegt_von text not null
);
create unique index dokument_version_nummer on dokument_version (dokument_id, nummer);
create unique index dokument_version_blob on dokument_version (blob_id);

create table notiz (
    id text not null primary key,
    vorgang_id text not null references vorgang (id),
    text text not null,
    angelegt_at bigint not null,
    angelegt_von text not null,
    im_auftrag text not null
);
create index notiz_vorgang on notiz (vorgang_id, angelegt_at);

create table wiedervorlage (
    id text not null primary key,
    vorgang_id text not null references vorgang (id),
    am text not null,
    grund text not null,
    angelegt_at bigint not null,
    angelegt_von text not null,
    erledigt_at bigint
);
create index wiedervorlage_vorgang on wiedervorlage (vorgang_id, am);

create table beteiligungsschritt (
    id text not null primary key,
    vorgang_id text not null references vorgang (id),
    nummer bigint not null,
    art text not null,
    status text not null,
    ersteller text not null,
    adressat_id text not null,
    adressat_einheit_id text not null,
    verfuegung text not null,
    frist text not null,
    erstellt_at bigint not null,
    bearbeiter text not null,
    im_auftrag text not null,
    bearbeitet_at bigint,
    vermerk text not null
);
create unique index beteiligungsschritt_nummer on beteiligungsschritt (vorgang_id, nummer);
create index beteiligungsschritt_person on beteiligungsschritt (adressat_id, status, frist, id);
create index beteiligungsschritt_einheit on beteiligungsschritt (adressat_einheit_id, status, frist, id);
