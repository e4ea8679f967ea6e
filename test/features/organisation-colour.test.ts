import assert from 'node:assert/strict';
import { Tenant } from '#models/tenant.js';
import { GROUNDS } from '#policies/brand.js';
import { contrast } from '#policies/colour.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { newestDetails } from '../support/users.js';

const PATH = '/admin/organisation';
/** What words need, and what has to be seen at all (WCAG 2.2, 1.4.3 and 1.4.11). */
const [WORDS, SHAPES] = [4.5, 3];
const PREVIEW = `${PATH}/preview`;

describe('The colour of an organisation', () => {
  let portal: Portal;
  let olivia: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
  });
  afterEach(() => portal.close());

  const colour = async () => (await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true })).colour;
  const send = async (action: string, fields: Fields): Promise<Page> =>
    olivia.post(action, { ...(await olivia.open(PATH)).form(PATH), ...fields });
  const sheetOf = ({ html }: Page): string | null =>
    /<link rel="stylesheet" href="(\/looks\/[^"]+)">/.exec(html)?.[1] ?? null;
  const classOf = ({ html }: Page): string => /<html[^>]* class="([^"]*)"/.exec(html)?.[1] ?? '';

  it('is any, by its number: every page of its people has it, and no other organisation', async () => {
    const answer = await olivia.submit(PATH, PATH, { colour: ' #0F766E' });
    assert.equal(answer.status, 303, answer.alert);
    const page = await olivia.open('/security');
    assert.deepEqual([classOf(page), sheetOf(page)], ['brand-0f766e', '/looks/0f766e.css']);
    assert.doesNotMatch(page.html, /<style|style="/);
    assert.deepEqual(await newestDetails(portal, 'acme', 'tenant.changed'), {
      colour: { from: 'blue', to: '#0f766e' },
    });
    const other = await (await portal.signedIn('globex/gary')).open('/security');
    assert.doesNotMatch(other.html, /0f766e/);
    for (const slug of ['acme', 'globex', 'nowhere'])
      assert.doesNotMatch((await portal.browser().open(`/login?organization=${slug}`)).html, /0f766e/, slug);
    await olivia.submit(PATH, PATH, { signInMessage: 'Welcome' });
    const greeted = await portal.browser().open('/login?organization=acme');
    assert.deepEqual([classOf(greeted), sheetOf(greeted)], ['brand-0f766e', '/looks/0f766e.css']);
    await olivia.submit(PATH, PATH, { colour: 'Teal' });
    const named = await olivia.open('/security');
    assert.deepEqual([classOf(named), sheetOf(named)], ['brand-teal', null]);
  });

  it('comes as a sheet of that colour alone, in which both themes can be read', async () => {
    const visitor = portal.browser();
    for (const number of ['0f766e', 'b3005e', '000000', '767676', '1a1aff', 'c2410c']) {
      const { status, headers, html } = await visitor.get(`/looks/${number}.css`);
      assert.equal(status, 200, number);
      assert.match(headers['content-type'] ?? '', /^text\/css/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['set-cookie'], undefined);
      assert.match(
        html,
        new RegExp(`^\\.brand-${number}\\{(--[a-z-]+:light-dark\\(#[0-9a-f]{6},#[0-9a-f]{6}\\);?){6}\\}$`),
      );
      const [light = '', dark = ''] = /--brand:light-dark\((.*?),(.*?)\)/.exec(html)?.slice(1) ?? [];
      const [onLight = '', onDark = ''] = /--brand-text:light-dark\((.*?),(.*?)\)/.exec(html)?.slice(1) ?? [];
      for (const fill of [light, dark]) assert.ok(contrast(fill, '#ffffff') >= WORDS, `${number} ${fill}`);
      assert.ok(contrast(dark, GROUNDS.dark) >= SHAPES, number);
      assert.ok(contrast(onLight, GROUNDS.light) >= WORDS && contrast(onDark, GROUNDS.dark) >= WORDS, number);
    }
    for (const none of ['ffcc00.css', 'teal.css', '0F766E.css', '0f766e', '0f766e.css.js', '0f766.css', '%7d.css'])
      assert.equal((await visitor.get(`/looks/${none}`)).status, 404, none);
  });

  it('is shown in both themes before it is saved, with how well it can be read, and with all that was typed', async () => {
    const page = await send(PREVIEW, { colour: '#b3005e', name: 'Acme Works' });
    assert.equal(page.status, 200, page.alert);
    assert.match(page.text, /Nothing is saved yet/);
    assert.match(page.text, /On light pages: words on buttons 6\.82 : 1, links 6\.3 : 1/);
    assert.match(page.text, /On dark pages: words on buttons 5\.\d+ : 1, links 8\.\d+ : 1/);
    assert.deepEqual([page.valueOf('colour'), page.valueOf('name')], ['#b3005e', 'Acme Works']);
    assert.match(page.html, /look-side look-dark brand-b3005e/);
    assert.equal(classOf(page), 'brand-blue', 'The page itself is as it was.');
    assert.equal(await colour(), 'blue');
    const saved = await olivia.post(PATH, page.form(PATH));
    assert.equal(saved.status, 303, saved.alert);
    assert.equal(await colour(), '#b3005e');
  });

  it('is refused where it cannot be read, by each door and before it is shown, with what to enter in its place', async () => {
    const program = await programOf(portal, 'acme/olivia');
    for (const action of [PATH, PREVIEW]) {
      const answer = await send(action, { colour: '#ffcc00' });
      assert.equal(answer.status, 422, action);
      assert.match(answer.errorOf('colour'), /White words on #ffcc00 have a contrast of 1\.51 : 1, and need 4\.5 : 1/);
    }
    for (const wrong of ['#ffcc00', 'mauve', '', '#0f766e}', 7, null])
      assert.equal((await program.patch('/organisation', { colour: wrong })).status, 422, String(wrong));
    assert.equal(await colour(), 'blue');
    const offered = /Enter (#\w+)/.exec(
      (await olivia.submit(PATH, PATH, { colour: '#ffcc00' })).errorOf('colour'),
    )?.[1];
    const changed = await program.patch('/organisation', { colour: offered });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await program.get('/organisation')).body['colour'], offered);
  });

  it('is shown to who may change it alone', async () => {
    const adam = await portal.signedIn('acme/adam');
    assert.equal((await adam.post(PREVIEW, { _csrf: await adam.csrf('/profile'), colour: '#0f766e' })).status, 403);
  });
});
