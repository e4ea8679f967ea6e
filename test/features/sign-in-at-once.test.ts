import assert from 'node:assert/strict';
import { KnownBrowser } from '#models/known-browser.js';
import { Passkey } from '#models/passkey.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { User } from '#models/user.js';
import { completeSignIn } from '#server/features/sign-in/actions.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';
import { contextIn } from '../support/links.js';
import { ALONE, withPasskey } from '../support/passkeys.js';
import { verdictOn, rowsOf } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Sign-ins that come together', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const personOf = (who: string) => User.findByPk(portal.idOf(who), { rejectOnEmpty: true });

  interface Way {
    browser?: string;
    newBrowser?: boolean;
    epoch?: number;
  }

  /** What signs somebody in who has proven who they are, each a little later than the one before. */
  async function ready(who: string, { browser = randomToken(), newBrowser = true, epoch }: Way = {}) {
    portal.clock.move(10);
    const context = { ...(await contextIn(portal, who.split('/')[0] ?? '')), user: null, session: null };
    const user = await personOf(who);
    if (epoch !== undefined) user.epoch = epoch;
    const proven = { counter: 'none', newBrowser, rememberedAt: null, methods: ['pwd' as const] };
    return () => completeSignIn(context, { user, tenant: context.tenant, ...proven }, browser);
  }

  async function readied(many: number, who: string, way?: Way) {
    const all = [];
    for (let at = 0; at < many; at += 1) all.push(await ready(who, way));
    return all;
  }

  const live = async (sids: readonly string[]): Promise<boolean[]> => {
    const rows = await Session.findAll({ where: { endedAt: null }, attributes: ['sidHash'] });
    return sids.map((sid) => rows.some(({ sidHash }) => sidHash === hashToken(sid)));
  };

  it('leave each person as many sessions as the policy allows, and those the last ones', async () => {
    for (const maxSessions of [1, 3]) {
      await SecurityPolicy.update({ maxSessions }, { where: {} });
      const umas = await readied(12, 'acme/uma');
      const umars = await readied(12, 'acme/umar');
      const mixed = umas.flatMap((uma, at) => [uma, umars[at]!]);
      const sids = await Promise.all(mixed.map((go) => go()));
      const whose = (first: number): string[] => sids.filter((_, at) => at % 2 === first);
      for (const theirs of [whose(0), whose(1)]) {
        const alive = await live(theirs);
        assert.equal(alive.filter(Boolean).length, maxSessions);
        if (portal.database.dialect === 'sqlite')
          assert.deepEqual(
            alive.slice(-maxSessions),
            Array(maxSessions).fill(true),
            'PostgreSQL has them side by side.',
          );
      }
    }
  });

  it('are each noted at the person, at the browser and in the log; who was changed meanwhile leaves nothing', async () => {
    const browser = randomToken();
    await (
      await ready('acme/uma', { browser })
    )();
    const began = portal.clock.now();
    const all = [
      ...(await readied(6, 'acme/uma', { browser, newBrowser: false })),
      ...(await readied(6, 'acme/uma', { epoch: 99 })),
      ...(await readied(6, 'globex/gina')),
    ];
    const done = await Promise.allSettled(all.map((go) => go()));
    const [right, changed, others] = [done.slice(0, 6), done.slice(6, 12), done.slice(12)];
    assert.ok([...right, ...others].every(({ status }) => status === 'fulfilled'));
    for (const one of changed) assert.ok(one.status === 'rejected' && one.reason instanceof ChangedMeanwhile);
    const uma = await personOf('acme/uma');
    assert.ok(Number(uma.lastSignedInAt) > began);
    const known = await KnownBrowser.findAll({ where: { userId: uma.id } });
    assert.deepEqual(
      known.map(({ browserHash }) => browserHash),
      [hashToken(browser)],
    );
    assert.ok(Number(known[0]?.createdAt) < began && Number(known[0]?.lastUsedAt) > began);
    for (const [slug, many] of [
      ['acme', 7],
      ['globex', 6],
    ] as const) {
      const rows = await rowsOf(portal, slug);
      assert.equal(rows.filter(({ event }) => event === 'sign-in.succeeded').length, many);
      assert.deepEqual(await verdictOn(portal, slug), { intact: true, count: rows.length });
    }
  });

  it('by passkeys let in each as who they are, and nobody by a passkey that is not known any more', async () => {
    const people = ['acme/uma', 'acme/umar', 'acme/adam', 'acme/audrey', 'globex/gina'];
    const keys = [];
    for (const who of people) keys.push((await withPasskey(portal, who)).key);
    await Passkey.destroy({ where: { userId: portal.idOf('acme/audrey') } });
    const ready = await Promise.all(
      keys.map(async (key) => {
        const browser = portal.browser();
        const page = await browser.open('/login');
        return { browser, fields: { ...page.form(ALONE), credential: key.get(page) } };
      }),
    );
    const signedIn = await Promise.all(
      ready.map(async ({ browser, fields }) => {
        const { status } = await browser.post(ALONE, fields);
        const [, sid = ''] = /^s:([\w-]+)\./.exec(decodeURIComponent(browser.cookies.get('gatehouse') ?? '')) ?? [];
        const session = await Session.findOne({ where: { sidHash: hashToken(sid) } });
        return [status, session?.userId];
      }),
    );
    assert.deepEqual(
      signedIn,
      people.map((who) => (who === 'acme/audrey' ? [422, undefined] : [303, portal.idOf(who)])),
    );
  });

  it('are told of by mail but for the very first, also where that has only just come', async () => {
    const all = await readied(5, 'acme/uma');
    await Promise.all(all.map((go) => go()));
    assert.equal((await portal.inbox.mailsTo('uma@acme.example')).length, 4);
  });
});
