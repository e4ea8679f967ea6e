import assert from 'node:assert/strict';
import { ApiCredential } from '#models/api-credential.js';
import { Link } from '#models/link.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import type { Context } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { actingNow, hold } from '#server/identity/acting.js';
import type { Browser, Page } from '../support/browser.js';
import { secretOn, TOKENS } from '../support/credentials.js';
import { setPasswordWith } from '../support/disavowal.js';
import { contextIn, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { until } from '../support/until.js';
import { addSomebody, pageOf, userCalled } from '../support/users.js';

const NEW = 'quiet-lantern-orchard-57';

describe('The entrance of a write', () => {
  let portal: Portal;
  let uma: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    uma = await portal.signedIn('acme/uma');
  });
  afterEach(() => portal.close());

  const nothing = (): Promise<void> => Promise.resolve();

  it('is not found inside another: its locks would be taken in two orders', async () => {
    const context = await contextIn(portal, 'acme');
    await assert.rejects(
      inTransaction(() => actingNow(context, 'own', nothing)),
      /begins here/,
    );
  });

  it('is shut to a person who brings neither a session nor a credential', async () => {
    const context = await contextIn(portal, 'acme');
    const user = await userCalled(portal, 'acme/olivia');
    const actor = { kind: 'user', id: user.id, permissions: new Set(['users:write']) };
    for (const somebody of [actor, null])
      await assert.rejects(
        actingNow({ ...context, actor: somebody } as unknown as Context, 'users:write', nothing),
        Forbidden,
      );
  });

  /** Until so many requests wait for a lock; on SQLite there is one writer, and who waits cannot be seen. */
  async function waiting(count: number): Promise<void> {
    const { database } = portal;
    if (database.dialect === 'sqlite') return new Promise((resolve) => setTimeout(resolve, 300));
    const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await until(async () => (await database.read(sql, [])).length >= count);
  }

  /** Holds this while requests are sent, until all of them wait for it; then does what it was held for. */
  async function whileHeld<T>(
    { users = [], organisation = false }: { users?: readonly string[]; organisation?: boolean },
    sends: readonly (() => Promise<T>)[],
    then: (tenantId: string) => Promise<unknown> = nothing,
  ): Promise<T[]> {
    const { tenant } = await contextIn(portal, 'acme');
    let held = (): void => undefined;
    let goOn = (): void => undefined;
    const isHeld = new Promise<void>((resolve) => (held = resolve));
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    const holding = inTransaction(async () => {
      await hold(portal.services, tenant.id, users, organisation);
      held();
      await mayGoOn;
      await then(tenant.id);
    });
    await isHeld;
    const sent: Promise<T>[] = [];
    try {
      for (const send of sends) {
        sent.push(send());
        await waiting(sent.length);
      }
    } finally {
      goOn();
      await holding;
    }
    return Promise.all(sent);
  }

  const suspend = (id: string): Promise<unknown> => Tenant.update({ status: 'suspended' }, { where: { id } });

  it('waits for an organisation that is being suspended, and then does nothing: a sign-in', async () => {
    const [answer] = await whileHeld(
      { organisation: true },
      [() => portal.browser().tryToSignIn('acme/umar', PASSWORD)],
      suspend,
    );
    // On SQLite its very look-up waits, and finds the organisation suspended.
    assert.equal(answer?.status, portal.database.dialect === 'sqlite' ? 422 : 409);
    assert.equal(await Session.count({ where: { userId: portal.idOf('acme/umar') } }), 0);
  });

  it('the same: a new password by a mailed link', async () => {
    const path = await mailResetLink(portal, 'acme/umar');
    const before = (await userCalled(portal, 'acme/umar')).passwordHash;
    const [answer] = await whileHeld({ organisation: true }, [() => setPasswordWith(portal, path, NEW)], suspend);
    assert.equal(answer?.status, 410);
    assert.equal((await userCalled(portal, 'acme/umar')).passwordHash, before);
  });

  it('the same: the mail with such a link', async () => {
    const fields = { organization: 'acme', username: 'umar' };
    const ask = () => portal.browser().submit('/password/forgot', '/password/forgot', fields);
    await whileHeld({ organisation: true }, [ask], suspend);
    assert.equal(await Link.count(), 0);
  });

  it('the same: a token', async () => {
    const form = (await uma.open(`${TOKENS}/new`)).form(TOKENS);
    const make = () => uma.post(TOKENS, { ...form, name: 'Backup' });
    const [answer] = await whileHeld({ organisation: true }, [make], suspend);
    assert.equal(secretOn(answer!), '');
    assert.equal(await ApiCredential.count(), 0);
  });

  it('waits for every write under way where owners change: of two who go at once, the second is the last', async () => {
    await addSomebody(portal, 'acme/otto', 'owner');
    const path = '/account/removal';
    const sends: (() => Promise<Page>)[] = [];
    for (const username of ['olivia', 'otto']) {
      const browser = await portal.signedIn(`acme/${username}`);
      const form = { ...(await browser.open(path)).form(path), username, password: PASSWORD };
      sends.push(() => browser.post(path, form));
    }
    const answers = await whileHeld({ organisation: false }, sends);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
  });

  it('takes people in one order, so that two who act on each other both come to their end', async () => {
    const otto = await addSomebody(portal, 'acme/otto', 'owner');
    const olivia = portal.idOf('acme/olivia');
    const browsers = new Map([
      [otto.id, await portal.signedIn('acme/otto')],
      [olivia, await portal.signedIn('acme/olivia')],
    ]);
    const sends: (() => Promise<Page>)[] = [];
    const [first = '', last = ''] = [...browsers.keys()].sort();
    for (const [by, to] of [
      [first, last],
      [last, first],
    ] as const) {
      const form = (await browsers.get(by)!.open(pageOf(to))).form(`${pageOf(to)}/password-reset`);
      sends.push(() => browsers.get(by)!.post(`${pageOf(to)}/password-reset`, form));
    }
    const answers = await whileHeld({ users: [first] }, sends);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [303, 303],
    );
    assert.equal(await Link.count(), 2);
  });
});
