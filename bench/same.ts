import { cpSync } from 'node:fs';
import { Visitor } from '../test/support/visitor.js';
import { inPlaces } from './place.js';
import { gatehouse, PASSWORD, startPortal, type Program } from './programs.js';

// Whether the portal answers as another checkout of it does, both built: npx tsx bench/same.ts /path/to/the/other. All that
// people of every kind reach by links from their start page, and some of the API; two copies of one database.
const [, , other = ''] = process.argv;
const PEOPLE = ['acme/olivia', 'acme/adam', 'acme/uma', 'acme/audrey', 'globex/gary', 'platform/opal'];
const FIRST = [
  '/',
  '/login',
  '/security',
  '/no/such/page',
  '/api/v1/me',
  '/api/v1/nothing',
  '/api/openapi.json',
  '/healthz',
  '/Security',
  '/security/',
];
const MOST = 250;

await inPlaces(async (newPlace) => {
  const [mine, theirs] = [await newPlace('mine'), await newPlace('theirs')];
  gatehouse(mine, 'demo', '--password', PASSWORD, '--users', '60', '--events', '300');
  cpSync(mine['DATA_DIR'] ?? '', theirs['DATA_DIR'] ?? '', { recursive: true });
  const BASE_URL = 'http://localhost:3000';
  const portals = [await startPortal({ ...mine, BASE_URL }), await startPortal({ ...theirs, BASE_URL }, other)];
  // What they do by the clock when they have started.
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  try {
    await compare(portals);
  } finally {
    await Promise.all(portals.map((portal) => portal.stop()));
  }
});

async function compare(portals: readonly Program[]): Promise<void> {
  let [seen, unlike] = [0, 0];
  for (const who of ['', ...PEOPLE]) {
    const visitors = portals.map(({ url }) => new Visitor(url));
    const [organization = '', username = ''] = who.split('/');
    if (who !== '')
      for (const visitor of visitors) await visitor.submit('/login', { organization, username, password: PASSWORD });
    const waiting = [...FIRST];
    const known = new Set(waiting);
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const [one = '', another = ''] = await Promise.all(
        portals.map(({ url }, at) => answerOf(url, path, visitors[at])),
      );
      seen += 1;
      if (one !== another) {
        unlike += 1;
        process.stdout.write(`${who || 'a visitor'} ${path}: ${firstDifference(one, another)}\n`);
      }
      for (const [, link = ''] of one.matchAll(/ href="(\/[^"#]*)"/g)) {
        const next = link.replaceAll('&amp;', '&');
        const kind = next.replace(/=[^&]*/g, '');
        if (known.size >= MOST || known.has(kind) || /^\/(assets|logout)/.test(next)) continue;
        known.add(kind);
        waiting.push(next);
      }
    }
  }
  process.stdout.write(`${seen} answers, ${unlike} of them unlike\n`);
  process.exitCode = unlike === 0 && seen > 500 ? 0 : 1;
}

/** Status, headers and body, but for what is another each time: keys of forms, sessions, requests and the time. */
async function answerOf(url: string, path: string, visitor: Visitor | undefined): Promise<string> {
  const answer = await fetch(url + path, {
    redirect: 'manual',
    headers: { cookie: visitor?.cookieHeader() ?? '', connection: 'close' },
  });
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
  return [answer.status, ...headers, await answer.text()]
    .join('\n')
    .replaceAll(url, 'PORTAL')
    .replaceAll(new URL(url).host, 'PORTAL')
    .replace(/^(?:x-request-id|date|ratelimit.*|etag|set-cookie|content-length): .*$/gm, '')
    .replace(/[\w-]{86}/g, 'TOKEN')
    .replace(/(challenge&#34;:&#34;)[\w-]+/g, '$1CHALLENGE')
    .replace(/(name="_form" value=")[\w-]{22}/g, '$1FORM')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/\b[0-9a-f]{12}\b/g, 'REQUEST')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d\d:\d\d(?::\d\d)?\b/g, 'TIME')
    .replace(/(data-label="(?:Rows|Fingerprint|Numbers)"[^>]*>)[^<]*/g, '$1MADE')
    .replace(/cursor=[\w-]+/g, 'CURSOR')
    .replace(/\d+ MB are free in \S+/g, 'DISK')
    .replace(/data-since="-?\d+"/g, 'SINCE')
    .replace(/\b(?:just now|in a moment|a minute ago|\d+ minutes? ago|in \d+ \w+)\b/g, 'AGO');
}

function firstDifference(one: string, another: string): string {
  let at = 0;
  while (at < one.length && one[at] === another[at]) at += 1;
  const part = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 60), at + 60));
  return `${part(one)} beside ${part(another)}`;
}
