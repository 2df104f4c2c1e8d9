// Every page of the program, found from its own table of routes: no accessibility violation at 1280 and 320 px, no script,
// nothing that scrolls sideways, valid HTML.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { crawl, matcher, routes } from './crawl.mjs';
import { signInByMail } from './fim.mjs';
import { apply, filesFolder, inContext, login, signIn, test, theDemo, totp } from './harness.mjs';
import { fillPage, next } from './form.mjs';
import { openCase } from './hundesteuer.mjs';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(createRequire(require.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDTHS = [1280, 320];

// notPages are GET routes that answer with something else than a page, or that a walk cannot reach, each with its reason.
const notPages = {
  '/healthz': 'plain text for machines',
  '/readyz': 'plain text for machines',
  '/metrics': 'plain text for machines',
  '/assets/{version}/{path...}': 'style sheets and fonts',
  '/thema/{datei}': 'style sheet of a town',
  '/api/v1/leistungen': 'JSON',
  '/api/v1/leistungen/{slug}/formular': 'JSON Schema',
  '/api/v1/openapi.yaml': 'YAML',
  '/amt/dokument/{id}': 'the file itself',
  '/amt/bescheid/{id}/vorschau': 'PDF',
  '/vorgang/{nummer}/dokument/{nr}': 'the file itself',
  '/verwaltung/technik/auftraege/{id}/loeschen': 'needs a job that has failed for good; the demo has none, a Go test renders it',
};

// many are routes of which several addresses are looked at, because their pages differ.
const many = {
  '/leistungen/{slug}': 4, '/antrag/{slug}/{abschnitt}': 9, '/amt/{$}': 5, '/antrag/{slug}': 4, '/amt/vorgang/{id}': 8, '/amt/vorgang/{id}/angaben': 2,
  '/amt/vorgang/{id}/nachrichten': 2, '/amt/bescheid/{id}': 4, '/vorgang/{nummer}': 2, '/suche': 3,
};

const folder = join(filesFolder, 'html');
const saved = new Map(); // file name → address

test('axe: jede Seite in jeder Rolle', async () => {
  const { base, demo, dir } = await theDemo();
  const table = routes();
  const match = matcher(table);
  const audit = new Audit(base, match);
  const open = new Set(table.filter((r) => r.method === 'GET' && r.access === 'public' && !r.pattern.startsWith('/amt')).map((r) => r.pattern));
  const walk = (role, starts, { again = () => true } = {}) => async (page, context) => {
    const { seen, broken } = await crawl(context, starts.map((s) => new URL(s, base).href), {
      match, limit: (pattern) => many[pattern] ?? 1, skip: (pattern) => pattern in notPages || audit.seen.has(pattern) && !again(pattern),
      visit: (p, pattern, url, html) => audit.look(p, role, pattern, url, html),
    });
    audit.problems.push(...broken.map((b) => `${role}: ${b}`));
    for (const [pattern, n] of seen) if (n) audit.seen.add(pattern);
  };
  const examples = (access) => table.filter((r) => r.method === 'GET' && access.includes(r.access) && !(r.access === 'staff' && r.pattern.startsWith('/verwaltung'))).flatMap((r) => r.examples ?? []);
  // axe needs scripts to run itself; that our pages have none is checked in their HTML.
  const withAxe = (fn, options) => inContext(fn, { javaScriptEnabled: true, ...options });
  const staff = (rolle, starts, then = () => {}, name) => withAxe(async (page, context) => {
    await signIn(page, demo.logins.find((l) => l.benutzer === name) ?? login(demo, rolle));
    await walk(rolle, starts, { again: (pattern) => !open.has(pattern) })(page, context); // public pages look the same to staff
    await then(page);
  });

  await withAxe(walk('anonym', ['/', ...examples(['public'])]));
  await withAxe(async (page, context) => {
    await signInByMail(page, base, dir, 'rundgang@post.example');
    await openCase(page, base, await receiptOf(demo));
    await fillForm(page, demo, audit);
    const forms = ['hundesteuer-anmelden', 'baumfaellung', 'hallenanmietung', demo.mandanten[0].leistungen.at(-1).slug].map((slug) => '/antrag/' + slug);
    await walk('Antragsteller', ['/vorgang', ...forms, forms[0] + '/pruefen'], { again: (pattern) => /^.(antrag|vorgang|konto|$)/.test(pattern) })(page, context);
    await send(page, base, audit);
  });
  await staff('sachbearbeitung', ['/amt/?ansicht=meine', '/amt/', ...examples(['staff'])], async (page) => {
    await page.goto(base + '/amt/neu');
    await page.getByLabel('Leistung', { exact: true }).selectOption('hundesteuer-anmelden');
    await next(page);
    await audit.visit(page, 'sachbearbeitung');
    await next(page);
    await audit.visit(page, 'sachbearbeitung'); // refused: everything is missing
  }, 'tobias.maurer');
  await staff('leitung', ['/amt/?ansicht=mitzeichnung', '/amt/?stand=erledigt', '/amt/', '/amt/suche?q=hund'], async (page) => {
    for (const act of ['notiz', 'oeffnen']) {
      await page.goto(`${audit.vorgang}/${act}`);
      await audit.visit(page, 'leitung');
    }
  });
  await staff('poststelle', ['/amt/', '/amt/post']);
  await staff('revision', ['/verwaltung/technik/protokoll']);
  await staff('administration', ['/verwaltung', ...examples(['admin'])]);
  await secondFactor(demo, audit, withAxe);

  const never = table.filter((r) => r.method === 'GET' && !(r.pattern in notPages) && !audit.seen.has(r.pattern)).map((r) => r.pattern);
  console.log(`     ${audit.count} looks at ${audit.seen.size} routes`);
  audit.problems.push(...never.map((p) => `never visited: GET ${p}`));
  assert.equal(audit.problems.length, 0, audit.report());
});

test('Nu: gültiges HTML', async () => {
  assert(saved.size > 0, 'the walk over the pages has saved none');
  const run = spawnSync('java', ['-jar', String(require('vnu-jar')), '--errors-only', '--format', 'json', '--skip-non-html', folder], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const { messages } = JSON.parse(run.stderr);
  const problems = messages.map((m) => `${saved.get(m.url.split('/').pop()) ?? m.url}:${m.lastLine} ${m.message}\n    ${m.extract ?? ''}`);
  assert.equal(problems.length, 0, `${problems.length} errors\n${problems.slice(0, 40).join('\n')}`);
});

// Audit looks at pages and gathers what is wrong with them, each finding once.
class Audit {
  seen = new Set();
  problems = [];
  count = 0;
  #known = new Map();

  constructor(base, match) { Object.assign(this, { base, match }); mkdirSync(folder, { recursive: true }); }

  // visit looks at the page that is open.
  async visit(page, role) {
    this.seen.add(this.match(new URL(page.url()).pathname));
    await this.look(page, role, '', page.url(), await page.content());
  }

  async look(page, role, pattern, url, html) {
    const where = `${role} ${url.replace(this.base, '')}`;
    if (pattern === '/amt/vorgang/{id}') this.vorgang = url.split('?')[0];
    const file = `${String(saved.size).padStart(4, '0')}.html`;
    saved.set(file, where);
    writeFileSync(join(folder, file), html);
    const forbidden = /<script|<style|\sstyle=|\son[a-z]+="/i.exec(html.replaceAll(/<(pre|textarea)[\s\S]*?<\/\1>/g, ''));
    if (forbidden) this.#add(`${forbidden[0]} in the page`, where);
    if (process.env.E2E_TRACE) console.log(new Date().toISOString(), where);
    await page.evaluate(axeSource);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      this.count++;
      const found = await page.evaluate(async (tags) => {
        const { violations } = await globalThis.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
        const wide = document.scrollingElement.scrollWidth;
        const out = [];
        if (wide > innerWidth) {
          const e = [...document.body.querySelectorAll('*')].find((x) => x.getBoundingClientRect().right > innerWidth + 1);
          out.push(`scrolls sideways, ${wide} px: ${e?.outerHTML.slice(0, 160)}`);
        }
        for (const v of violations) for (const n of v.nodes) out.push(`${v.id}: ${n.html.slice(0, 200)} – ${n.failureSummary.split('\n').slice(1, 3).join(' ').trim()}`);
        return out;
      }, TAGS);
      for (const f of found) this.#add(f, `${where} at ${width}`);
    }
  }

  #add(what, where) {
    const key = what.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
    if (!this.#known.has(key)) {
      this.#known.set(key, []);
      this.problems.push(key);
    }
    this.#known.get(key).push(where);
  }

  report() {
    return `${this.problems.length} problems\n` + this.problems.map((p) => {
      const places = this.#known.get(p);
      return places ? `* ${p}\n    ${places[0]}${places.length > 1 ? ` and ${places.length - 1} more` : ''}` : `* ${p}`;
    }).join('\n');
  }
}

async function receiptOf(demo) {
  const { vorgangsnummer, abholcode } = await apply(demo.mandanten[0], 'hundesteuer-anmelden');
  return { number: vorgangsnummer, code: abholcode };
}

// fillForm goes through a form up to the check page and looks at a refused page and at the page of a pause on the way.
async function fillForm(page, demo, audit) {
  const service = demo.mandanten[0].leistungen.find((l) => l.slug === 'hundesteuer-anmelden');
  await page.goto(service.url.replace('/leistungen/', '/antrag/'));
  await page.locator('main a.kern-btn--primary[href^="/antrag/"]').first().click();
  await next(page);
  await audit.visit(page, 'Antragsteller');
  for (let pages = 0; pages < 20 && !/\/pruefen$/.test(page.url()); pages++) {
    await fillPage(page, service.antworten);
    if (pages === 1) {
      const here = page.url();
      await page.getByRole('button', { name: /Später/ }).click();
      await audit.visit(page, 'Antragsteller');
      await page.goto(here);
      await fillPage(page, service.antworten);
    }
    await next(page);
  }
  assert.match(page.url(), /\/pruefen$/);
}

// send looks at a refused check page and at the page after sending.
async function send(page, base, audit) {
  await page.goto(base + '/antrag/hundesteuer-anmelden/pruefen?sprache=de');
  await next(page);
  await audit.visit(page, 'Antragsteller');
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.check();
  await next(page);
  assert.match(page.url(), /\/gesendet/);
  await audit.visit(page, 'Antragsteller');
}

// secondFactor lets the second town demand a second factor, for the two pages that exist only then.
async function secondFactor(demo, audit, withAxe) {
  const town = demo.mandanten[1];
  const optional = (wanted) => withAxe(async (page) => {
    await signIn(page, login(demo, 'administration', town.schluessel));
    await page.goto(town.base_url + '/verwaltung/stadt/schalter');
    await page.getByLabel(/^Anmelden auch ohne zweiten Faktor/).setChecked(wanted);
    await next(page);
    return page.context().storageState();
  });
  const session = await optional(false);
  const person = login(demo, 'redaktion', town.schluessel);
  await withAxe(async (page) => {
    await signIn(page, { ...person, totp_secret: '' });
    await audit.visit(page, 'redaktion');
    const secret = (await page.locator('main').innerText()).match(/\b(?:[A-Z2-7]{4} ){5,}[A-Z2-7]{2,4}\b|\b[A-Z2-7]{26,}\b/)?.[0].replaceAll(' ', '');
    assert(secret, 'the key is written out beside its picture');
    await page.getByLabel('Code aus der App').fill(totp(secret));
    await next(page);
    assert.match(await page.locator('main').innerText(), /Der zweite Faktor ist eingerichtet/);
  });
  await withAxe(async (page) => {
    await signIn(page, { ...person, totp_secret: '' });
    await audit.visit(page, 'redaktion');
  });
  await withAxe(async (page) => {
    await page.goto(town.base_url + '/verwaltung/stadt/schalter');
    await page.getByLabel(/^Anmelden auch ohne zweiten Faktor/).check();
    await next(page);
  }, { storageState: session });
}
