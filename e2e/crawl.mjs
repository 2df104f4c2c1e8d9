// Walks the site by its links and knows which route of the program each page belongs to.
import { execFileSync } from 'node:child_process';
import { binary } from './harness.mjs';

// routes lists what the program itself says it serves: [{method, pattern, access, section, examples}].
export const routes = () => JSON.parse(execFileSync(binary, ['routes', '-json'], { encoding: 'utf8' }));

// matcher returns a function path → pattern, most specific first, as Go's ServeMux decides.
export function matcher(list) {
  const compiled = list.filter((r) => r.method === 'GET').map((r) => {
    const source = r.pattern.replace(/\{\$\}/g, '').replace(/[.+*?^$()|[\]\\]/g, '\\$&')
      .replace(/\{[a-zA-Z]+\\\.\\\.\\\.\}/g, '.*').replace(/\{[a-zA-Z]+\}/g, '[^/]+');
    return { pattern: r.pattern, re: new RegExp('^' + source + '$'), weight: r.pattern.replace(/\{[^}]*\}/g, '').length };
  }).sort((a, b) => b.weight - a.weight);
  return (path) => compiled.find((c) => c.re.test(path))?.pattern;
}

// crawl visits same-origin pages reachable from starts, at most limit(pattern) addresses of each route, and calls
// visit(page, pattern, url, html) on HTML pages. It returns {seen: pattern → visits, broken: [text]}.
export async function crawl(context, starts, { limit, visit, match, skip = () => false }) {
  const page = await context.newPage();
  const seen = new Map();
  const broken = [];
  const queued = new Set(starts);
  const queue = starts.map((url) => ({ url, from: 'start' }));
  const { origin } = new URL(starts[0]);
  while (queue.length) {
    const { url, from } = queue.shift();
    const { pathname } = new URL(url);
    const pattern = match(pathname) ?? pathname;
    const visits = seen.get(pattern) ?? 0;
    if (visits >= limit(pattern) || skip(pattern)) continue;
    const response = await context.request.get(url, { maxRedirects: 0 });
    const status = response.status();
    if (status >= 300 && status < 400) {
      const to = new URL(response.headers().location, url).href.split('#')[0];
      if (new URL(to).origin === origin && !queued.has(to)) { queued.add(to); queue.unshift({ url: to, from: url }); }
      seen.set(pattern, visits + 1);
      continue;
    }
    if (status !== 200) { broken.push(`${url}: ${status} (from ${from})`); continue; }
    seen.set(pattern, visits + 1);
    if (!(response.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    await page.goto(url);
    await visit(page, pattern, url, await response.text());
    for (const href of await page.locator('a[href]').evaluateAll((as) => as.map((a) => a.href))) {
      const clean = href.split('#')[0];
      if (!clean.startsWith(origin + '/') || queued.has(clean)) continue;
      queued.add(clean);
      queue.push({ url: clean, from: url });
    }
  }
  await page.close();
  return { seen, broken };
}
