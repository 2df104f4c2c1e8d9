// Pictures of the main pages for people to look at; only with SHOTS=FOLDER (SHOTS=1: a folder in the temporary one).
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { apply, inContext, login, signIn, skip, test, theDemo } from './harness.mjs';
import { fillPage, next } from './form.mjs';
import { openCase } from './hundesteuer.mjs';

test('Bilder', async () => {
  if (!process.env.SHOTS) skip('SHOTS is not set');
  const folder = isAbsolute(process.env.SHOTS) ? process.env.SHOTS : join(tmpdir(), 'shots');
  mkdirSync(folder, { recursive: true });
  const { base, demo } = await theDemo();
  const shoot = async (page, name) => {
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  };
  const shots = async (page, list) => {
    for (const [name, path] of list) {
      await page.goto(new URL(path, base).href);
      await shoot(page, name);
    }
  };
  await inContext(async (page) => {
    await shots(page, [['01-start', '/'], ['02-suche', '/suche?q=Hund+anmelden'], ['03-leistung', '/leistungen/hundesteuer-anmelden'],
      ['04-leistungen', '/leistungen'], ['05-antrag', '/antrag/hundesteuer-anmelden'], ['06-barrierefreiheit', '/barrierefreiheit'],
      ['07-sturmkoog', demo.mandanten[1].base_url + '/'], ['08-mails', '/demo/mails'], ['09-fehlt', '/gibt-es-nicht']]);
    const service = demo.mandanten[0].leistungen.find((l) => l.slug === 'hundesteuer-anmelden');
    await page.goto(base + '/antrag/hundesteuer-anmelden/person');
    await next(page);
    await shoot(page, '10-fehler');
    for (let n = 11; n < 25 && !/\/pruefen$/.test(page.url()); n++) {
      await fillPage(page, service.antworten);
      await shoot(page, `${n}-seite-${page.url().split('/').pop()}`);
      await next(page);
    }
    await shoot(page, '25-pruefen');
    for (const box of await page.locator('main input[type=checkbox]').all()) await box.check();
    await next(page);
    await shoot(page, '26-gesendet');
    const r = await apply(demo.mandanten[0], 'baumfaellung');
    await openCase(page, base, { number: r.vorgangsnummer, code: r.abholcode });
    await shoot(page, '27-stand');
  });
  await inContext(async (page) => {
    await page.goto(base + '/amt/anmelden');
    await shoot(page, '30-anmelden');
    await signIn(page, login(demo, 'leitung'));
    await shots(page, [['31-eingang', '/amt/'], ['32-mitzeichnung', '/amt/?ansicht=mitzeichnung'], ['33-suche', '/amt/suche?q=hund'], ['34-post', '/amt/post'], ['35-akten', '/amt/akten']]);
    await page.goto(base + '/amt/');
    const vorgang = await page.locator('main tbody th a').first().evaluate((a) => a.href);
    await shots(page, [['36-vorgang', vorgang], ['37-angaben', vorgang + '/angaben'], ['38-nachrichten', vorgang + '/nachrichten'], ['39-verlauf', vorgang + '/verlauf']]);
  });
  await inContext(async (page) => {
    await signIn(page, login(demo, 'administration'));
    await shots(page, [['40-verwaltung', '/verwaltung'], ['41-personal', '/verwaltung/personal'], ['42-briefkopf', '/verwaltung/stadt/briefkopf'], ['43-stellen', '/verwaltung/stellen'], ['44-protokoll', '/verwaltung/technik/protokoll']]);
  });
});
