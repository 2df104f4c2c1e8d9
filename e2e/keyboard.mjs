// The first page of a form by Tab, Enter and typing only.
import assert from 'node:assert/strict';
import { inContext, test, theDemo } from './harness.mjs';

test('Tastatur: erste Formularseite', async () => {
  const { base, demo } = await theDemo();
  const { person } = demo.mandanten[0].leistungen.find((l) => l.slug === 'hundesteuer-anmelden').antworten;
  await inContext(async (page) => {
    const focused = (selector) => page.locator(selector).evaluate((e) => e === document.activeElement);
    const tabTo = async (selector, most = 60) => {
      for (let i = 0; i < most; i++) {
        await page.keyboard.press('Tab');
        if (await page.locator(selector).count() && await focused(selector)) return;
      }
      throw new Error(`${selector} is not reached by Tab on ${page.url()}`);
    };
    const enter = async () => { await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]); };
    await page.goto(base + '/leistungen/hundesteuer-anmelden');
    await page.keyboard.press('Tab');
    assert(await focused('a.skip'), 'the first stop is the skip link');
    await page.keyboard.press('Enter');
    await tabTo('main a[href="/antrag/hundesteuer-anmelden"]');
    await enter();
    await tabTo('main a.kern-btn--primary[href^="/antrag/hundesteuer-anmelden/"]');
    await enter();
    const [year, month, day] = person.geburtsdatum.split('-').map((n) => String(Number(n)));
    for (const [id, text] of [['vorname', person.vorname], ['nachname', person.nachname], ['geburtsdatum', day], ['geburtsdatum-m', month], ['geburtsdatum-j', year]]) {
      await tabTo(`#f-person-${id}`);
      await page.keyboard.type(text);
    }
    await enter();
    assert.match(page.url(), /\/anschrift$/);
    assert.equal(await page.locator('#fehler').count(), 0);
  });
});
