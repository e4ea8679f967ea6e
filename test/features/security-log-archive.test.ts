import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecurityPolicy } from '#models/security-policy.js';
import { archiveLog } from '#server/features/security-log/archive.js';
import { makeCheckpoint, takeCheckpoint } from '#server/features/security-log/checkpoints.js';
import { DAY } from '#server/lib/clock.js';
import { verifyArchive } from '#server/trace/archive-file.js';
import { readCheckpoints, writtenOut } from '#server/trace/checkpoint.js';
import { recordMany } from '#server/trace/record.js';
import { verifyAgainst } from '#server/trace/verify.js';
import { contextIn } from '../support/links.js';
import { newestDetails, rowsOf, tamper, verdictOn } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Old rows of the security log', () => {
  let portal: Portal;
  let folder: string;
  beforeEach(async () => {
    portal = await startPortal();
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-archive-'));
    await grow(1500);
  });
  afterEach(async () => {
    await portal.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const context = () => contextIn(portal, 'acme');
  const grow = async (many: number): Promise<void> => {
    const one = await context();
    await recordMany(
      one,
      one.tenant.id,
      Array.from({ length: many }, () => ({ event: 'demo.event' as const })),
    );
  };
  const keepFor = async (days: number): Promise<void> => {
    await SecurityPolicy.update({ logRetentionDays: days }, { where: { tenantId: (await context()).tenant.id } });
  };
  const seqs = async () => (await rowsOf(portal, 'acme')).map(({ seq }) => Number(seq));

  it('stay where the organisation keeps its log for ever, before a checkpoint is exported, and while they are young', async () => {
    const before = await seqs();
    await assert.rejects(async () => archiveLog(await context(), folder), /keeps its log for ever/);
    await keepFor(365);
    await makeCheckpoint(await context());
    await assert.rejects(async () => archiveLog(await context(), folder), /No checkpoint .* has been exported/);
    await takeCheckpoint(await context());
    assert.equal(await archiveLog(await context(), folder), null);
    assert.deepEqual((await seqs()).slice(0, before.length), before);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('go into a file that verifies, as far as both the age and the checkpoint reach; the walk begins behind them', async () => {
    await keepFor(365);
    const kept = await takeCheckpoint(await context());
    const text = JSON.stringify(writtenOut(kept));
    await grow(5);
    portal.clock.move(366 * DAY);
    const before = await rowsOf(portal, 'acme');
    const made = (await archiveLog(await context(), folder)) ?? assert.fail('Nothing was archived.');
    assert.deepEqual(
      [made.contents.from, made.contents.to],
      [1, kept.count],
      'What came after the checkpoint stays, old as it is.',
    );
    const after = await rowsOf(portal, 'acme');
    assert.equal(Number(after[0]?.seq), kept.count + 1);
    assert.deepEqual(await newestDetails(portal, 'acme', 'log.archived'), {
      rows: kept.count,
      from: 1,
      to: kept.count,
      file: `security-log-acme-1-${kept.count}.jsonl`,
    });
    assert.deepEqual(await verdictOn(portal, 'acme'), { intact: true, count: before.length + 1, archived: kept.count });
    const [checkpoint] = readCheckpoints(portal.services.keys, text);
    assert.ok(checkpoint);
    const { verdict } = await verifyArchive(portal.services.keys, made.path, [checkpoint]);
    assert.deepEqual(verdict, { intact: true, count: kept.count });
    const lines = readFileSync(made.path, 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.slice(1).map((line) => (JSON.parse(line) as { id: string }).id),
      before.slice(0, kept.count).map(({ id }) => id),
    );
    assert.equal((await verifyAgainst(portal.services.keys, checkpoint)).intact, true);
    // The next one goes on from there.
    await takeCheckpoint(await context());
    portal.clock.move(366 * DAY);
    const next = (await archiveLog(await context(), folder)) ?? assert.fail('Nothing more was archived.');
    assert.equal(next.contents.from, kept.count + 1);
    assert.equal((await verifyArchive(portal.services.keys, next.path)).verdict.intact, true);
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
    await assert.rejects(
      () => verifyAgainst(portal.services.keys, checkpoint),
      /have been archived: hold it against the archive/,
    );
  });

  it('are all still there where it was killed before they went, and the next run makes the file anew', async () => {
    await keepFor(365);
    const first = await takeCheckpoint(await context());
    // What a run leaves that was killed while it wrote, and one that was killed behind it.
    writeFileSync(join(folder, `security-log-acme-1-${first.count}.jsonl.part`), 'half');
    writeFileSync(join(folder, `security-log-acme-1-${first.count - 1}.jsonl`), 'older');
    portal.clock.move(366 * DAY);
    const made = (await archiveLog(await context(), folder)) ?? assert.fail();
    assert.deepEqual(readdirSync(folder), [`security-log-acme-1-${first.count}.jsonl`]);
    assert.equal((await verifyArchive(portal.services.keys, made.path)).verdict.intact, true);
  });

  it('stay where the chain is broken, and nothing else can be removed, nor the beginning be moved by hand', async () => {
    await keepFor(365);
    await takeCheckpoint(await context());
    portal.clock.move(366 * DAY);
    const { tenant } = await context();
    const { sequelize } = portal.database;
    await assert.rejects(sequelize.query(`DELETE FROM security_events WHERE tenant_id = '${tenant.id}' AND seq = 1`));
    // The database would let them go then; the walk does not.
    await sequelize.query(`UPDATE security_log_heads SET archived_count = 2 WHERE tenant_id = '${tenant.id}'`);
    await sequelize.query(`DELETE FROM security_events WHERE tenant_id = '${tenant.id}' AND seq <= 2`);
    const verdict = await verdictOn(portal, 'acme');
    assert.ok(!verdict.intact);
    assert.match(verdict.why, /beginning of the log was changed/);
    await assert.rejects(async () => archiveLog(await context(), folder), /beginning of the log was changed/);
  });

  it('of a broken log are not archived, and an archive that was changed says where', async () => {
    await keepFor(365);
    await takeCheckpoint(await context());
    portal.clock.move(366 * DAY);
    const made = (await archiveLog(await context(), folder)) ?? assert.fail();
    const text = readFileSync(made.path, 'utf8');
    const lines = text.split('\n');
    const changed = async (now: string[]): Promise<string> => {
      writeFileSync(made.path, now.join('\n'));
      const { verdict } = await verifyArchive(portal.services.keys, made.path);
      return verdict.intact ? 'intact' : `${verdict.seq}: ${verdict.why}`;
    };
    assert.equal(await changed(lines), 'intact');
    assert.match(
      await changed(lines.with(4, (lines[4] ?? '').replace('"door":"', '"door":"x'))),
      /^4: Row 4 was changed/,
    );
    assert.match(await changed(lines.toSpliced(4, 1)), /^4: Row 4 is missing/);
    assert.match(await changed(lines.slice(0, 9)), /^9: Row 9 and what followed it were cut off/);
    assert.match(await changed([...lines.slice(0, -1), lines[5] ?? '', '']), /was put in/);
    await assert.rejects(
      () => changed([(lines[0] ?? '').replace('"from":1', '"from":2'), ...lines.slice(1)]),
      /not as it was signed/,
    );
    await assert.rejects(() => changed(['nonsense']), /no archive of a security log/);
    await takeCheckpoint(await context());
    portal.clock.move(366 * DAY);
    const { tenant } = await context();
    await tamper(
      portal,
      `UPDATE security_events SET ip = '192.0.2.9' WHERE tenant_id = '${tenant.id}' AND seq = ${made.contents.to + 1}`,
    );
    await assert.rejects(async () => archiveLog(await context(), folder), /was changed.*Nothing was archived/);
    assert.equal(readdirSync(folder).length, 1);
  });
});
