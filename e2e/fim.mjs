// The whole path with retrieval: a form of the federal FIM catalogue, published as a test form by the demo.
import assert from 'node:assert/strict';
import { fimFile, theDemo, inContext, signIn, login, test, skip, mails, until, qpdfCheck, pdfText } from './harness.mjs';
import { fillPage, next } from './form.mjs';
import { decide, findInInbox, readReceipt } from './hundesteuer.mjs';

const FORM = 'S07000000226';

test('Weg: FIM-Formular per Abruf', async () => {
  if (!fimFile(FORM)) skip(`no test data: ${FORM} is not in RATHAUS_TESTDATEN`);
  const { base, demo, dir } = await theDemo();
  const service = demo.mandanten[0].leistungen.find((l) => l.slug.toUpperCase().includes(FORM)) ?? demo.mandanten[0].leistungen.at(-1);
  const address = `falknerin.${Date.now()}@post.example`;
  await inContext(async (page) => {
    await signInByMail(page, base, dir, address);
    const receipt = await applyWithTestForm(page, service);
    await inContext((desk) => decideForRetrieval(desk, login(demo, 'sachbearbeitung'), receipt.number));
    await until('notice that the Bescheid is ready', () => mails(dir).find((m) => m.includes(receipt.number) && /zum Abruf bereit/.test(m)));
    await fetchBescheid(page, base, receipt.number);
  });
});

// signInByMail asks for a link, takes it from the mail and confirms it.
export async function signInByMail(page, base, dir, address) {
  await page.goto(base + '/konto/anmelden');
  await page.getByLabel('E-Mail-Adresse').fill(address);
  await page.getByRole('button', { name: 'Link anfordern' }).click();
  const link = await until('mail with the link', () => mails(dir).filter((m) => m.includes(address)).map((m) => /https?:\/\/\S+\/konto\/anmelden\/\S+/.exec(m)?.[0]).findLast((l) => l?.startsWith(base)));
  await page.goto(link);
  await page.getByRole('button', { name: 'Jetzt anmelden' }).click();
  assert.match(await page.locator('main').innerText(), /Sie sind angemeldet/);
}

async function applyWithTestForm(page, service) {
  await page.goto(service.url);
  await page.locator('main a[href^="/antrag/"]').first().click();
  assert.match(await page.locator('main').innerText(), /Testformular/, 'the form says that it is a test form');
  await page.locator('main a.kern-btn--primary[href^="/antrag/"]').first().click();
  for (let pages = 0; !/\/pruefen$/.test(page.url()); pages++) {
    assert(pages < 40, 'the form ends');
    const before = page.url();
    assert.match(await page.locator('main').innerText(), /Testformular/);
    await fillPage(page, service.antworten);
    await next(page);
    if (page.url() === before) {
      const problems = await page.locator('#fehler').allInnerTexts();
      assert.equal(problems.length, 0, `${before}: ${problems}`);
    }
  }
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.check();
  assert(await page.getByLabel(/abrufen|Abruf/).isChecked(), 'the check page asks for consent to retrieval');
  await next(page);
  return readReceipt(page);
}

async function decideForRetrieval(page, clerk, number) {
  await signIn(page, clerk);
  const vorgang = await findInInbox(page, number);
  await page.getByRole('button', { name: 'Übernehmen', exact: true }).click();
  await page.goto(vorgang + '/angaben');
  assert.match(await page.locator('main').innerText(), /Regeln des Formulars/, "the catalogue's rules in words are shown to the clerk");
  await decide(page, null, vorgang, { way: 'Abruf nach Anmeldung' });
}

async function fetchBescheid(page, base, number) {
  await page.goto(`${base}/vorgang/${number}`);
  assert.match(await page.locator('main .result').innerText(), /Ihr Bescheid liegt bereit/);
  await page.getByRole('button', { name: 'Bescheid abrufen' }).click();
  const result = page.locator('main .result');
  assert.match(await result.innerText(), /Ihr Bescheid ist da/);
  const [fetched, announced] = await result.locator('time').evaluateAll((list) => list.map((t) => t.getAttribute('datetime')));
  assert.equal(announced, dayAfter(fetched), 'announced the day after the retrieval');
  const [download] = await Promise.all([page.waitForEvent('download'), result.getByRole('link', { name: /Bescheid herunterladen/ }).click()]);
  const file = await download.path();
  qpdfCheck(file);
  assert.match(pdfText(file), /Rechtsbehelfsbelehrung/);
}

const dayAfter = (iso) => new Date(Date.parse(iso.slice(0, 10) + 'T12:00:00Z') + 86400000).toISOString().slice(0, 10);
