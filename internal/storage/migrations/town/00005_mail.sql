-- +goose Up
create table mail (
    id text not null primary key,
    event_id text not null,
    message_id text not null,
    recipient text not null,
    subject text not null,
    text text not null,
    created_at bigint not null,
    sent_at bigint,
    last_error text not null
);
create unique index mail_event on mail (event_id);
create index mail_created on mail (created_at, id);
