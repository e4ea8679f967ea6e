import assert from 'node:assert/strict';
import { Op, QueryTypes } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import type { Bind } from '#models/database.js';
import { Session } from '#models/session.js';
import type { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { readCredential } from '#server/identity/credential-read.js';
import { noteUse } from '#server/api/last-use.js';
import { ask } from '#models/question.js';
import type { UserContext } from '#server/context.js';
import { generateCredential } from '#server/features/api-credentials/actions.js';
import { revokeAll } from '#server/identity/credential.js';
import { tokenDetails } from '#server/features/api-credentials/details.js';
import { findSingle, listTokens } from '#server/features/api-credentials/list.js';
import { credentialSummaryOf } from '#server/features/api-credentials/own-summary.js';
import { rotateToken } from '#server/features/api-credentials/rotation.js';
import { changeMany } from '#server/features/credentials/many.js';
import { listCredentials } from '#server/features/credentials/list.js';
import { authorizedKeys, listSshKeys } from '#server/features/ssh-keys/actions.js';
import { noticeExpiries } from '#server/jobs/expiry-notices.js';
import { purge } from '#server/jobs/purge.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { userCalled } from '../support/users.js';

interface Statement {
  sql: string;
  bind: Bind;
}

const USERS = 5_000;
const EACH = 20;

describe('Among 100,000 API credentials', () => {
  let portal: Portal;
  let context: UserContext;
  let tokenId: string;
  before(async () => {
    portal = await startPortal();
    await fill(portal);
    const owner = await userCalled(portal, 'acme/someone-77');
    const inTenant = await contextIn(portal, 'acme');
    const user = { ...owner.get(), id: owner.id, tenantId: owner.tenantId };
    context = {
      ...inTenant,
      actor: { ...SYSTEM },
      user,
      policy: {},
      secondFactor: {},
      session: await sessionOf(owner, portal),
    } as unknown as UserContext;
    const live = { userId: owner.id, revokedAt: null, expiresAt: { [Op.gt]: portal.clock.now() } };
    tokenId = (await ApiCredential.findOne({ where: live, rejectOnEmpty: true })).id;
  });
  after(() => portal.close());

  /** Every statement that this work has the database do. */
  const statementsOf = async (work: () => Promise<unknown>): Promise<Statement[]> => {
    const { database } = portal;
    const seen: Statement[] = [];
    const query = database.sequelize.query.bind(database.sequelize);
    const read = database.read.bind(database);
    database.sequelize.query = ((given: unknown, options?: { bind?: Bind }) => {
      const { query: sql = given, bind = options?.bind ?? [] } = (typeof given === 'object' ? given : {}) as {
        query?: string;
        bind?: Bind;
      };
      seen.push({ sql: String(sql), bind });
      return query(given as string, options as never);
    }) as never;
    database.read = (sql, bind) => {
      seen.push({ sql, bind });
      return read(sql, bind);
    };
    try {
      await work();
    } finally {
      database.sequelize.query = query;
      database.read = read;
    }
    return seen;
  };

  /** The lines of the engine's plans that walk through a whole table or index, of those that grow. */
  const walks = async (work: () => Promise<unknown>): Promise<string[]> => {
    const found: string[] = [];
    const looked = (await statementsOf(work)).filter(
      ({ sql }) => /^\s*(\/\*.*?\*\/\s*)?(select|update|delete)/i.test(sql) && /api_credential|ssh_keys/.test(sql),
    );
    assert.ok(looked.length > 0, 'It asked the database for something.');
    for (const { sql, bind } of looked) {
      const plan = await planOf({ sql, bind });
      // What a part of the statement has found, of which there are no more than it was told to find.
      const parts = plan.map((line) => /^(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(line)?.[1]);
      for (const line of plan)
        if (isWalk(line) && !parts.includes(/^SCAN (\S+)$/.exec(line)?.[1] ?? ''))
          found.push(`${line.trim()} in ${sql}`);
    }
    return found;
  };

  const planOf = async ({ sql, bind }: Statement): Promise<string[]> => {
    const { sequelize, dialect } = portal.database;
    const explain = dialect === 'sqlite' ? 'EXPLAIN QUERY PLAN ' : 'EXPLAIN ';
    const rows = await sequelize.query<Record<string, string>>(explain + sql.replace(/;\s*$/, ''), {
      bind: [...bind],
      type: QueryTypes.SELECT,
    });
    return rows.map((row) => row['detail'] ?? row['QUERY PLAN'] ?? '');
  };

  const STEPS: Record<string, () => Promise<unknown>> = {
    'finding the one that a call brings': () =>
      readCredential(portal.database.read, newApiSecret('token'), { now: context.now, ip: '127.0.0.1' }),
    'noting its use': () =>
      noteUse(
        context,
        {
          tenant: context.tenant,
          credential: { id: tokenId, kind: 'token', publicId: tokenId.slice(-12) },
          lastUsedAt: null,
          lastUsedHereAt: null,
        } as never,
        '127.0.0.1',
      ),
    'listing one’s tokens': () => listTokens(context),
    'the page of one token': () => tokenDetails(context, tokenId),
    'the page of the API key': () => findSingle(context, 'key'),
    'the Security page': () => ask(portal.database, credentialSummaryOf(context)),
    'making a new API key': () => generateCredential(context as never, 'key'),
    'rotating a token': () => rotateToken(context as never, tokenId, 1),
    'listing SSH keys': () => listSshKeys(context.user),
    'giving SSH keys to a server': () => authorizedKeys(context, 'acme', 'someone-77', 'SHA256:none'),
    'the notices before tokens expire': () => noticeExpiries(portal.services),
    'removing what ended long ago': () => purge(portal.services),
    'listing the tenant’s': () => listCredentials(context),
    'listing the idle': () => listCredentials(context, { unused: 'yes' }),
    'listing those that expire soon': () => listCredentials(context, { expiring: 'yes' }),
    'listing those over the policy': () => listCredentials(context, { overPolicy: 'yes' }),
    'listing those of a kind': () => listCredentials(context, { kind: 'key' }),
    'listing those of owners without a second factor': () => listCredentials(context, { ownerWithoutTwoFactor: 'yes' }),
    'listing SSH keys of the tenant': () => listCredentials(context, { kind: 'ssh-key' }),
    'listing idle SSH keys': () => listCredentials(context, { kind: 'ssh-key', unused: 'yes' }),
    'listing what never ends': () => listCredentials(context, { noEnd: 'yes' }),
    'listing those of one user': () => listCredentials(context, { user: context.user.id }),
    'revoking one of them': () => changeMany({ ...context, session: null }, { kind: 'removal' }, [tokenId]),
    'revoking all of one user': () => revokeAll(context, context.user),
  };
  it('Those of one person are found among all, token and key alike, however many pages come before', async () => {
    const found: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const { credentials, next } = await listCredentials(context, { q: 'someone-4321', limit: 7, cursor });
      found.push(...credentials.map(({ id }) => id));
      cursor = next;
    }
    const { credentials } = await listCredentials(context, { user: 'user-4321', limit: 200 });
    assert.ok(credentials.length > 20);
    assert.deepEqual(found.sort(), credentials.map(({ id }) => id).sort());
  });

  for (const [step, work] of Object.entries(STEPS)) {
    it(`${step} looks at those it is about, and walks through no table`, async () => {
      assert.deepEqual(await walks(work), []);
    });
  }
});

// Signed in now, in some browser: what is written stands on that.
function sessionOf({ id: userId, tenantId, epoch }: User, { clock }: Portal): Promise<Session> {
  const now = clock.now();
  const times = { createdAt: now, lastSeenAt: now, authenticatedAt: now, modifiedAt: now };
  return Session.create({ tenantId, userId, epoch, sidHash: 'signed-in', ip: '', client: 'null', ...times });
}

// "SEARCH … USING INDEX" and "Index Scan using …" go straight to the rows. What is `listed` was given with the statement. Tables of a few rows are walked by PostgreSQL as a matter of course.
function isWalk(line: string): boolean {
  return (
    /^SCAN (?!CONSTANT|listed VIRTUAL)/.test(line) ||
    /Seq Scan on (api_credential|ssh_keys|users|outbox|links)/.test(line)
  );
}

/** 5,000 users with 20 tokens each, of which some have ended, with a secret each; made by the database itself. */
async function fill({ database, idOf, clock }: Portal): Promise<void> {
  const { sequelize, dialect } = database;
  // A slow machine fills its tables slowly: what is answered to people has half a minute, and this has not.
  const run = (sql: string, bind: Bind = []): Promise<unknown> =>
    sequelize.transaction(async (transaction) => {
      if (dialect === 'postgres') await sequelize.query('SET LOCAL statement_timeout = 0', { transaction });
      return sequelize.query(sql, { bind: [...bind], transaction });
    });
  const numbers = (to: number): string =>
    dialect === 'sqlite'
      ? `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT i FROM n)`
      : `(SELECT i FROM generate_series(1, ${to}) AS g(i))`;
  const columns = Object.keys((await database.read('SELECT * FROM users WHERE id = $1', [idOf('acme/uma')]))[0] ?? {});
  const own: Record<string, string> = {
    id: `'user-' || n.i`,
    username: `'someone-' || n.i`,
    username_key: `'someone-' || n.i`,
    email: `n.i || '@acme.example'`,
    email_key: `n.i || '@acme.example'`,
    search_key: `'someone-' || n.i`,
  };
  const values = columns.map((column) => own[column] ?? `u.${column}`).join(', ');
  await run(
    `INSERT INTO users (${columns.join(', ')}) SELECT ${values} FROM users u, ${numbers(USERS)} n WHERE u.id = $1`,
    [idOf('acme/uma')],
  );
  await run(
    `INSERT INTO user_roles (tenant_id, user_id, role_id)
     SELECT u.tenant_id, u.id, r.id FROM users u JOIN roles r ON r.tenant_id = u.tenant_id AND r.key = 'user' WHERE u.id LIKE 'user-%'`,
  );
  const now = clock.now();
  const days = (count: string): string => `${count} * CAST(86400000 AS BIGINT)`;
  await run(
    `INSERT INTO api_credentials (id, tenant_id, user_id, kind, name, role_id, allowed_ips, months, created_at, expires_at, revoked_at, noticed_days)
     SELECT u.id || '-' || n.i, u.tenant_id, u.id, 'token', 'Token', r.role_id, '', 12, ${now} - ${days('n.i')},
       CASE WHEN n.i % 10 = 0 THEN ${now} - ${days('n.i')} ELSE ${now} + ${days('n.i * 5')} END,
       CASE WHEN n.i % 7 = 0 THEN ${now} - ${days('n.i')} END, CASE WHEN n.i <= 3 THEN 3 END
     FROM users u JOIN user_roles r ON r.tenant_id = u.tenant_id AND r.user_id = u.id, ${numbers(EACH)} n WHERE u.id LIKE 'user-%'`,
  );
  await run(
    `INSERT INTO api_credential_secrets (public_id, tenant_id, credential_id, secret_hash, created_at)
     SELECT substr(c.id, 6), c.tenant_id, c.id, 'none', c.created_at FROM api_credentials c`,
  );
  await run(
    `INSERT INTO api_credential_addresses (credential_id, tenant_id, ip, last_used_at)
     SELECT c.id, c.tenant_id, '203.0.113.' || n.i, ${now} FROM api_credentials c, ${numbers(2)} n`,
  );
  await run(
    `INSERT INTO ssh_keys (id, tenant_id, user_id, name, type, bits, fingerprint, blob, comment, created_at)
     SELECT u.id || '-key-' || n.i, u.tenant_id, u.id, 'Key', 'ssh-ed25519', 256, 'SHA256:' || n.i, 'none', '', ${now} FROM users u, ${numbers(10)} n WHERE u.id LIKE 'user-%'`,
  );
  // What SQLite plans without, it plans also with; PostgreSQL looks at its tables by itself, but not at once.
  if (dialect === 'postgres') await run('ANALYZE');
}
