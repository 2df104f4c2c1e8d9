// Walks a signed-in area by its links and knows which route of the program each page belongs to.
import { execFileSync } from 'node:child_process';
import { binary } from './harness.mjs';

// routes lists what the program itself says it serves: [{method, pattern, access}].
export const routes = () => JSON.parse(execFileSync(binary, ['routes', '-json'], { encoding: 'utf8' }));

// matcher returns a function path → pattern, most specific first, as Go's ServeMux decides.
export function matcher(list) {
  const compiled = list.filter((r) => r.method === 'GET').map((r) => {
    const source = r.pattern.replace(/[.+*?^()|[\]\\]/g, '\\$&')
      .replace(/\{\$\}/g, '').replace(/\{[a-zA-Z]+\.\.\.\}/g, '.*').replace(/\{[a-zA-Z]+\}/g, '[^/]+');
    return { pattern: r.pattern, re: new RegExp('^' + source + '$'), weight: r.pattern.replace(/\{[^}]*\}/g, '').length };
  }).sort((a, b) => b.weight - a.weight);
  return (path) => compiled.find((c) => c.re.test(path))?.pattern;
}

// crawl visits same-origin pages reachable from start, at most perPattern of each route, and calls visit(page, pattern) on HTML pages.
export async function crawl(context, starts, { perPattern = 1, visit, match }) {
  const page = await context.newPage();
  const seen = new Map(); // pattern → number of visits
  const queued = new Set(starts);
  const queue = [...starts];
  const origin = new URL(starts[0]).origin;
  while (queue.length) {
    const url = queue.shift();
    const { pathname } = new URL(url);
    const pattern = match(pathname) ?? pathname;
    if ((seen.get(pattern) ?? 0) >= perPattern) continue;
    if (/abmelden/.test(pathname)) continue;
    const response = await context.request.get(url, { maxRedirects: 0 });
    const type = response.headers()['content-type'] ?? '';
    if (response.status() >= 300 && response.status() < 400) {
      const to = new URL(response.headers().location, url).href.split('#')[0];
      if (new URL(to).origin === origin && !queued.has(to)) { queued.add(to); queue.unshift(to); }
      seen.set(pattern, (seen.get(pattern) ?? 0) + 1);
      continue;
    }
    if (response.status() !== 200) throw new Error(`${url}: ${response.status()}`);
    seen.set(pattern, (seen.get(pattern) ?? 0) + 1);
    if (!type.startsWith('text/html')) continue;
    await page.goto(url);
    await visit(page, pattern, url);
    for (const href of await page.locator('a[href]').evaluateAll((as) => as.map((a) => a.href))) {
      const clean = href.split('#')[0];
      if (!clean.startsWith(origin) || queued.has(clean)) continue;
      queued.add(clean);
      queue.push(clean);
    }
  }
  await page.close();
  return seen;
}
