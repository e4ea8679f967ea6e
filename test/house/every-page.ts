import type { Browser, Page } from '../support/browser.js';

const BEGINNINGS = ['/security', '/security/sessions', '/security/api-key', '/security/api-password', '/admin/users'];

/** Every page that links lead to; of those that differ by an id, a few. */
export async function everyPage(browser: Browser): Promise<Page[]> {
  const pages: Page[] = [];
  const seen = new Map<string, number>();
  const waiting = [...BEGINNINGS];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const kind = path.split('?')[0]?.replace(/[\w-]{36}/g, ':id') ?? '';
    const times = seen.get(kind) ?? 0;
    if (times >= 12 || seen.has(path) || kind.startsWith('/api/')) continue;
    seen.set(kind, times + 1).set(path, 12);
    const page = await browser.open(path);
    pages.push(page);
    waiting.push(...page.links().filter((link) => /^\/(?!\/)/.test(link)));
  }
  return pages;
}
