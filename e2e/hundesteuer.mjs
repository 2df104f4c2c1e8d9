// The whole path with a letter: a resident registers a dog, a clerk asks back and decides, the letter leaves, the resident sees it.
import assert from 'node:assert/strict';
import { theDemo, inContext, signIn, login, test, qpdfCheck, pdfText, mails, until } from './harness.mjs';
import { choose, fillDate, next, pngFile } from './form.mjs';

const SERVICE = 'hundesteuer-anmelden';

test('Weg: Hundesteuer per Brief', async () => {
  const { base, demo, dir } = await theDemo();
  const answers = demo.mandanten[0].leistungen.find((l) => l.slug === SERVICE).antworten;
  const receipt = await inContext((page) => applyForDog(page, base, answers));
  const mail = await until('mail to the applicant', () => mails(dir).find((m) => m.includes(receipt.number)));
  for (const personal of [answers.person.nachname, answers.hund.name, answers.anschrift.strasse, receipt.code]) {
    assert(!mail.includes(personal), `the mail holds ${personal}:\n${mail}`);
  }
  const clerk = demo.logins.find((l) => l.benutzer === 'tobias.maurer') ?? login(demo, 'sachbearbeitung');
  const vorgang = await inContext((page) => takeAndAsk(page, clerk, receipt.number));
  await inContext((page) => answerQuestion(page, base, receipt));
  const bescheid = await inContext((page) => decide(page, clerk, vorgang));
  assert.match(bescheid.thread, /Hier ist es noch einmal[\s\S]*ausweis-neu\.png/, 'the clerk sees the answer with its file');
  assert.equal(bescheid.fourEyes, false, 'Hundesteuer demands no Mitzeichnung');
  await inContext((page) => printAndPost(page, login(demo, 'poststelle'), receipt.number, answers));
  await inContext((page) => seeResult(page, base, receipt));
});

async function applyForDog(page, base, answers) {
  await page.goto(base + '/');
  await page.getByLabel('Leistung oder Stichwort').fill('Hund anmelden');
  await page.getByRole('button', { name: 'Suchen' }).click();
  await page.locator('main').getByRole('link', { name: /Hund.* anmelden/ }).first().click();
  assert.match(page.url(), new RegExp('/leistungen/' + SERVICE));
  await page.locator(`main a[href="/antrag/${SERVICE}"]`).first().click();
  await page.locator(`main a.kern-btn--primary[href^="/antrag/${SERVICE}/"]`).first().click();

  await emptyPageIsRefused(page);
  const { person, anschrift, hund, lastschrift } = answers;
  await page.getByLabel('Vorname').fill(person.vorname);
  await page.getByLabel('Nachname').fill(person.nachname);
  await fillDate(page, /Geburtsdatum/, person.geburtsdatum);
  await page.getByLabel(/^E-Mail-Adresse/).fill(person.mail);
  await next(page);
  await page.getByLabel(/^Straße/).fill(anschrift.strasse);
  await page.getByLabel('Hausnummer').fill(anschrift.hausnummer);
  await page.getByLabel('Postleitzahl').fill(anschrift.plz);
  await page.getByLabel(/^Ort/).fill(anschrift.ort);
  await next(page);
  await page.getByLabel('Rufname').fill(hund.name);
  await page.getByLabel(/^Rasse/).fill(hund.rasse);
  await page.getByLabel(/^Chipnummer/).fill('123');
  await fillDate(page, 'Wann ist der Hund geboren?', hund.geboren);
  await fillDate(page, 'Seit wann lebt der Hund bei Ihnen?', hund.seit);
  await choose(page, 'Gilt der Hund als gefährlich?', 'Nein');
  await choose(page, 'Halten Sie in Ihrem Haushalt schon einen anderen Hund?', 'Nein');
  await next(page);
  assert.match(await page.locator('#fehler').innerText(), /15 Ziffern/, 'a wrong chip number is named');
  assert.equal(await page.getByLabel('Rufname').inputValue(), hund.name, 'values are kept');
  await page.getByLabel(/^Chipnummer/).fill(hund.chip);
  await page.getByLabel(/^Foto vom Heimtierausweis/).setInputFiles(pngFile('heimtierausweis.png'));
  await next(page);
  await choose(page, 'Beantragen Sie eine Ermäßigung oder Befreiung?', 'Nein');
  await next(page);
  await choose(page, 'Wie möchten Sie die Steuer bezahlen?', 'Die Kasse bucht den Betrag ab');
  await next(page);
  await page.getByLabel('IBAN', { exact: true }).fill(lastschrift.iban);
  await page.getByLabel(/^Ich ermächtige die Kasse/).check();
  await next(page);

  assert.match(page.url(), /\/pruefen$/);
  const check = await page.locator('main').innerText();
  for (const shown of [person.nachname, hund.name, 'heimtierausweis.png', anschrift.strasse]) assert(check.includes(shown), `the check page shows ${shown}`);
  assert(!check.includes(lastschrift.iban.slice(4, 18)), 'the IBAN is masked');
  await page.getByRole('button', { name: 'Hund verbindlich anmelden' }).click();
  assert.equal(await page.locator('#fehler:focus').count(), 1, 'without the declarations nothing is sent');
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.check();
  await page.getByRole('button', { name: 'Hund verbindlich anmelden' }).click();
  return readReceipt(page);
}

// readReceipt finds number and code on the page after sending, and fetches the copy of the application.
export async function readReceipt(page) {
  const text = await page.locator('main').innerText();
  const number = /\b[A-Z]{1,4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(text)?.[0];
  const code = /(?:[0-9A-HJKMNP-TV-Z]{4}[- ]){6}[0-9A-HJKMNP-TV-Z]{2}\b/.exec(text)?.[0];
  assert(number && code, `number and code on the page after sending, got:\n${text}`);
  return { number, code };
}

async function emptyPageIsRefused(page) {
  await next(page);
  assert.match(await page.title(), /^Fehler:/);
  assert.equal(await page.locator('#fehler:focus').count(), 1, 'the error summary has the focus');
  const targets = await page.locator('#fehler a').evaluateAll((as) => as.map((a) => a.getAttribute('href')));
  assert(targets.length >= 3, `links in the error summary: ${targets}`);
  for (const target of targets) assert.equal(await page.locator(`[id="${target.slice(1)}"]`).count(), 1, `${target} leads to a field`);
}

// findInInbox goes through the list of what nobody works on yet, page by page.
export async function findInInbox(page, number) {
  await page.goto(new URL('/amt/?ansicht=ohne', page.url()).href);
  const hrefs = [];
  for (;;) {
    hrefs.push(...await page.locator('main table.data-stack tbody th a').evaluateAll((as) => as.map((a) => a.href)));
    const more = page.getByRole('link', { name: 'Weitere', exact: true });
    if (!await more.count()) break;
    await more.click();
  }
  for (const href of hrefs.reverse()) {
    await page.goto(href);
    if ((await page.locator('main').innerText()).includes(number)) return href;
  }
  throw new Error(`${number} is not among ${hrefs.length} Vorgaenge nobody works on`);
}

async function takeAndAsk(page, clerk, number) {
  await signIn(page, clerk);
  const vorgang = await findInInbox(page, number);
  await page.getByRole('button', { name: 'Übernehmen', exact: true }).click();
  await page.getByRole('link', { name: 'Rückfrage stellen' }).first().click();
  await page.getByLabel('Was fehlt?').fill('Bitte schicken Sie uns ein besseres Foto vom Heimtierausweis.');
  await page.getByRole('button', { name: 'Rückfrage senden' }).click();
  assert.match(await page.locator('main').innerText(), /Die Rückfrage ist gestellt/);
  return vorgang;
}

// openCase signs a resident in with number and code.
export async function openCase(page, base, { number, code }) {
  await page.goto(base + '/vorgang');
  await page.getByLabel('Vorgangsnummer').fill(number.toLowerCase());
  await page.getByLabel('Abholcode').fill(code.replaceAll('-', ' '));
  await page.getByRole('button', { name: 'Vorgang öffnen' }).click();
  assert.match(page.url(), new RegExp(`/vorgang/${number}$`));
}

async function answerQuestion(page, base, receipt) {
  await openCase(page, base, receipt);
  assert.match(await page.locator('main').innerText(), /Wir brauchen noch etwas von Ihnen[\s\S]*besseres Foto/);
  await page.getByLabel('Ihre Antwort').fill('Hier ist es noch einmal.');
  await page.getByLabel('Unterlagen freiwillig').setInputFiles(pngFile('ausweis-neu.png'));
  await page.getByRole('button', { name: 'Antwort senden' }).click();
  assert.match(await page.locator('main').innerText(), /Ihre Antwort ist angekommen/);
}

// decide drafts, completes and releases a Bescheid; it stops before the release where the service demands a Mitzeichnung.
export async function decide(page, clerk, vorgang, { way } = {}) {
  if (clerk) await signIn(page, clerk);
  await page.goto(vorgang + '/nachrichten');
  const thread = await page.locator('main').innerText();
  await page.goto(vorgang);
  await page.getByRole('link', { name: 'Entscheiden', exact: true }).click();
  await page.getByLabel('Bewilligt', { exact: true }).check();
  await page.getByRole('button', { name: 'Entwurf anlegen' }).click();
  await closeGaps(page);
  if (way) await page.getByLabel('Weg', { exact: true }).selectOption({ label: way });
  await page.getByRole('button', { name: 'Entwurf speichern' }).click();
  const draft = page.url();
  const fourEyes = /braucht die Mitzeichnung/.test(await page.locator('main').innerText());
  if (fourEyes) return { draft, thread, fourEyes };
  const release = page.getByRole('button', { name: 'Bescheid freigeben' });
  if (!await release.count()) throw new Error('no release: ' + await page.locator('main aside').innerText());
  await release.click();
  assert.match(await page.locator('main').innerText(), /Der Bescheid ist freigegeben/);
  await page.locator('main aside a[href^="/amt/bescheid/"]').first().click();
  assert.equal(await page.getByRole('button', { name: 'Bescheid zurückholen' }).count(), 1, 'it can be recalled while it is in the house');
  return { draft, thread, fourEyes };
}

// closeGaps writes something where the template left {a gap} to the clerk.
async function closeGaps(page) {
  for (const label of ['Überschrift des Bescheids', /^Entscheidung \(Tenor\)/, /^Begründung/, /^Hinweise/]) {
    const field = page.getByLabel(label);
    const text = await field.inputValue();
    if (/\{[^}]*\}/.test(text)) await field.fill(text.replaceAll(/\{[^}]*\}/g, 'laut Satzung'));
  }
}

async function printAndPost(page, clerk, number, answers) {
  await signIn(page, clerk);
  await page.goto(new URL('/amt/post', page.url()).href);
  await chooseOnly(page, number);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Ausgewählte als ein PDF drucken' }).click()]);
  const file = await download.path();
  qpdfCheck(file);
  const letter = pdfText(file);
  for (const word of [answers.person.nachname, answers.anschrift.strasse, 'Rechtsbehelfsbelehrung']) assert(letter.includes(word), `the letter says ${word}:\n${letter}`);

  await page.goto(new URL('/amt/post', page.url()).href);
  await chooseOnly(page, number);
  await page.getByRole('button', { name: 'Ab-Vermerk setzen' }).click();
  assert.match(await page.locator('main').innerText(), /Der Ab-Vermerk ist gesetzt/);
}

async function chooseOnly(page, number) {
  const rows = page.locator('main form table tbody tr');
  assert(await rows.filter({ hasText: number }).count() >= 1, `${number} waits in the print queue`);
  for (const row of await rows.all()) await row.locator('input[name=sendung]').setChecked((await row.innerText()).includes(number));
}

async function seeResult(page, base, receipt) {
  await openCase(page, base, receipt);
  const result = await page.locator('main .result').innerText();
  assert.match(result, /Ihr Bescheid ist unterwegs/);
  assert.match(result, /gilt ab dem .* als bekannt gegeben/);
  const files = page.locator('main .files-small a');
  assert(await files.count() >= 2, 'application and uploads can be downloaded');
  const response = await page.context().request.get(await files.first().evaluate((a) => a.href));
  assert.equal(response.status(), 200);
}
