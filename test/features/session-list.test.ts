import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Session } from '#models/session.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Browser, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

const LIST = '/security/sessions';
const OTHERS = '/security/sessions/others/removal';

describe('The list of one’s sessions', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(() => Session.destroy({ where: {} }));
  after(() => portal.close());

  const isIn = async (browser: Browser): Promise<boolean> => (await browser.get(LIST)).status === 200;
  const cards = (page: Page): string[] =>
    page.document.querySelectorAll('.session').map((one) => one.text.replace(/\s+/g, ' ').trim());

  /** The path that ends the session of this browser. */
  async function removalOf(browser: Browser): Promise<string> {
    const page = await browser.get(LIST);
    const link = page.document
      .querySelectorAll('.session')
      .find((one) => one.text.includes('This session'))
      ?.querySelector('a[href$="/removal"]');
    return link?.getAttribute('href') ?? '';
  }

  it('says of each session what it is, from where, and since when, and which one this is', async () => {
    const phone = portal.browser();
    phone.headers['User-Agent'] =
      'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
    phone.headers['Sec-CH-UA-Arch'] = '"arm"';
    phone.headers['Sec-CH-UA-Bitness'] = '"64"';
    await phone.signIn('acme/uma', PASSWORD);
    portal.clock.move(5 * MINUTE);
    const browser = await portal.signedIn('acme/uma');
    const [own = '', other = ''] = cards(await browser.get(LIST));
    assert.match(
      own,
      /^Firefox 143 on Linux.*This session.*EngineGecko 143.*Operating systemLinux.*CPU architectureamd64.*IP address127\.0\.0\.1.*Created\d.*Last seen.*Last authentication.*Last modified.*Expiresin/,
    );
    assert.match(other, /^Chrome 142 on Android 15.*Device modelGoogle Pixel 9.*CPU architecturearm64/);
    assert.doesNotMatch(other, /This session/);
    assert.match((await browser.get('/security')).text, /You are signed in with 2 browsers/);
  });

  it('was seen now, and not in a moment, where the page that says so is the first for a while', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const path of ['/security', LIST]) {
      portal.clock.move(5 * MINUTE);
      const [own = ''] = cards(await browser.get(path));
      assert.match(own, /Seen just now, signed in/, path);
    }
  });

  it('marks what is new since this person’s last visit here, until the next, whoever looked elsewhere', async () => {
    const marked = async (browser: Browser): Promise<boolean[]> =>
      cards(await browser.get(LIST)).map((one) => one.includes('New since your last visit'));
    const uma = await portal.signedIn('acme/uma');
    assert.deepEqual(await marked(uma), [false], 'Of a first visit nothing is known.');
    portal.clock.move(5 * MINUTE);
    const stranger = await portal.signedIn('acme/uma');
    await stranger.get(LIST);
    portal.clock.move(5 * MINUTE);
    assert.deepEqual(await marked(uma), [false, false], 'Nor within one visit, in which nothing has begun anew.');
    await uma.submit(LIST, '/logout');
    portal.clock.move(MINUTE);
    await portal.signedIn('acme/uma');
    portal.clock.move(MINUTE);
    await uma.signIn('acme/uma', PASSWORD);
    assert.deepEqual(await marked(uma), [false, true, false]);
    assert.deepEqual(await marked(uma), [false, true, false], 'It stays until the next visit.');
    assert.match((await uma.get('/security')).text, /Sessions\s*1 new/);
    await uma.submit(LIST, '/logout');
    await uma.signIn('acme/umar', PASSWORD);
    assert.deepEqual(await marked(uma), [false], 'Somebody else at this browser knows nothing of it.');
  });

  it('folds what is long: a session is one line, by its kind of device, until it is opened', async () => {
    for (const [agent, icon] of [
      ['Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 Chrome/143.0.0.0 Mobile Safari/537.36', 'mobile'],
      ['Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1', 'tablet'],
    ] as const) {
      const browser = portal.browser();
      browser.headers['User-Agent'] = agent;
      await browser.signIn('acme/umar', PASSWORD);
      const [first] = (await browser.get(LIST)).document.querySelectorAll('.session details');
      assert.match(first?.querySelector('summary use')?.getAttribute('href') ?? '', new RegExp(`#device-${icon}$`));
      assert.equal(first?.hasAttribute('open'), false);
      assert.equal(first?.querySelectorAll('dl div').length, 12);
    }
  });

  it('leaves out what has ended, by whatever cause, and what is others’', async () => {
    await portal.signedIn('acme/umar');
    const ended = await portal.signedIn('acme/uma');
    await ended.submit(LIST, '/logout');
    await portal.signedIn('acme/uma');
    portal.clock.move(31 * MINUTE);
    const browser = await portal.signedIn('acme/uma');
    assert.equal(cards(await browser.get(LIST)).length, 1);
    assert.match((await browser.get('/security')).text, /You are signed in with this browser only/);
  });

  it('ends one of them: it is dead with its next request, and the log has it', async () => {
    const [one, other] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const path = await removalOf(other);
    const page = await one.follow(await one.submit(LIST, path));
    assert.equal(page.flash, 'The session has been ended.');
    assert.deepEqual([await isIn(one), await isIn(other)], [true, false]);
    const row = (await logged(portal, 'acme', 'session.ended')).at(-1);
    assert.deepEqual([row?.['actor_id'], row?.['target_id']], [portal.idOf('acme/uma'), path.split('/')[3]]);
  });

  it('ends one of them once: what has ended is not found, nor another’s, nor what never was', async () => {
    const [one, other, stranger] = [
      await portal.signedIn('acme/uma'),
      await portal.signedIn('acme/uma'),
      await portal.signedIn('acme/umar'),
    ];
    const _csrf = await one.csrf(LIST);
    const path = await removalOf(other);
    const answers = await Promise.all(Array.from({ length: 5 }, () => one.post(path, { _csrf })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404, 404, 404, 404]);
    for (const wrong of [
      path,
      await removalOf(stranger),
      `/security/sessions/${newId()}/removal`,
      '/security/sessions/x/removal',
    ]) {
      assert.equal((await one.post(wrong, { _csrf })).status, 404, wrong);
    }
    assert.equal(await isIn(stranger), true);
  });

  it('ends this very one, which leads to the sign-in page', async () => {
    const browser = await portal.signedIn('acme/uma');
    const answer = await browser.submit(LIST, await removalOf(browser));
    assert.equal(answer.location, '/login');
    assert.equal(browser.cookies.has('gatehouse'), false);
    assert.equal((await browser.follow(answer)).flash, 'You have ended this session. Sign in to go on.');
  });

  it('ends all but this one, and says how many that were', async () => {
    const one = await portal.signedIn('acme/uma');
    const others = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    const stranger = await portal.signedIn('acme/umar');
    const page = await one.follow(await one.submit(LIST, OTHERS));
    assert.equal(page.flash, '2 other sessions have been ended.');
    assert.deepEqual(await Promise.all([one, ...others, stranger].map(isIn)), [true, false, false, true]);
    const row = (await logged(portal, 'acme', 'sessions.ended')).at(-1);
    assert.deepEqual(JSON.parse(String(row?.['details'])), { count: 2 });
    const again = await one.post(OTHERS, { _csrf: await one.csrf(LIST) });
    assert.equal((await one.follow(again)).flash, 'There was no other session to end.');
    assert.equal((await logged(portal, 'acme', 'sessions.ended')).length, 1, 'What did not happen is not in the log.');
  });

  it('asks who it is before it ends all others, when the sign-in is a while ago', async () => {
    const [one, other] = [await portal.signedIn('acme/uma'), await portal.signedIn('acme/uma')];
    portal.clock.move(11 * MINUTE);
    assert.match((await one.submit(LIST, OTHERS)).location, /^\/confirm\?/);
    assert.equal(await isIn(other), true);
  });
});
