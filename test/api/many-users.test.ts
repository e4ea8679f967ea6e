import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { workOnPeople } from '#server/jobs/people.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { newId } from '#models/columns.js';
import { programOf, tokenFor, bearer } from '../support/programs.js';
import type { Program } from '../support/program.js';
import { userCalled } from '../support/users.js';

const BULK = '/users/bulk';

describe('Many users at once, by the API', () => {
  let portal: Portal;
  let adam: Program;
  before(async () => {
    portal = await startPortal();
    adam = await programOf(portal, 'acme/adam');
  });
  after(() => portal.close());

  const id = (name: string): string => portal.idOf(`acme/${name}`);
  const work = (): Promise<void> => workOnPeople(portal.services);
  const counts = (given: Record<string, number>) => ({
    waiting: 0,
    done: 0,
    unchanged: 0,
    leftOut: 0,
    refused: 0,
    ...given,
  });

  it('answers with a preview, which does nothing; sent back by its id it begins, once, and says how far it is', async () => {
    const preview = await adam.post(BULK, {
      action: 'disable',
      ids: [id('uma'), id('umar'), id('olivia')],
      reason: 'Summer',
    });
    assert.equal(preview.status, 200, preview.text);
    const { id: job, state, counts: told } = preview.body;
    assert.deepEqual([state, told], ['preview', counts({ waiting: 2, leftOut: 1 })]);
    await work();
    assert.equal((await userCalled(portal, 'acme/uma')).status, 'active');
    const rows = await adam.get(`${BULK}/${String(job)}/rows?show=left-out`);
    const [olivia] = rows.body['data'] as Record<string, unknown>[];
    const { row: _, name: __, ...facts } = olivia ?? {};
    assert.deepEqual(facts, {
      ...{ state: 'left-out', reason: 'This account may do more than yours.', becomes: [] },
      ...{ userId: id('olivia'), username: 'olivia', email: 'olivia@acme.example' },
    });
    for (let times = 0; times < 2; times += 1)
      assert.equal((await adam.post(BULK, { confirmed: job })).body['state'], 'running');
    await work();
    const done = await adam.get(`${BULK}/${String(job)}`);
    assert.deepEqual(
      [done.body['state'], done.body['counts'], done.body['reason']],
      ['done', counts({ done: 2, leftOut: 1 }), 'Summer'],
    );
    const log = await logged(portal, 'acme', 'user.disabled');
    assert.deepEqual(
      log.map((row) => [row['actor_id'], row['door']]),
      [
        [id('adam'), 'api'],
        [id('adam'), 'api'],
      ],
    );
    assert.equal((await logged(portal, 'acme', 'user-job.begun')).length, 1);
  });

  it('takes all that filters find, and leafs through people and jobs', async () => {
    const preview = await adam.post(BULK, { action: 'enable', all: true, q: 'uma', status: 'disabled' });
    assert.deepEqual(preview.body['counts'], counts({ waiting: 2 }));
    const rows = `${BULK}/${String(preview.body['id'])}/rows`;
    const first = await adam.get(`${rows}?limit=1`);
    const second = await adam.get(`${rows}?limit=1&cursor=${encodeURIComponent(String(first.body['next']))}`);
    const names = [first, second].map(({ body }) => (body['data'] as { username: string }[])[0]?.username);
    assert.deepEqual([names, second.body['next']], [['uma', 'umar'], null]);
    await adam.post(BULK, { confirmed: preview.body['id'] });
    await work();
    const jobs = await adam.get(`${BULK}?limit=1`);
    assert.equal((jobs.body['data'] as { id: string }[])[0]?.id, preview.body['id']);
    const older = await adam.get(`${BULK}?limit=1&cursor=${encodeURIComponent(String(jobs.body['next']))}`);
    assert.equal((older.body['data'] as { action: string }[])[0]?.action, 'disable');
  });

  it('is cancelled between two people, once', async () => {
    const { body } = await adam.post(BULK, { action: 'end-sessions', ids: [id('uma'), id('umar')] });
    const path = `${BULK}/${String(body['id'])}`;
    await adam.post(BULK, { confirmed: body['id'] });
    assert.equal((await adam.delete(path)).status, 204);
    await work();
    const { body: after } = await adam.get(path);
    assert.deepEqual([after['state'], after['counts']], ['cancelled', counts({ waiting: 2 })]);
    assert.equal((await adam.delete(path)).status, 409);
    assert.equal((await adam.post(BULK, { confirmed: body['id'] })).body['state'], 'cancelled');
  });

  it('refuses in words what cannot be meant, and to whom it is not theirs', async () => {
    const wrong: [object, string][] = [
      [{}, 'action'],
      [{ action: 'explode', ids: [id('uma')] }, 'action'],
      [{ action: 'disable' }, 'ids'],
      [{ action: 'disable', ids: [id('uma')], all: true }, 'ids'],
      [{ action: 'disable', ids: [id('uma')], q: 'umar' }, 'ids'],
      [{ action: 'disable', ids: [id('uma')], stale: 'yes' }, 'ids'],
      [{ action: 'disable', ids: [id('uma')], twoFactor: 'active' }, 'ids'],
      [{ action: 'give-role', ids: [id('uma')], roleId: newId(), heldRoleId: newId() }, 'ids'],
      [{ action: 'disable', ids: [id('uma')], roleId: newId() }, 'ids'],
      [{ action: 'disable', ids: ['x'] }, 'ids.0'],
      [{ action: 'disable', all: true, q: 'nobody-of-that-name' }, 'ids'],
      [{ action: 'give-role', ids: [id('uma')] }, 'roleId'],
      [{ action: 'disable', ids: [id('uma')], stale: 'perhaps' }, 'stale'],
      [{ action: 'disable', ids: [id('uma')], everybody: true }, 'everybody'],
    ];
    for (const [body, field] of wrong) {
      const reply = await adam.post(BULK, body);
      assert.deepEqual(
        [reply.status, (reply.body['errors'] as { field: string }[])[0]?.field],
        [422, field],
        reply.text,
      );
    }
    const { body } = await adam.post(BULK, { action: 'disable', ids: [id('uma')] });
    const path = `${BULK}/${String(body['id'])}`;
    assert.equal((await adam.post(BULK, { confirmed: newId() })).status, 404);
    const olivia = await programOf(portal, 'acme/olivia');
    assert.equal((await olivia.post(BULK, { confirmed: body['id'] })).status, 404, 'A preview is of who asked for it.');
    const gary = await programOf(portal, 'globex/gary');
    for (const reply of [await gary.get(path), await gary.get(`${path}/rows`), await gary.delete(path)])
      assert.equal(reply.status, 404);
    const audrey = await programOf(portal, 'acme/audrey');
    assert.equal((await audrey.get(path)).status, 200);
    for (const reply of [
      await audrey.delete(path),
      await audrey.post(BULK, {}),
      await audrey.post('/users/import', {}),
    ])
      assert.equal(reply.status, 403);
  });

  it('imports a text: a dry run says what each row would do, its id begins it, and without it it begins at once', async () => {
    const csv = 'username,name,email\nida,Ida Ivers,ida@acme.example\numar,Umar the Second,\nodd,,odd\n';
    const dry = await adam.post('/users/import', { csv, dryRun: true });
    assert.equal(dry.status, 200, dry.text);
    assert.deepEqual(
      [dry.body['state'], dry.body['action'], dry.body['counts']],
      ['preview', 'import', counts({ waiting: 2, refused: 1 })],
    );
    assert.match(String(dry.body['note']), /Columns: username, name, email/);
    const { body } = await adam.get(`${BULK}/${String(dry.body['id'])}/rows`);
    const rows = body['data'] as {
      row: number;
      username: string;
      userId: string | null;
      becomes: string[];
      reason: string | null;
    }[];
    assert.deepEqual(
      rows.map(({ row, username, userId }) => [row, username, userId]),
      [
        [2, 'ida', null],
        [3, 'umar', id('umar')],
        [4, 'odd', null],
      ],
    );
    assert.deepEqual(rows[0]?.becomes, ['New person: User']);
    assert.match(rows[2]?.reason ?? '', /^email: .* name: Enter the name/);
    assert.equal(await User.count({ where: { username: 'ida' } }), 0);
    assert.equal((await adam.post('/users/import', { import: dry.body['id'] })).body['state'], 'running');
    await work();
    assert.equal((await userCalled(portal, 'acme/ida')).status, 'invited');
    const again = await adam.post('/users/import', { csv: 'username,name\nida,Ida the Second\n' });
    assert.equal(again.body['state'], 'running');
    await work();
    assert.equal((await userCalled(portal, 'acme/ida')).name, 'Ida the Second');
    for (const wrong of [{}, { csv: 'name\nIda' }, { csv: 'username\nida', import: newId() }, { csv: 5 }])
      assert.equal((await adam.post('/users/import', wrong)).status, 422, JSON.stringify(wrong));
    const bulk = await adam.post(BULK, { action: 'disable', ids: [id('uma')] });
    assert.equal((await adam.post('/users/import', { import: bulk.body['id'] })).status, 404);
  });

  it('takes 5 MB of whoever may import, and no more; of anybody else nothing is read', async () => {
    const csv = `username,name\n${'x'.repeat(4_000_000)}`;
    assert.equal((await adam.post('/users/import', { csv })).status, 422);
    assert.equal((await adam.post('/users/import', { csv: csv + csv })).status, 413);
    assert.equal((await adam.post(BULK, { action: 'disable', ids: [id('uma')], reason: csv })).status, 413);
    assert.equal((await bearer(portal, 'ght_unknown').post('/users/import', { csv })).status, 401);
    const scoped = bearer(portal, (await tokenFor(portal, 'acme/adam', { scopes: ['users:read'] })).secret);
    assert.equal((await scoped.post('/users/import', { csv })).status, 403);
  });

  it('keeps the ten newest previews of a person, thrown away or not; what was begun stays', async () => {
    const preview = async (by: Program): Promise<string> =>
      String((await by.post(BULK, { action: 'end-sessions', ids: [id('uma')] })).body['id']);
    const others = await preview(await programOf(portal, 'acme/olivia'));
    const begun = await preview(adam);
    await adam.post(BULK, { confirmed: begun });
    const made: string[] = [];
    for (let count = 0; count < 13; count += 1) {
      made.push(await preview(adam));
      if (count % 2 === 1) assert.equal((await adam.delete(`${BULK}/${made.at(-1)}`)).status, 204);
    }
    const statuses: number[] = [];
    for (const one of made) statuses.push((await adam.get(`${BULK}/${one}`)).status);
    assert.deepEqual(statuses, [404, 404, 404, ...Array<number>(10).fill(200)]);
    for (const one of [others, begun]) assert.equal((await adam.get(`${BULK}/${one}`)).status, 200);
    const [kept] = await portal.database.read('SELECT COUNT(*) AS rows FROM user_job_rows WHERE job_id = $1', [
      made[0] ?? '',
    ]);
    assert.equal(Number(kept?.['rows']), 0);
  });

  it('stops with the token that began it', async () => {
    const { id: tokenId, secret } = await tokenFor(portal, 'acme/adam');
    const program = bearer(portal, secret);
    const { body } = await program.post(BULK, { action: 'disable', ids: [id('uma')] });
    await program.post(BULK, { confirmed: body['id'] });
    assert.equal((await adam.delete(`/me/tokens/${tokenId}`)).status, 204);
    await work();
    assert.equal((await adam.get(`${BULK}/${String(body['id'])}`)).body['state'], 'stopped');
    assert.equal((await userCalled(portal, 'acme/uma')).status, 'active');
  });
});
