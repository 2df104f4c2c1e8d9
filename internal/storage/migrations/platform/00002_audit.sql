-- +goose Up
-- Keys of the digests. Deleting a row makes its digests meaningless and keeps the chain.
create table audit_key (
    id text not null primary key,
    secret text not null,
    created_at bigint not null
);

create table audit_entry (
    seq bigint not null primary key,
    at bigint not null,
    actor text not null,
    on_behalf_of text not null,
    noun text not null,
    object_id text not null,
    act text not null,
    note text not null,
    data text not null,
    key_id text not null,
    old_digest text not null,
    new_digest text not null,
    data_digest text not null,
    hash text not null
);
create index audit_entry_object on audit_entry (noun, object_id, seq);
create index audit_entry_actor on audit_entry (actor, seq);

-- One row: the end of the chain, so that entries cut off at the end are missed.
create table audit_head (
    id bigint not null primary key,
    seq bigint not null,
    hash text not null
);
insert into audit_head (id, seq, hash) values (1, 0, '');
