import assert from 'node:assert/strict';
import type { Browser, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';

const TOKEN = /name="_csrf" value="([^"]*)"/g;

describe('The token of a form', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const tokensOn = ({ html }: Page): string[] => [...html.matchAll(TOKEN)].map(([, token]) => token ?? '');
  const send = (browser: Browser, path: string, _csrf: string): Promise<Page> => browser.post(path, { _csrf });

  it('is written otherwise in each answer, so that the length of a compressed page tells nothing of it', async () => {
    const visitor = portal.browser();
    for (const [browser, path] of [
      [visitor, '/login'],
      [await portal.signedIn('acme/uma'), '/security'],
    ] as const) {
      await browser.get(path);
      const pages = [await browser.get(path), await browser.get(path), await browser.get(path)];
      const tokens = new Set(pages.flatMap(tokensOn));
      assert.equal(tokens.size, pages.length, 'One for each answer, and for all its forms the same.');
      const pieces = [...tokens].flatMap((token) => piecesOf(token));
      assert.equal(new Set(pieces).size, pieces.length, 'No piece of one stands in another.');
    }
  });

  it('comes with a cookie, and who sends none is told so', async () => {
    const visitor = portal.browser();
    const form = (await visitor.get('/login')).form('/login');
    const answer = await portal.browser().post('/login', form);
    assert.equal(answer.status, 403);
    assert.match(answer.text, /let your browser keep cookies of this site/);
  });

  it('is good in each of its spellings, and without its mask it is none', async () => {
    const uma = await portal.signedIn('acme/uma');
    const spellings = [...tokensOn(await uma.get('/profile')), ...tokensOn(await uma.get('/profile'))];
    for (const token of new Set(spellings)) assert.equal((await send(uma, '/profile', token)).status, 422);
    const [first = ''] = spellings;
    const bytes = Buffer.from(first, 'base64url');
    const bare = Buffer.from(bytes.subarray(32).map((byte, at) => byte ^ (bytes[at] ?? 0)));
    for (const wrong of [
      bare.toString('base64url'),
      Buffer.concat([bytes.subarray(32), bytes.subarray(32)]).toString('base64url'),
      bytes.toString('base64'),
      `${first}A`,
      first.slice(1),
      '',
    ])
      assert.equal((await send(uma, '/profile', wrong)).status, 403, wrong);
  });
});

function piecesOf(token: string): string[] {
  return Array.from({ length: Math.floor(token.length / 6) }, (_, at) => token.slice(at * 6, at * 6 + 6));
}
