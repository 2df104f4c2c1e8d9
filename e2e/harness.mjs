// Starts the real program with the demo town in a temporary folder, and a browser; runs named tests one after the other.
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createHmac } from 'node:crypto';
import { chromium } from 'playwright-core';

export const root = resolve(import.meta.dirname, '..');
export const binary = join(root, 'bin', 'rathaus');
export const testData = process.env.RATHAUS_TESTDATEN || resolve(root, '..', 'shared', 'data');

const tests = [];
export const test = (name, fn) => tests.push({ name, fn });

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
export async function startDemo({ dir = mkdtempSync(join(tmpdir(), 'rathaus-e2e-')), args = [], port } = {}) {
  port ??= await freePort();
  const child = spawn(binary, ['demo', '-addr', `127.0.0.1:${port}`, '-data', dir, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
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

export async function runAll() {
  let passed = 0;
  let failed = 0;
  const only = process.argv[2];
  for (const t of tests) {
    if (only && !t.name.includes(only)) continue;
    const began = Date.now();
    try {
      await t.fn();
      passed++;
      console.log(`ok   ${t.name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
    } catch (err) {
      failed++;
      console.log(`FAIL ${t.name}\n${err.stack || err}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}
