// Fills the pages of an application form, from answers in the shape of demo.json or by hand.
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { filesFolder as folder } from './harness.mjs';

// pngFile and pdfFile write small valid files and return their paths.
export function pngFile(name = 'foto.png') {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64'));
  return path;
}

export function pdfFile(name = 'nachweis.pdf') {
  const objects = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>'];
  let text = '%PDF-1.4\n';
  const at = objects.map((o, i) => { const start = text.length; text += `${i + 1} 0 obj\n${o}\nendobj\n`; return start; });
  const table = text.length;
  text += `xref\n0 4\n0000000000 65535 f \n${at.map((n) => String(n).padStart(10, '0') + ' 00000 n \n').join('')}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  const path = join(folder, name);
  writeFileSync(path, text, 'latin1');
  return path;
}

// go presses the one primary button of the main column.
export const next = (page) => page.locator('main form button.kern-btn--primary').first().click();

// fillDate types a day into the three inputs of a date field.
export async function fillDate(page, legend, iso) {
  const group = page.getByRole('group', { name: legend });
  const [year, month, day] = iso.split('-').map(Number);
  await group.getByLabel('Tag', { exact: true }).fill(String(day));
  await group.getByLabel('Monat', { exact: true }).fill(String(month));
  await group.getByLabel('Jahr', { exact: true }).fill(String(year));
}

// choose picks an option of a radio group by the words beside it.
export const choose = (page, legend, option) => page.getByRole('group', { name: legend }).getByLabel(option, { exact: true }).check();

const at = (answers, path) => path.split('.').reduce((v, key) => (v === undefined || v === null ? undefined : v[key]), answers);

const controls = (page) => page.locator('main form').locator('input[name], select[name], textarea[name]').evaluateAll(
  (list) => list.map((e) => ({ name: e.name, type: e.tagName === 'INPUT' ? e.type : e.tagName.toLowerCase(), value: e.value, id: e.id })));

// fillPage fills every control of the page for which there is an answer.
export async function fillPage(page, answers) {
  await addEntries(page, answers);
  for (const c of await controls(page)) await fillControl(page, c, answers);
}

async function addEntries(page, answers) {
  for (let guard = 0; guard < 20; guard++) {
    const buttons = page.locator('main form button[name=hinzufuegen]');
    let pressed = false;
    for (const path of await buttons.evaluateAll((list) => list.map((b) => b.value))) {
      const wanted = at(answers, path)?.length ?? 0;
      const there = await page.locator(`main form [id="f-${path.replaceAll('.', '-')}"] > fieldset`).count();
      if (there >= wanted) continue;
      await page.locator(`main form button[name=hinzufuegen][value="${path}"]`).click();
      pressed = true;
      break;
    }
    if (!pressed) return;
  }
}

async function fillControl(page, c, answers) {
  const control = page.locator(`[id="${c.id}"]`);
  const date = /^(.*)\.([tmj])$/.exec(c.name);
  if (date && /^\d{4}-\d\d-\d\d$/.test(at(answers, date[1]) ?? '')) {
    const [year, month, day] = at(answers, date[1]).split('-').map(Number);
    return control.fill(String({ t: day, m: month, j: year }[date[2]]));
  }
  let value = at(answers, c.name);
  if (value === undefined || value === null) return undefined;
  switch (c.type) {
    case 'hidden':
      return undefined;
    case 'radio':
      value = value === true ? 'ja' : value === false ? 'nein' : String(value);
      return c.value === value ? control.check() : undefined;
    case 'checkbox':
      return control.setChecked(Array.isArray(value) ? value.map(String).includes(c.value) : value === true || value === 'ja');
    case 'file':
      return control.setInputFiles([value].flat().map((name) => (String(name).endsWith('.png') ? pngFile(name) : pdfFile(name))));
    case 'select':
      return control.selectOption(String(value));
    default:
      return control.fill(/^\d+\.\d{1,4}$/.test(value) ? value.replace('.', ',') : String(value));
  }
}
