-- +goose Up
create table mitarbeiter (
    id text not null primary key,
    login text not null,
    login_folded text not null,
    name text not null,
    name_folded text not null,
    title text not null,
    mail text not null,
    phone text not null,
    room text not null,
    active bigint not null,
    password_hash text not null,
    password_at bigint not null,
    totp_sealed text not null,
    totp_pending text not null,
    totp_step bigint not null,
    created_at bigint not null,
    version bigint not null
);
create unique index mitarbeiter_login on mitarbeiter (login_folded);
create index mitarbeiter_name on mitarbeiter (name_folded, id);

create table mitarbeiter_rolle (
    mitarbeiter_id text not null references mitarbeiter (id),
    rolle text not null,
    einheit_id text not null references einheit (id),
    primary key (mitarbeiter_id, rolle, einheit_id)
);
create index mitarbeiter_rolle_einheit on mitarbeiter_rolle (einheit_id, rolle);

create table vertretung (
    id text not null primary key,
    represented_id text not null references mitarbeiter (id),
    deputy_id text not null references mitarbeiter (id),
    from_day text not null,
    to_day text not null,
    created_by text not null,
    created_at bigint not null,
    ended_at bigint
);
create index vertretung_deputy on vertretung (deputy_id, to_day);
create index vertretung_represented on vertretung (represented_id, to_day);

create table sitzung (
    id text not null primary key,
    token_hash text not null,
    kind text not null,
    subject text not null,
    on_behalf_of text not null,
    agent text not null,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null
);
create unique index sitzung_token on sitzung (token_hash);
create index sitzung_subject on sitzung (subject, kind);
create index sitzung_expires on sitzung (expires_at);

create table einmalcode (
    id text not null primary key,
    code_hash text not null,
    purpose text not null,
    subject text not null,
    created_at bigint not null,
    expires_at bigint not null
);
create unique index einmalcode_hash on einmalcode (code_hash);
create index einmalcode_subject on einmalcode (subject, purpose);

create table buerger (
    id text not null primary key,
    mail text not null,
    mail_folded text not null,
    created_at bigint not null,
    seen_at bigint not null
);
create unique index buerger_mail on buerger (mail_folded);

create table api_key (
    id text not null primary key,
    name text not null,
    name_folded text not null,
    key_hash text not null,
    hint text not null,
    created_by text not null,
    created_at bigint not null,
    revoked_at bigint
);
create unique index api_key_hash on api_key (key_hash);
