-- +goose Up
create table antrag (
	id text primary key,
	vorgangsnummer text not null,
	nummer_normal text not null unique,
	vorgang_id text not null unique,
	aktenzeichen text not null,
	leistung text not null,
	leistung_name text not null,
	formular text not null,
	formular_version text not null,
	kanal text not null,
	state text not null,
	asked bigint not null,
	applicant text not null,
	consent_abruf bigint not null,
	buerger_id text not null,
	answers text not null,
	fee_cents bigint not null,
	code_version bigint not null,
	source text not null,
	idempotency_key text not null,
	digest text not null,
	received_on text not null,
	submitted_at bigint not null,
	begun_at bigint not null,
	decided_at bigint not null,
	withdrawn_at bigint not null,
	version bigint not null
);
create index antrag_buerger on antrag (buerger_id, submitted_at, id);
create index antrag_leistung on antrag (leistung, submitted_at, id);

-- Keys of submissions, kept 30 days: a repeated POST finds what the first one made.
create table antrag_schluessel (
	source text not null,
	idempotency_key text not null,
	digest text not null,
	antrag_id text not null,
	created_at bigint not null,
	primary key (source, idempotency_key)
);
create index antrag_schluessel_alter on antrag_schluessel (created_at);

create table nachricht (
	id text primary key,
	antrag_id text not null,
	richtung text not null,
	author text not null,
	author_name text not null,
	text text not null,
	created_at bigint not null
);
create index nachricht_antrag on nachricht (antrag_id, created_at, id);

create table nachricht_dokument (
	nachricht_id text not null,
	dokument_id text not null,
	position bigint not null,
	primary key (nachricht_id, dokument_id)
);

create table nachforderung (
	id text primary key,
	antrag_id text not null,
	nachricht_id text not null,
	frist text not null,
	asked_at bigint not null,
	answered_at bigint not null,
	settled_at bigint not null
);
create index nachforderung_antrag on nachforderung (antrag_id, asked_at, id);

create table bescheid (
	id text primary key,
	antrag_id text not null,
	state text not null,
	entscheidung text not null,
	weg text not null,
	titel text not null,
	tenor text not null,
	begruendung text not null,
	hinweise text not null,
	gebuehr_titel text not null,
	gebuehr_cents bigint not null,
	kassenzeichen text not null,
	faellig text not null,
	rechtsgebiet text not null,
	rechtsbehelf text not null,
	schritt_id text not null,
	ersetzt_id text not null,
	dokument_id text not null,
	drafted_by text not null,
	drafted_at bigint not null,
	released_by text not null,
	released_at bigint not null,
	datum text not null,
	started_on text not null,
	posted_by text not null,
	fetched_at bigint not null,
	fetch_until text not null,
	bekanntgabe text not null,
	paragraph text not null,
	rechtsregel text not null,
	remedy_end text not null,
	version bigint not null
);
create index bescheid_antrag on bescheid (antrag_id, drafted_at, id);

-- The print queue: what goes out on paper. posted_on is the Ab-Vermerk.
create table postausgang (
	id text primary key,
	art text not null,
	antrag_id text not null,
	bezug_id text not null,
	einheit_id text not null,
	queued_at bigint not null,
	printed_at bigint not null,
	posted_on text not null,
	posted_at bigint not null,
	posted_by text not null,
	cancelled_at bigint not null
);
create index postausgang_offen on postausgang (posted_at, cancelled_at, queued_at, id);
create index postausgang_tag on postausgang (posted_on, id);
create index postausgang_bezug on postausgang (bezug_id);

create table bescheidvorlage (
	leistung text not null,
	entscheidung text not null,
	data text not null,
	changed_at bigint not null,
	primary key (leistung, entscheidung)
);

-- Legal rules of the town: its own, or shipped ones it has confirmed.
create table rechtsregel (
	regel text primary key,
	art text not null,
	data text not null,
	confirmed_by text not null,
	confirmed_at bigint not null
);

-- Links by mail that open one Antrag once; only a digest is kept.
create table antrag_zugang (
	digest text primary key,
	antrag_id text not null,
	expires_at bigint not null,
	used_at bigint not null
);

create table kassenzeichen_zaehler (
	jahr bigint primary key,
	letzte bigint not null
);
