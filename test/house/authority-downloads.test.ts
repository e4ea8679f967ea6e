import assert from 'node:assert/strict';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { SecurityLogHead } from '#models/security-log-head.js';
import type { Database } from '#models/database.js';
import { Session } from '#models/session.js';
import { removeWithAll } from '#models/tenant-removal.js';
import { UserJob } from '#models/user-job.js';
import { UserJobRow } from '#models/user-job-row.js';
import type { Permission } from '#policies/permissions.js';
import { snapshotOf } from '../support/snapshot.js';
import { until } from '../support/until.js';
import { asTheWriteBegins } from '../support/write-begins.js';
import { setTheScene, type Scene, type Sender } from './authority-scene.js';
import { WAYS, type Ground } from './authority-ways.js';
import { sources } from './sources.js';

/** A file that is sent part by part: who takes it, and a table that it is read from. */
const LOG = 'security_events';

interface Download {
  path(scene: Scene): string;
  permission: Permission | null;
  table: string;
  method: 'GET' | 'POST';
  from(scene: Scene): Sender;
  /** A program asks for it. */
  by?: 'desk' | 'operator';
}

const asked = (path: Download['path'], permission: Permission, table: string): Download => ({
  ...{ path, permission, table },
  method: 'GET',
  from: ({ desk }) => desk,
});

const DOWNLOADS: Record<string, Download> = {
  'the log as CSV': asked(() => '/admin/security-log/export.csv', 'log:export', LOG),
  'the log as JSON lines': asked(() => '/admin/security-log/export.jsonl', 'log:export', LOG),
  'the list of users': asked(() => '/admin/users/export.csv', 'users:read', 'users'),
  'the list of credentials': asked(() => '/admin/credentials/export.csv', 'credentials:read', 'api_credentials'),
  'the report of a job': asked(
    ({ ids }) => `/admin/users/bulk/${ids['job'] ?? ''}/report.csv`,
    'users:read',
    'user_job_rows',
  ),
  'what is kept of oneself': {
    ...asked(() => '/account/export', 'users:read', LOG),
    permission: null,
    method: 'POST',
  },
  'an organisation': {
    ...asked(({ ids }) => `/platform/tenants/${ids['globex'] ?? ''}/export`, 'tenants:write', 'users'),
    from: ({ operator }) => operator,
    method: 'POST',
  },
  'the log as CSV, by a program': {
    ...asked(() => '/api/v1/security-log/export.csv', 'log:export', LOG),
    by: 'desk',
  },
  'the log as JSON lines, by a program': {
    ...asked(() => '/api/v1/security-log/export.jsonl', 'log:export', LOG),
    by: 'desk',
  },
  'the list of credentials, by a program': {
    ...asked(() => '/api/v1/credentials/export.csv', 'credentials:read', 'api_credentials'),
    by: 'desk',
  },
  'what is kept of oneself, by a program': {
    ...asked(() => '/api/v1/me/export', 'users:read', LOG),
    permission: null,
    method: 'POST',
    by: 'desk',
  },
  'an organisation, by a program': {
    ...asked(({ ids }) => `/api/v1/tenants/${ids['globex'] ?? ''}/export`, 'tenants:write', 'users'),
    from: ({ operator }) => operator,
    method: 'POST',
    by: 'operator',
  },
};

describe('A download whose reader loses the right to it while it is being read breaks off', () => {
  let scene: Scene;
  let putAllBack: () => Promise<void>;
  before(async () => {
    scene = await setTheScene();
    const { ids, portal, desk } = scene;
    const about = { tenantId: desk.tenantId, action: 'disable', state: 'done', begunBy: desk.userId } as const;
    const now = portal.clock.now();
    const times = { createdAt: now, begunAt: now, workedAt: now };
    const { id } = await UserJob.create({ ...about, ...times, door: 'web', reason: '' });
    ids['job'] = id;
    const { tenantId } = desk;
    await UserJobRow.create({ tenantId, jobId: id, place: 1, userId: ids['uma'] ?? '', state: 'done' });
    putAllBack = await snapshotOf(portal.database);
  });
  after(() => scene.portal.close());

  for (const [name, one] of Object.entries(DOWNLOADS)) {
    it(name, async () => {
      await putAllBack();
      const whole = await text(await begin(one, () => Promise.resolve()));
      assert.ok(whole.length > 0);
      const ground = groundOf(one);
      for (const way of WAYS.filter(({ concerns }) => concerns(ground))) {
        await putAllBack();
        await assert.rejects(
          begin(one, () => way.take(ground)).then(text),
          `${way.name}: the file was sent to its end`,
        );
      }
      await putAllBack();
    });
  }

  it('goes on where its reader confirms who they are in another tab, or only time has passed', async () => {
    for (const one of Object.values(DOWNLOADS)) {
      const whole = await text(
        await begin(one, async () => {
          const { sessionId: id } = one.from(scene);
          await Session.update({ sidHash: 'ab'.repeat(32) }, { where: { id } });
          scene.portal.clock.move(3_600_000);
        }),
      );
      assert.ok(whole.length > 0);
      scene.portal.clock.move(-3_600_000);
      await putAllBack();
    }
  });

  it('breaks off, too, where what it is read from goes with the right to it, before it is read', async () => {
    for (const [name, one] of Object.entries(DOWNLOADS)) {
      const gone = () => removeWithAll(groundOf(one).tenantId);
      await assert.rejects(begin(one, gone, 'before').then(text), name);
      await putAllBack();
    }
  });

  it('breaks off, too, where rows of the log that it is read from are archived', async () => {
    const ofLog = Object.entries(DOWNLOADS).filter(([name, { table }]) => table === LOG || /organisation/.test(name));
    assert.equal(ofLog.length, 8);
    for (const [name, one] of ofLog) {
      const archive = (rows: number) => SecurityLogHead.increment({ archivedCount: rows }, { where: {} });
      await assert.rejects(begin(one, () => archive(1)).then(text), name);
      await archive(-1);
    }
    await putAllBack();
  });

  it('leaves no row that it was taken where the right to it goes before that row is written', async () => {
    const noted = async () =>
      (await scene.portal.database.read("SELECT id FROM security_events WHERE event LIKE '%exported'", [])).length;
    let begun = 0;
    for (const [name, one] of Object.entries(DOWNLOADS)) {
      const ground = groundOf(one);
      for (const way of WAYS.filter(({ concerns }) => concerns(ground))) {
        await putAllBack();
        const before = await noted();
        const hasBegun = asTheWriteBegins(scene.portal.database, () => way.take(ground));
        const answer = await send(one);
        answer.resume();
        // A report of a job is noted nowhere.
        if (!hasBegun()) continue;
        begun += 1;
        assert.notEqual(answer.statusCode, 200, `${name}: ${way.name}`);
        assert.equal(await noted(), before, `${name}: ${way.name}`);
      }
    }
    assert.ok(begun > Object.keys(DOWNLOADS).length);
    await putAllBack();
  });

  it('is no fault of ours where its reader hangs up, early or late: the log says that and nothing else', async () => {
    const { server, logLines } = scene.portal;
    const { database } = scene.portal;
    const quiet = countingReads(database);
    const hangUp = (): Promise<void> => {
      server.closeAllConnections();
      return Promise.resolve();
    };
    for (const [name, one] of Object.entries(DOWNLOADS))
      for (const late of [false, true]) {
        logLines.length = 0;
        // What a download of before still reads must not be taken for this one's.
        await quiet.comes();
        await assert.rejects(begin(one, hangUp, late ? 'after' : 'before').then(text), name);
        await until(() => logLines.some((line) => line.includes('"msg":"request"')));
        await scene.portal.services.aside.settled();
        const told = logLines.map((line) => JSON.parse(line) as { msg: string; status: number });
        assert.deepEqual(
          told.map(({ msg, status }) => `${msg} ${status}`),
          ['request 499'],
          name,
        );
      }
    quiet.over();
    await putAllBack();
  });

  it('is sent in no other way', () => {
    const others = sources(['server/features'], '.ts').filter(({ text: code }) =>
      /\bpipeline\(|\.pipe\(|\bres\.write\(/.test(code),
    );
    assert.deepEqual(
      others.map(({ path }) => path),
      [],
    );
  });

  function groundOf({ permission, from, by }: Download): Ground {
    const { userId, tenantId, sessionId } = from(scene);
    const platform = from(scene) === scene.operator;
    const now = scene.portal.clock.now();
    const ground = { userId, tenantId, permission, ownRole: !platform, platform, now };
    if (by === undefined) return { ...ground, on: 'session', sessionId };
    return {
      ...ground,
      on: 'credential',
      credentialId: scene.tokens[by].id,
      wholeCredential: permission === null,
    };
  }

  function headersOf({ method, from, by }: Download): Record<string, string> {
    if (by !== undefined) return { Authorization: `Bearer ${scene.tokens[by].secret}` };
    const { browser } = from(scene);
    return {
      ...browser.headers,
      Origin: scene.portal.url,
      'Sec-Fetch-Site': 'same-origin',
      Cookie: [...browser.cookies].map(([cookie, value]) => `${cookie}=${value}`).join('; '),
      ...(method === 'POST' ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
    };
  }

  /** Asks for the file, lets `happen` happen when the first rows of its table have been read, or before they are, and gives the answer. */
  async function begin(
    one: Download,
    happen: () => Promise<unknown>,
    when: 'before' | 'after' = 'after',
  ): Promise<IncomingMessage> {
    const { portal } = scene;
    const { read } = portal.database;
    let happened = false;
    portal.database.read = async (sql, bind) => {
      // Whoever reads several times may hold on to this one.
      if (happened || !new RegExp(`FROM "?${one.table}\\b`).test(sql)) return read(sql, bind);
      happened = true;
      portal.database.read = read;
      if (when === 'before') await happen();
      const rows = await read(sql, bind);
      if (when === 'after') await happen();
      return rows;
    };
    const answer = await send(one);
    assert.equal(answer.statusCode, 200, answer.headers.location);
    return answer;
  }

  function send(one: Download): Promise<IncomingMessage> {
    const sent = request(scene.portal.url + one.path(scene), { method: one.method, headers: headersOf(one) });
    const form = one.by === undefined && one.method === 'POST';
    sent.end(form ? new URLSearchParams({ _csrf: one.from(scene).csrf }).toString() : undefined);
    return new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
  }
});

/** Tells when nobody has read for a while. */
function countingReads(database: Database): { comes(): Promise<void>; over(): void } {
  const { read } = database;
  let [reading, last] = [0, performance.now()];
  database.read = async (...asked) => {
    reading += 1;
    try {
      return await read(...asked);
    } finally {
      reading -= 1;
      last = performance.now();
    }
  };
  return {
    comes: () => until(() => reading === 0 && performance.now() - last > 25),
    over: () => void (database.read = read),
  };
}
