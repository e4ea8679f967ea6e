import assert from 'node:assert/strict';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { judged, securityStates, type StateFacts } from '#server/features/security/states.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { watchStatements } from '../support/statements.js';

describe('The Security page', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('is where password managers are led that look for the page to change a password', async () => {
    const answer = await portal.browser().get('/.well-known/change-password');
    assert.deepEqual([answer.status, answer.location], [303, '/security?form=password#password']);
    const page = await (await portal.signedIn('acme/uma')).get(answer.location);
    assert.ok(page.document.querySelector('details[open] form[action="/security/password"]'));
  });

  it('has every section, in the order in which people know them', async () => {
    const page = await (await portal.signedIn('acme/uma')).get('/security');
    assert.equal(page.heading, 'Security');
    const sections = page.document.querySelectorAll('main h2, main h3').map((one) => one.text.trim());
    const order = [
      'Password for login',
      'Two-factor authentication',
      'Active sessions',
      'API tokens',
      'API key',
      'API password',
      'SSH keys',
      'Recent activity',
    ];
    assert.deepEqual(
      sections.filter((one) => order.includes(one)),
      order,
    );
  });

  it('is reached from the menu at the top right, beside Profile and Sign out, from every page', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const path of ['/security', '/security/sessions', '/security/activity', '/no/such/page']) {
      const menu = (await browser.get(path)).document.querySelector('.user-menu');
      assert.deepEqual(
        menu?.querySelectorAll('a').map((one) => [one.text.trim(), one.getAttribute('href')]),
        [
          ['Security', '/security'],
          ['Profile', '/profile'],
        ],
        path,
      );
      assert.equal(menu.querySelector('form')?.getAttribute('action'), '/logout', path);
      assert.match(menu.text.replace(/\s+/g, ' '), /Uma Ndiaye.*uma · Acme/, path);
    }
  });

  it('shows in its menu what this person may open, and nothing else; every entry opens', async () => {
    for (const who of ['acme/uma', 'acme/audrey', 'acme/olivia', 'platform/opal']) {
      const browser = await portal.signedIn(who);
      const page = await browser.get('/security');
      const entries = page.document
        .querySelectorAll('nav[aria-label=Main] a')
        .map((one) => one.getAttribute('href') ?? '');
      assert.equal(
        entries.some((href) => href.startsWith('/admin')),
        who !== 'acme/uma',
        who,
      );
      assert.equal(
        entries.some((href) => href.startsWith('/platform')),
        who === 'platform/opal',
        who,
      );
      for (const href of entries) assert.equal((await browser.get(href)).status, 200, `${who}: ${href}`);
      assert.equal(page.document.querySelector('nav [aria-current=page]')?.getAttribute('href'), '/security', who);
    }
  });

  it('says until when the password must be changed, where the policy lets it grow old', async () => {
    const browser = await portal.signedIn('acme/umar');
    assert.doesNotMatch((await browser.get('/security')).text, /Must be changed by/);
    await SecurityPolicy.update({ maxAgeDays: 90 }, { where: {} });
    const until = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(
      portal.clock.now() + 90 * DAY,
    );
    const { text } = await browser.get('/security');
    assert.match(text, /Must be changed by/);
    assert.ok(text.includes(until), until);
    await SecurityPolicy.update({ maxAgeDays: 0 }, { where: {} });
  });

  it('begins with a verdict, and how each thing stands with its next step; each step leads somewhere', async () => {
    const gina = await portal.signedIn('globex/gina');
    const strip = async (): Promise<string[]> =>
      (await gina.open('/security')).document
        .querySelectorAll('.states h2, .states li')
        .map((one) => one.text.replace(/\s+/g, ' ').trim());
    assert.deepEqual(await strip(), [
      'One thing to do',
      'Password Set today Change it: Password',
      'Two-factor Disabled Set it up Two-factor',
      'Passkeys None Add one: Passkeys',
      'Sessions This browser only See them: Sessions',
      'Tokens and keys None See them: Tokens and keys',
    ]);
    const page = await gina.open('/security');
    for (const link of page.document.querySelectorAll('.states a')) {
      const [path = '', id] = (link.getAttribute('href') ?? '').split('#');
      const led = await gina.get(path === '' ? '/security' : path);
      assert.equal(led.status, 200, link.outerHTML);
      if (id) assert.ok(led.document.querySelector(`#${id}`), link.outerHTML);
    }
    assert.equal((await gina.submit('/security', '/security/two-factor/setup')).location, '/security/two-factor');
    assert.equal((await strip())[2], 'Two-factor Pending Finish the set-up: Two-factor');
  });

  it('says of each state what it comes to', () => {
    const credentials = { liveTokens: 1, key: null, password: null, ending: 0 };
    const well: StateFacts = {
      ...{ now: 100 * DAY, passwordChangedAt: 90 * DAY, passwordExpiresAt: null, twoFactor: 'active' },
      ...{ twoFactorOffered: true, twoFactorDemanded: false, factors: ['totp'], recoveryCodesLeft: 9, sessionCount: 2 },
      ...{ newSessionCount: 0, credentials, sshKeyCount: 2, passkeyCount: 0, passkeysOffered: true },
    };
    const read = (change: Partial<StateFacts>): string => {
      const states = securityStates({ ...well, ...change });
      const open = states.filter(({ kind }) => kind === 'now' || kind === 'todo').map(({ text }) => text);
      assert.ok(judged(states, []).every(({ kind }) => kind === 'good' || kind === 'plain'));
      return open.join(' | ');
    };
    assert.equal(read({}), '');
    for (const [change, answer] of [
      [{ twoFactor: 'disabled', factors: [] }, 'Disabled'],
      [{ twoFactor: 'disabled', factors: [], twoFactorDemanded: true }, 'Disabled'],
      [{ twoFactor: 'disabled', factors: ['passkey'], passkeyCount: 1 }, ''],
      [{ twoFactor: 'disabled', factors: [], twoFactorOffered: false }, ''],
      [{ recoveryCodesLeft: 3 }, '3 left'],
      [{ recoveryCodesLeft: 0 }, '0 left'],
      [{ newSessionCount: 1, credentials: { ...credentials, ending: 1 } }, '1 new | One ends soon'],
      [{ passwordExpiresAt: 110 * DAY }, 'Must be changed soon'],
    ] as const)
      assert.equal(read(change), answer);
  });

  it('is one read of the database: who is signed in, and with that all of its sections', async () => {
    const browser = await portal.signedIn('acme/uma');
    await browser.get('/security');
    const { reads, queries } = watchStatements(portal);
    assert.equal((await browser.get('/security')).status, 200);
    assert.equal(reads.length, 1, reads.join('\n---\n'));
    assert.deepEqual(queries, []);
  });

  it('shows when the session was last seen as this very request has noted it', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (const later of [0, 10 * MINUTE, 10 * MINUTE]) {
      portal.clock.move(later);
      const { html } = await browser.get('/security');
      assert.ok(html.includes(new Date(portal.clock.now()).toISOString().slice(0, 16)), html);
    }
  });

  it('is of whoever asks, however many ask at once, and of nobody whose session is over', async () => {
    const people = await Promise.all(
      ['acme/uma', 'acme/adam', 'globex/gary', 'acme/olivia'].map(async (who) => {
        const [browser, over] = [await portal.signedIn(who), await portal.signedIn(who)];
        await Session.update({ endedAt: portal.clock.now() }, { where: { id: (await newestOf(portal.idOf(who))).id } });
        return { browser, over, who };
      }),
    );
    for (let round = 0; round < 3; round += 1)
      await Promise.all(
        people.map(async ({ browser, over, who }) => {
          const [page, refused] = await Promise.all([browser.get('/security'), over.get('/security')]);
          assert.equal(refused.location, '/login?next=%2Fsecurity');
          const own = (await Session.findAll({ where: { userId: portal.idOf(who), endedAt: null } })).map(
            ({ id }) => id,
          );
          const shown = [...page.html.matchAll(/\/security\/sessions\/([\w-]{36})\/removal/g)].map(([, id = '']) => id);
          assert.ok(shown.length > 0 && shown.every((id) => own.includes(id)), who);
        }),
      );
  });

  it('works without JavaScript, and without anything from elsewhere', async () => {
    const page = await (await portal.signedIn('acme/olivia')).get('/security');
    for (const form of page.document.querySelectorAll('form')) {
      assert.ok(
        form.querySelector('button:not([hidden])') ?? form.querySelector('input[type=submit]'),
        form.getAttribute('action'),
      );
    }
    for (const one of page.document.querySelectorAll('[src], link[href]')) {
      assert.match(one.getAttribute('src') ?? one.getAttribute('href') ?? '', /^\/assets\//);
    }
    for (const script of page.document.querySelectorAll('script')) assert.equal(script.text, '');
    assert.equal(page.document.querySelectorAll('[style], style').length, 0);
    const ids = page.document.querySelectorAll('[id]').map((one) => one.getAttribute('id'));
    assert.deepEqual(
      ids.filter((id, at) => ids.indexOf(id) !== at),
      [],
      'Every id stands once.',
    );
    for (const label of page.document.querySelectorAll('label[for]'))
      assert.ok(ids.includes(label.getAttribute('for') ?? ''), label.outerHTML);
  });

  it('brings back the form of the password with what is wrong, and the rest of the page with it', async () => {
    const browser = await portal.signedIn('acme/uma');
    const page = await browser.submit('/security', '/security/password', {
      currentPassword: PASSWORD,
      newPassword: 'x',
      confirmPassword: 'y',
    });
    assert.equal(page.status, 422);
    assert.match(page.document.querySelector('title')?.text ?? '', /^Error: Security · Acme · Gatehouse$/);
    for (const link of page.document.querySelectorAll('[role=alert] a'))
      assert.ok(page.document.querySelector(link.getAttribute('href') ?? '#none'), link.outerHTML);
    assert.match(page.text, /Active sessions.*Recent activity/s);
  });
});

async function newestOf(userId: string): Promise<Session> {
  const [newest] = await Session.findAll({ where: { userId }, order: [['id', 'DESC']], limit: 1 });
  assert.ok(newest);
  return newest;
}
