-- +goose Up
create table leistung (
    slug text not null primary key,
    einheit_key text not null,
    frequent bigint not null,
    way text not null,
    free bigint not null,
    body text not null,
    seed_digest text not null,
    edited bigint not null,
    hidden bigint not null,
    version bigint not null,
    changed_at bigint not null,
    changed_by text not null
);
create index leistung_version on leistung (version);

-- One row a language, made from body when a Leistung is published: what lists and search need.
create table leistung_text (
    slug text not null references leistung (slug),
    lang text not null,
    text_lang text not null,
    title text not null,
    title_folded text not null,
    letter text not null,
    lead text not null,
    hint text not null,
    fee text not null,
    primary key (slug, lang)
);
create index leistung_text_title on leistung_text (lang, title_folded, slug);

create table leistung_lebenslage (
    lebenslage text not null,
    slug text not null references leistung (slug),
    place bigint not null,
    primary key (lebenslage, slug)
);

create table leistung_entwurf (
    slug text not null primary key,
    body text not null,
    base_version bigint not null,
    changed_at bigint not null,
    changed_by text not null
);
