// Two towns in one program: each answers under its own names and knows nothing of the other.
import assert from 'node:assert/strict';
import { apply, call, inContext, login, signIn, test, theDemo } from './harness.mjs';

test('Weg: zweite Stadt', async () => {
  const { base, demo } = await theDemo();
  const [first, second] = demo.mandanten;
  assert.equal(second.schluessel, 'sturmkoog');
  const receipt = await apply(first, 'hundesteuer-anmelden');

  const start = await call(base, '/', { host: 'sturmkoog.localhost' });
  assert.equal(start.status, 200);
  assert.match(start.body, /<strong>Sturmkoog<\/strong>/);
  assert(!start.body.includes('Wiesenbrück'), 'the second town does not name the first');
  assert.equal((await call(base, '/', { host: 'unbekannt.example' })).status, 404, 'an unknown host is nobody');
  assert(!(await call(base, '/', { host: 'unbekannt.example' })).body.includes('Wiesenbrück'));

  await inContext(async (page) => {
    await page.goto(second.base_url + '/vorgang');
    await page.getByLabel('Vorgangsnummer').fill(receipt.vorgangsnummer);
    await page.getByLabel('Abholcode').fill(receipt.abholcode);
    await page.getByRole('button', { name: 'Vorgang öffnen' }).click();
    assert.match(await page.locator('#fehler').innerText(), /passen nicht zusammen/);
  });
  const id = await inContext(async (page) => {
    await signIn(page, login(demo, 'sachbearbeitung'));
    await page.goto(`${base}/amt/suche?q=${receipt.vorgangsnummer}`);
    const link = page.locator('main a[href^="/amt/vorgang/"]').first();
    return (await link.count()) ? new URL(await link.evaluate((a) => a.href)).pathname : new URL(page.url()).pathname;
  });
  assert.match(id, /^\/amt\/vorgang\/[0-9a-f-]{36}/);
  await inContext(async (page) => {
    await signIn(page, login(demo, 'sachbearbeitung', 'sturmkoog'));
    assert.equal((await page.goto(second.base_url + '/amt/')).status(), 200);
    assert.equal((await page.goto(second.base_url + id)).status(), 404, "the first town's Vorgang");
    await page.goto(`${second.base_url}/amt/suche?q=${receipt.vorgangsnummer}`);
    assert.equal(await page.locator('main a[href^="/amt/vorgang/"]').count(), 0);
  });
  const foreign = await fetch(base + '/api/v1/antraege', { method: 'POST', headers: { authorization: `Bearer ${second.api_key}`, 'idempotency-key': 'x' }, body: new FormData() });
  assert.equal(foreign.status, 401, "the second town's key opens nothing in the first");
});
