import assert from 'node:assert/strict';
import { LogCheckpoint } from '#models/log-checkpoint.js';
import { User } from '#models/user.js';
import { makeCheckpoint } from '#server/features/security-log/checkpoints.js';
import { workOnLogWalks } from '#server/jobs/log-walks.js';
import type { EventName } from '#server/trace/events.js';
import { contextIn } from '../support/links.js';
import { newestDetails, rowsOf, tamper } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';
import type { Program } from '../support/program.js';
import { programOf } from '../support/programs.js';

const VERIFY = '/security-log/verification';
const CHECKPOINTS = '/security-log/checkpoints';
const MAILS = `${CHECKPOINTS}/mail`;

describe('A program that looks after the security log', () => {
  let portal: Portal;
  let audrey: Program;
  beforeEach(async () => {
    portal = await startPortal();
    audrey = await programOf(portal, 'acme/audrey');
  });
  afterEach(() => portal.close());

  const eventsOf = async (organization: string, event: string) =>
    (await rowsOf(portal, organization)).filter((row) => row.event === event);
  // By which credential it was done is told of whatever a program does.
  const toldOf = async (event: EventName): Promise<Record<string, unknown>> => {
    const { by: _by, byCredential: _credential, ...others } = await newestDetails(portal, 'acme', event);
    return others;
  };

  it('has it verified aside, sees how far that is and what it found; both ends are rows, as from the page', async () => {
    assert.equal((await audrey.get(VERIFY)).status, 404);
    const begun = await audrey.post(VERIFY);
    assert.equal(begun.status, 202);
    assert.deepEqual(
      [begun.body['state'], begun.body['walked'], begun.body['rows'], begun.body['doneAt'], begun.body['reason']],
      ['running', 0, 0, null, null],
    );
    const again = await audrey.post(VERIFY);
    assert.deepEqual([again.status, again.body], [202, begun.body], 'What is under way is not begun again.');
    const count = (await rowsOf(portal, 'acme')).length;
    await workOnLogWalks(portal.services);
    const { body } = await audrey.get(VERIFY);
    assert.deepEqual([body['state'], body['walked'], body['rows']], ['intact', count, count]);
    assert.notEqual(body['doneAt'], null);
    const [row] = await eventsOf('acme', 'log.verification-begun');
    assert.equal(row?.door, 'api');
    assert.equal((await eventsOf('acme', 'log.verification-begun')).length, 1);
    assert.deepEqual(await toldOf('log.verified'), { rows: count });
  });

  it('begins it once, of several who ask at one moment', async () => {
    const others = await Promise.all(['acme/olivia', 'acme/adam'].map((who) => programOf(portal, who)));
    const answers = await Promise.all([audrey, ...others, audrey].map((one) => one.post(VERIFY)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202, 202, 202],
    );
    assert.equal((await eventsOf('acme', 'log.verification-begun')).length, 1);
  });

  it('is told which row is broken', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    await tamper(portal, `UPDATE security_events SET ip = '203.0.113.9' WHERE tenant_id = '${tenant.id}' AND seq = 2`);
    await audrey.post(VERIFY);
    await workOnLogWalks(portal.services);
    const { body } = await audrey.get(VERIFY);
    assert.equal(body['state'], 'broken');
    assert.match(String(body['reason']), /Row 2\b/);
    assert.equal((await eventsOf('acme', 'log.broken')).length, 1);
  });

  it('of another organisation sees nothing of that, and verifies its own', async () => {
    const oscar = await programOf(portal, 'globex/oscar');
    await audrey.post(VERIFY);
    assert.equal((await oscar.get(VERIFY)).status, 404);
    assert.equal((await oscar.post(VERIFY)).status, 202);
    await workOnLogWalks(portal.services);
    const count = (await eventsOf('globex', 'log.verified')).length;
    assert.equal(count, 1);
  });

  it('reads one row whole, and none of another organisation', async () => {
    const [listed] = (await audrey.get('/security-log?limit=1')).body['data'] as Record<string, unknown>[];
    const { status, body } = await audrey.get(`/security-log/${String(listed?.['id'])}`);
    assert.equal(status, 200);
    const { sessionId: _session, requestId: _request, hash, ...same } = body;
    assert.deepEqual(same, listed);
    const kept = (await rowsOf(portal, 'acme')).find(({ id }) => id === listed?.['id']);
    assert.equal(hash, kept?.hash);
    const oscar = await programOf(portal, 'globex/oscar');
    assert.equal((await oscar.get(`/security-log/${String(listed?.['id'])}`)).status, 404);
  });

  it('finds by each filter that it can name, the way among them', async () => {
    await audrey.post(VERIFY);
    const ways = (await audrey.all('/security-log?door=api')).map(({ door }) => door);
    assert.ok(ways.length > 0 && ways.every((door) => door === 'api'), ways.join());
    assert.deepEqual(await audrey.all('/security-log?door=job'), []);
  });

  describe('takes it away as a file', () => {
    it('with every row that the list has with the same filters, and says so in the row that it leaves', async () => {
      const uma = portal.idOf('acme/uma');
      await portal.signedIn('acme/uma');
      const filters = `?actor=uma&level=low`;
      const listed = await audrey.all(`/security-log${filters}`);
      assert.ok(listed.length > 0);
      const lines = await audrey.get(`/security-log/export.jsonl${filters}`);
      assert.equal(lines.status, 200);
      assert.match(
        lines.headers['content-disposition'] ?? '',
        /^attachment; filename="?security-log-acme-[\d-]+\.jsonl"?$/,
      );
      assert.deepEqual(
        lines.text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
        listed,
      );
      assert.deepEqual(await toldOf('log.exported'), {
        format: 'JSON lines',
        filters: [`actor: ${uma}`, 'level: low'],
      });
      const csv = await audrey.get(`/security-log/export.csv${filters}`);
      assert.match(csv.headers['content-type'] ?? '', /^text\/csv; charset=utf-8/);
      assert.equal(csv.text.trim().split('\r\n').length, listed.length + 1);
      assert.deepEqual(
        (await eventsOf('acme', 'log.exported')).map(({ door }) => door),
        ['api', 'api'],
      );
    });

    it('never an empty one in place of a refusal', async () => {
      for (const [query, field] of [
        ['actor=nobody', 'actor'],
        ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'to'],
        ['from=yesterday', 'from'],
        ['levle=low', 'levle'],
        ['cursor=x', 'cursor'],
      ] as const) {
        const { status, body } = await audrey.get(`/security-log/export.csv?${query}`);
        assert.equal(status, 422, query);
        assert.deepEqual(
          (body['errors'] as { field: string }[]).map((one) => one.field),
          [field],
        );
      }
      assert.equal((await eventsOf('acme', 'log.exported')).length, 0);
    });

    it('that does not name who was searched for', async () => {
      await audrey.get('/security-log/export.jsonl?q=Uma%20Ndiaye');
      assert.deepEqual((await toldOf('log.exported'))['filters'], ['q']);
    });
  });

  describe('keeps checkpoints', () => {
    it('and takes one along that was made before, once and again', async () => {
      const made = await makeCheckpoint(await contextIn(portal, 'acme'));
      const [listed] = await audrey.all(CHECKPOINTS);
      assert.deepEqual([listed?.['id'], listed?.['exportedAt']], [made.id, null]);
      const path = `${CHECKPOINTS}/${made.id}/export`;
      const oscar = await programOf(portal, 'globex/oscar');
      assert.equal((await oscar.post(path)).status, 404);
      assert.equal((await LogCheckpoint.findByPk(made.id))?.exportedAt, null);
      const { status, body } = await audrey.post(path);
      assert.equal(status, 200);
      assert.deepEqual({ ...body, exportedAt: null }, listed);
      portal.clock.move(60_000);
      assert.deepEqual((await audrey.post(path)).body, body, 'It first left when it first left.');
      assert.equal((await eventsOf('acme', 'log.checkpoint-exported')).length, 2);
    });

    it('and says whether its owner gets those of each day by mail', async () => {
      assert.deepEqual((await audrey.get(MAILS)).body, { wanted: false });
      assert.deepEqual((await audrey.put(MAILS, { wanted: true })).body, { wanted: true });
      await audrey.put(MAILS, { wanted: true });
      assert.deepEqual((await audrey.get(MAILS)).body, { wanted: true });
      assert.equal((await eventsOf('acme', 'log.checkpoint-mails')).length, 1, 'What is so already changes nothing.');
      for (const body of [{}, { wanted: 'yes' }, { wanted: null }, { wanted: true, user: 'uma' }])
        assert.equal((await audrey.put(MAILS, body)).status, 422, JSON.stringify(body));
      await audrey.put(MAILS, { wanted: false });
      assert.deepEqual(await toldOf('log.checkpoint-mails'), {
        wanted: { from: true, to: false },
      });
    });
  });

  describe('gets the digest of each morning', () => {
    it('or not, as its owner could say on the profile', async () => {
      assert.equal((await audrey.get('/me')).body['dailyDigest'], false);
      assert.equal((await audrey.patch('/me', { dailyDigest: true })).body['dailyDigest'], true);
      assert.deepEqual(await toldOf('profile.changed'), {
        dailyDigest: { from: false, to: true },
      });
      assert.equal((await audrey.patch('/me', { theme: 'dark' })).body['dailyDigest'], true);
      assert.equal((await audrey.patch('/me', { dailyDigest: false })).body['dailyDigest'], false);
    });

    it('but not without the right to read the log, and nothing else of that call is done', async () => {
      const uma = await programOf(portal, 'acme/uma');
      assert.equal((await uma.get('/me')).body['dailyDigest'], null);
      assert.equal((await uma.patch('/me', { name: 'Somebody Else', dailyDigest: true })).status, 403);
      assert.notEqual((await User.findByPk(portal.idOf('acme/uma')))?.name, 'Somebody Else');
    });
  });
});
