// Starts the real program with the demo town in a temporary folder, and a browser; runs named tests one after the other.
import { AssertionError } from 'node:assert';
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { chromium } from 'playwright-core';

export const root = resolve(import.meta.dirname, '..');
export const binary = join(root, 'bin', 'rathaus');
export const testData = process.env.RATHAUS_TESTDATEN || resolve(root, '..', 'shared', 'data');

const tests = [];
export const test = (name, fn) => tests.push({ name, fn });

// skip ends a test that cannot run here; the reason is printed.
export class Skip extends Error {}
export const skip = (reason) => { throw new Skip(reason); };

export const filesFolder = mkdtempSync(join(tmpdir(), 'rathaus-e2e-files-')); // removed at the end
const folders = new Set(); // made for them
const running = new Set(); // programs this run has started
let sharedDemo;
let sharedBrowser;

// theDemo is the demo that most tests share, started by the first of them. A form of the federal FIM catalogue is in it
// where the test data are. E2E_DATA names a folder to keep between runs, for those who write tests.
export function theDemo() {
  const form = fimFile('S07000000226');
  sharedDemo ??= startDemo({ args: form ? ['-fim', form] : [], ...(process.env.E2E_DATA ? { dir: process.env.E2E_DATA } : {}) });
  return sharedDemo;
}

export function theBrowser() {
  sharedBrowser ??= openBrowser();
  return sharedBrowser;
}

// inContext runs fn with a page of a fresh browser context: cookies of its own, scripts off unless told otherwise.
export async function inContext(fn, options = {}) {
  const context = await (await theBrowser()).newContext({ javaScriptEnabled: false, locale: 'de-DE', viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  try {
    return await fn(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

export function fimFile(id) {
  const dir = join(testData, 'fim', 'xdf3');
  if (!existsSync(dir)) return null;
  const name = readdirSync(dir).find((f) => f.startsWith(id + '_'));
  return name ? join(dir, name) : null;
}

export const freePort = () => new Promise((done) => {
  const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); });
});

// startDemo runs "rathaus demo" and returns what demo.json says, once the port answers.
// With E2E_ENGINE=postgres the towns are kept in the database of TEST_DATABASE_URL.
export async function startDemo({ dir, args = [], port, engine = process.env.E2E_ENGINE } = {}) {
  port ??= await freePort();
  if (!dir) folders.add(dir = mkdtempSync(join(tmpdir(), 'rathaus-e2e-')));
  if (engine === 'postgres') {
    if (!process.env.TEST_DATABASE_URL) throw new Error('E2E_ENGINE=postgres needs TEST_DATABASE_URL');
    args = ['-database-url', process.env.TEST_DATABASE_URL, ...args];
  }
  const child = spawn(binary, ['demo', '-addr', `127.0.0.1:${port}`, '-data', dir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let log = '';
  child.stdout.on('data', (d) => { log += d; });
  child.stderr.on('data', (d) => { log += d; });
  const base = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) {
    if (child.exitCode !== null) throw new Error(`demo ended with ${child.exitCode}:\n${log.slice(-3000)}`);
    if (existsSync(join(dir, 'demo.json'))) {
      const ready = await fetch(base + '/readyz').then((r) => r.ok, () => false);
      if (ready) break;
    }
    if (i > 1200) throw new Error(`demo not ready after 120 s:\n${log.slice(-3000)}`);
    await new Promise((r) => setTimeout(r, 100));
  }
  const demo = JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8'));
  const stop = (signal = 'SIGTERM') => new Promise((done) => {
    if (child.exitCode !== null || child.signalCode) return done();
    child.once('exit', () => done());
    child.kill(signal);
  });
  return { base, dir, demo, child, stop, log: () => log, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export async function openBrowser() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP sturmkoog.localhost 127.0.0.1'],
  });
}

export function login(demo, rolle, mandant = 'wiesenbrueck') {
  const l = demo.logins.find((x) => x.mandant === mandant && x.rolle === rolle);
  if (!l) throw new Error(`demo.json has no login ${mandant}/${rolle}`);
  return l;
}

// totp returns the RFC 6238 code for a base32 secret.
export function totp(secret, now = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const c of secret.replace(/=+$/, '').toUpperCase()) bits += alphabet.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)));
  const h = createHmac('sha1', key).update(counter).digest();
  const o = h[19] & 15;
  return String((h.readUInt32BE(o) & 0x7fffffff) % 1e6).padStart(6, '0');
}

export async function signIn(page, l) {
  await page.goto(l.login_url);
  await page.getByLabel('Benutzername').fill(l.benutzer);
  await page.getByLabel('Kennwort', { exact: true }).fill(l.passwort);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  if (l.totp_secret && await page.getByLabel(/Einmalcode|Code/).count()) {
    await page.getByLabel(/Einmalcode|Code/).first().fill(totp(l.totp_secret));
    await page.getByRole('button', { name: /Anmelden|Weiter/ }).click();
  }
}

export function qpdfCheck(file) {
  return execFileSync('qpdf', ['--check', file], { encoding: 'utf8' });
}

export const pdfText = (file) => execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });

// call sends a request to the demo under a host name of its own choosing and returns {status, body}.
export const call = (base, path, { host, method = 'GET', headers = {}, body } = {}) => new Promise((done, fail) => {
  const url = new URL(path, base);
  const req = request({ host: url.hostname, port: url.port, path: url.pathname + url.search, method, headers: { ...headers, host: host ? `${host}:${url.port}` : url.host } },
    (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (d) => { text += d; }).on('end', () => done({ status: res.statusCode, headers: res.headers, body: text }));
    });
  req.on('error', fail).end(body);
});

// apply files an application as another portal would and returns {vorgangsnummer, aktenzeichen, abholcode}.
export async function apply(town, slug, { key = randomUUID(), antworten } = {}) {
  const form = new FormData();
  form.set('leistung', slug);
  form.set('antworten', JSON.stringify(antworten ?? town.leistungen.find((l) => l.slug === slug).antworten));
  const res = await fetch(town.base_url + '/api/v1/antraege', { method: 'POST', headers: { authorization: `Bearer ${town.api_key}`, 'idempotency-key': key }, body: form });
  const text = await res.text();
  if (res.status !== 201) throw new Error(`POST /api/v1/antraege: ${res.status} ${text}`);
  return JSON.parse(text);
}

// until polls until fn gives something true, for what jobs do a moment later.
export async function until(what, fn, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((r) => setTimeout(r, 100))) {
    const found = await fn();
    if (found) return found;
  }
  throw new Error(`${what}: nothing after ${seconds} s`);
}

// mails are the mails the demo has written to files, as text with the soft line breaks of quoted-printable undone.
export function mails(dir) {
  const folder = join(dir, 'mail');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((f) => f.endsWith('.eml')).sort().map((f) => {
    const raw = readFileSync(join(folder, f), 'utf8').replace(/=\r?\n/g, '');
    return Buffer.from(raw.replace(/=([0-9A-F]{2})/g, (_, h) => String.fromCharCode(parseInt(h, 16))), 'latin1').toString('utf8');
  });
}

const within = (seconds, promise) => {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`not done after ${seconds} s`)), seconds * 1000); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

export async function runAll() {
  let passed = 0;
  let failed = 0;
  const only = process.argv[2];
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => {
    for (const c of running) c.kill('SIGKILL');
    for (const dir of [filesFolder, ...folders]) rmSync(dir, { recursive: true, force: true });
    process.exit(130);
  });
  for (const t of tests) {
    if (only && !t.name.includes(only)) continue;
    const began = Date.now();
    try {
      // A click the browser swallows on a busy machine is tried again, once and visibly; an assertion never is.
      await within(900, t.fn()).catch((err) => {
        if (err instanceof Skip || err instanceof AssertionError) throw err;
        console.log(`again ${t.name}: ${String(err.message).split('\n')[0]}`);
        return within(900, t.fn());
      });
      passed++;
      console.log(`ok   ${t.name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (err) {
      if (err instanceof Skip) {
        console.log(`skip ${t.name}: ${err.message}`);
        continue;
      }
      failed++;
      console.log(`FAIL ${t.name}\n${err.stack || err}`);
    }
  }
  await (await sharedBrowser?.catch(() => null))?.close();
  const demo = await sharedDemo?.catch(() => null);
  await demo?.stop();
  if (!process.env.E2E_DATA) demo?.remove();
  for (const child of running) child.kill('SIGKILL');
  rmSync(filesFolder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0); // also when a test was left hanging
}
