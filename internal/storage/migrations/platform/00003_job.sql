-- +goose Up
create table job (
    id text not null primary key,
    kind text not null,
    payload text not null,
    unique_key text,
    state text not null,
    due_at bigint not null,
    attempts bigint not null,
    lease_until bigint not null,
    last_error text not null,
    created_at bigint not null,
    created_by text not null,
    changed_at bigint not null
);
create index job_due on job (state, due_at);
create unique index job_unique on job (unique_key);
