import assert from 'node:assert/strict';
import { inTransaction } from '#models/transaction.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { routes } from '#server/features/index.js';
import { record } from '#server/trace/record.js';
import type { Page } from '../support/browser.js';
import { contentsAgain } from '../support/database.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { pathOf, titleOf } from '../support/routes.js';
import { wholeCaller, type Caller } from './callers.js';
import { ownValues } from './rows.js';

/** Breaks out of text, of both kinds of attribute, of a script and of a style, wherever it is printed as it is. */
const HOSTILE = `<hostile>"'></script></style><img src=x onhostile=1>{{name}}<%= 7*7 %>`;

// A download of the log, or of the credentials, leaves a row in the log, which its own test counts.
const LEAVES_A_ROW = /^\/admin\/(security-log|credentials)\/export\./;
const gets = routes.filter(({ method, path }) => method === 'get' && !LEAVES_A_ROW.test(path));

describe('To read a page changes nothing, and shows a hostile name as what it is: text', () => {
  let portal: Portal;
  let people: Caller[];
  let seen = 0;
  before(async () => {
    portal = await startPortal();
    people = [];
    for (const who of ['acme/uma', 'acme/olivia', 'platform/opal']) people.push(await wholeCaller(portal, who));
    await sow();
  });
  after(() => portal.close());

  for (const route of gets) {
    it(titleOf(route), async () => {
      for (const { browser, name, may } of people) {
        if (route.access.who === 'permitted' && !may(route.access.permission)) continue;
        const path = pathOf(route, await ownValues(portal, route, name));
        const before = await contentsAgain(portal.database);
        const page = await browser.get(path);
        assert.ok(page.status < 500, `${name}: ${page.status}`);
        assert.deepEqual(await contentsAgain(portal.database), before, `${name} has changed something by looking.`);
        harmless(page, name);
        if (page.html.includes('&lt;hostile&gt;')) seen += 1;
      }
    });
  }

  it('The hostile name was there to be seen', () => {
    assert.ok(seen > gets.length, `It was on ${seen} pages.`);
  });

  it('The pages of errors too, and those of somebody who has signed out', async () => {
    for (const { browser, name } of people) {
      for (const path of ['/no/such/page', `/${encodeURIComponent(HOSTILE)}`]) harmless(await browser.get(path), name);
    }
    const query = encodeURIComponent(HOSTILE);
    const visitor = portal.browser();
    for (const path of ['/login', '/password/forgot'])
      harmless(await visitor.get(`${path}?organization=${query}&next=${query}`), path);
    harmless(
      await visitor.submit('/login', '/login', {
        organization: HOSTILE,
        username: HOSTILE,
        password: HOSTILE,
        next: HOSTILE,
      }),
      'the sign-in page',
    );
  });

  /** Puts the hostile text wherever somebody could have put it, and then some. */
  async function sow(): Promise<void> {
    const client = { browser: HOSTILE, engine: HOSTILE, os: HOSTILE, model: HOSTILE, architecture: HOSTILE };
    const ip = HOSTILE.slice(0, 45);
    await User.update({ name: HOSTILE, nameKey: HOSTILE, locale: 'en' }, { where: {} });
    await User.update({ username: HOSTILE, email: HOSTILE }, { where: { id: portal.idOf('acme/umar') } });
    await Tenant.update({ name: HOSTILE, signInMessage: HOSTILE }, { where: {} });
    await Role.update({ name: HOSTILE, description: HOSTILE }, { where: { key: 'user' } });
    await Session.update({ client: JSON.stringify(client), ip }, { where: {} });
    for (const slug of ['acme', 'platform']) {
      const context = await contextIn(portal, slug);
      const who = slug === 'acme' ? ['acme/uma', 'acme/olivia'] : ['platform/opal'];
      for (const id of who.map((one) => portal.idOf(one))) {
        const about = { ...context, ip, client, requestId: HOSTILE.slice(0, 64) };
        const details = { note: HOSTILE, [HOSTILE]: [HOSTILE], name: { from: HOSTILE, to: HOSTILE } };
        await inTransaction(() =>
          record(about, { event: 'user.changed', actorId: id, target: { type: 'user', id }, details }),
        );
      }
    }
    await OutboxMessage.update({ subject: HOSTILE, lastError: HOSTILE, recipient: HOSTILE }, { where: {} });
  }
});

function harmless({ html, document, headers, path }: Page, who: string): void {
  if (!(headers['content-type'] ?? '').startsWith('text/html')) return;
  const about = `${path}, seen by ${who}`;
  assert.equal(document.querySelector('hostile, [onhostile], img'), null, about);
  assert.ok(!html.toLowerCase().includes('<hostile'), about);
  assert.ok(!/&amp;(lt|gt|quot|#39|amp);/.test(html), `${about}: escaped twice`);
  for (const link of document.querySelectorAll('a[href], form[action]')) {
    const to = link.getAttribute('href') ?? link.getAttribute('action') ?? '';
    assert.match(to, /^(\/(?!\/)|#|\?|mailto:|otpauth:\/\/)/, `${about}: ${to}`);
  }
}
