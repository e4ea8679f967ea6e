import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ApiCredential } from '#models/api-credential.js';
import { ASKER, readAlong } from '#models/asked-along.js';
import type { Row } from '#models/database.js';
import { answersIn, askWithOthers } from '#models/question.js';
import { Session } from '#models/session.js';
import { readCredential } from '#server/identity/credential-read.js';
import { readPrincipal } from '#server/identity/principal.js';
import { parseApiSecret } from '#server/lib/api-secret.js';
import { startPortal, type Portal } from '../support/portal.js';
import { tokenFor } from '../support/programs.js';
import { watchStatements } from '../support/statements.js';

const WHO = ['acme/uma', 'acme/adam', 'acme/olivia', 'globex/gary', 'platform/opal'];

describe('Requests of one turn that share a read', () => {
  let portal: Portal;
  let keys: { sid: string; user: string | null }[];
  let secrets: { secret: string; user: string | null }[];

  before(async () => {
    portal = await startPortal();
    keys = [
      { sid: 'a hash that nobody has', user: null },
      { sid: '', user: null },
    ];
    secrets = [];
    for (const who of WHO) {
      await portal.signedIn(who);
      await portal.signedIn(who);
      const [live, ended] = await Session.findAll({ where: { userId: portal.idOf(who) } });
      await ended!.update({ endedAt: portal.clock.now() });
      keys.push({ sid: live!.sidHash, user: who }, { sid: ended!.sidHash, user: null });
      const [good, revoked] = [await tokenFor(portal, who), await tokenFor(portal, who)];
      await ApiCredential.update({ revokedAt: portal.clock.now() }, { where: { id: revoked.id } });
      secrets.push({ secret: good.secret, user: who }, { secret: revoked.secret, user: null });
      // The right id with a false secret.
      secrets.push({ secret: good.secret, user: null });
    }
  });
  after(() => portal.close());

  const asked = () => ({ now: portal.clock.now(), ip: '127.0.0.1' });
  const bySession = async ({ sid }: { sid: string }): Promise<string | null> =>
    nameOf(await readPrincipal(portal.database.readTogether, sid, asked()));
  const bySecret = async ({ secret, user }: (typeof secrets)[number], at: number): Promise<string | null> => {
    const parsed = parseApiSecret(secret)!;
    const hash = user === null && at % 3 === 2 ? 'another' : parsed.hash;
    const verdict = await readCredential(portal.database.readTogether, { ...parsed, hash }, asked());
    return 'caller' in verdict ? nameOf(verdict.caller) : null;
  };

  it('are each given their own, in whatever order and number they come: users, organisations, false keys and ended ones', async () => {
    const pick = fc.array(fc.tuple(fc.boolean(), fc.nat(999)), { maxLength: 260, size: 'max' });
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(pick, async (picked) => {
        const answers = await Promise.all(
          picked.map(([session, number]) => {
            const [key, at] = [keys[number % keys.length]!, number % secrets.length];
            return session ? bySession(key) : bySecret(secrets[at]!, at);
          }),
        );
        const due = picked.map(([session, number]) =>
          session ? keys[number % keys.length]!.user : secrets[number % secrets.length]!.user,
        );
        assert.deepEqual(answers, due);
        looked += answers.filter((answer) => answer !== null).length;
      }),
      { numRuns: 60 },
    );
    assert.ok(looked > 500, `${looked} answers`);
  });

  it('are each given what stands on their own page, and nobody else’s', async () => {
    const people = WHO.map((who) => ({ who, id: portal.idOf(who) }));
    const page = async (id: string): Promise<string> => {
      const about = (sql: string, ...bind: (string | number | boolean)[]) => ({
        columns: ['about'],
        sql,
        bind: [id, ...bind],
        answer: (rows: Row[]) => rows.map((row) => row['about']).join(),
      });
      const [name, later, sessions] = await askWithOthers(portal.database, id, [
        about('SELECT username AS about\nFROM users WHERE id = $1 AND created_at < $2', portal.clock.now() + 1),
        about('SELECT username AS about\nFROM users WHERE id = $1 AND created_at > $2', portal.clock.now() + 1),
        about(
          'SELECT DISTINCT user_id AS about\nFROM sessions WHERE user_id = $1 AND user_id <> $2 AND ended_at IS NULL',
          '',
        ),
      ]);
      return `${name}/${later}/${sessions}`;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(people.length - 1), { minLength: 1, maxLength: 60 }), async (picked) => {
        const asked = picked.map((at) => people[at]!);
        assert.deepEqual(
          await Promise.all(asked.map(({ id }) => page(id))),
          asked.map(({ who, id }) => `${who.split('/')[1]}//${id}`),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('are each given with who they are what stands on their own page; nobody’s of whom nobody is known', async () => {
    const { user: id, tenant, session } = ASKER;
    const about = (sql: string, ...bind: (string | number)[]) => ({
      columns: ['about'],
      sql,
      bind,
      answer: (rows: Row[]) => rows.map((row) => row['about']).join(),
    });
    const questions = [
      about(
        'SELECT username AS about\nFROM users WHERE created_at < $1 AND id = $2 AND tenant_id = $3',
        portal.clock.now() + 1,
        id,
        tenant,
      ),
      about('SELECT user_id AS about\nFROM sessions WHERE id = $1', session),
      about('SELECT slug AS about\nFROM tenants WHERE id = $1', tenant),
    ];
    const page = async (sid: string): Promise<string | null> => {
      let found: readonly string[] = [];
      const principal = await readPrincipal(
        async (sql, bind) => {
          const { rows, parts } = await readAlong(portal.database, sql, bind, questions);
          found = parts['part0'] === undefined ? [] : answersIn(parts, questions);
          return rows;
        },
        sid,
        asked(),
      );
      const [username, userId, slug] = found;
      if (principal) assert.deepEqual([userId, `${slug}/${username}`], [principal.user.id, nameOf(principal)]);
      return nameOf(principal);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(keys.length - 1), { minLength: 1, maxLength: 60 }), async (picked) => {
        const due = picked.map((at) => keys[at]!);
        assert.deepEqual(
          await Promise.all(due.map(({ sid }) => page(sid))),
          due.map(({ user }) => user),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('send one statement, and those who come while it is on its way the next', async () => {
    const { reads } = watchStatements(portal);
    const first = Promise.all(keys.map(bySession));
    await new Promise(setImmediate);
    await Promise.all([first, ...keys.map(bySession)]);
    assert.equal(reads.length, 2);
  });

  it('are on their way before those go on whose answers have come, so that the database works meanwhile', async () => {
    const { read } = portal.database;
    const order: string[] = [];
    portal.database.read = (sql, bind) => {
      order.push('sent');
      return read(sql, bind);
    };
    const asked = async (): Promise<void> => {
      await Promise.all(keys.map(bySession));
      order.push('answered');
    };
    const first = asked();
    await new Promise(setImmediate);
    await Promise.all([first, asked()]);
    portal.database.read = read;
    assert.deepEqual(order, ['sent', 'sent', 'answered', 'answered']);
  });

  it('see what has happened until they came: a session that is ended is over for the very next one', async () => {
    await portal.signedIn('acme/uma');
    const [newest] = await Session.findAll({ where: { userId: portal.idOf('acme/uma') }, order: [['id', 'DESC']] });
    const key = { sid: newest!.sidHash };
    const underWay = Promise.all([bySession(key), ...keys.map(bySession)]);
    await new Promise(setImmediate);
    await newest!.update({ endedAt: portal.clock.now() });
    const next = bySession(key);
    await underWay;
    assert.equal(await next, null);
  });

  it('fail together when their statement fails, and nobody who comes after does', async () => {
    const { read } = portal.database;
    portal.database.read = () => Promise.reject(new Error('away'));
    const failing = Promise.allSettled(keys.map(bySession));
    await new Promise(setImmediate);
    portal.database.read = read;
    const after = Promise.all(keys.map(bySession));
    for (const one of await failing) assert.equal(one.status, 'rejected');
    assert.deepEqual(
      await after,
      keys.map(({ user }) => user),
    );
  });

  it('hold up nobody for long when their statement hangs', async () => {
    const { read } = portal.database;
    portal.database.read = () => new Promise(() => undefined);
    void bySession(keys[0]!);
    await new Promise(setImmediate);
    portal.database.read = read;
    assert.deepEqual(
      await Promise.all(keys.map(bySession)),
      keys.map(({ user }) => user),
    );
  });

  it('are given no row that fits nobody: then all of them fail', async () => {
    const { read } = portal.database;
    portal.database.read = async (sql, bind) => {
      const rows = await read(sql, bind);
      return rows.map((row) => ({ ...row, packed: String(row['packed']).replaceAll(keys[2]!.sid, 'another') }));
    };
    const answers = await Promise.allSettled(keys.map(bySession));
    portal.database.read = read;
    for (const one of answers) assert.equal(one.status, 'rejected');
  });

  function nameOf(found: { user: { username: string }; tenant: { slug: string } } | null): string | null {
    return found && `${found.tenant.slug}/${found.user.username}`;
  }
});
