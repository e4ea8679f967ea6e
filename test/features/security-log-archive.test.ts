import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeBefore } from '#models/security-log.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { inTransaction } from '#models/transaction.js';
import { archiveLog } from '#server/features/security-log/archive.js';
import { makeCheckpoint, takeCheckpoint } from '#server/features/security-log/checkpoints.js';
import { exportLog } from '#server/features/security-log/export.js';
import { DAY } from '#server/lib/clock.js';
import { firstLine } from '#server/trace/archive-contents.js';
import { verifyArchive, writeArchive } from '#server/trace/archive-file.js';
import { beginningAt } from '#server/trace/beginning.js';
import { GENESIS } from '#server/trace/chain.js';
import { readCheckpoints, writtenOut, type Checkpoint } from '#server/trace/checkpoint.js';
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

  it('break off a file that is being read, which would else have a hole in it', async () => {
    await keepFor(365);
    await takeCheckpoint(await context());
    portal.clock.move(366 * DAY);
    for (const [sort, archives] of [
      ['oldest', true],
      ['newest', true],
      ['newest', false],
    ] as const) {
      await grow(700);
      await takeCheckpoint(await context());
      portal.clock.move(366 * DAY);
      const parts = await exportLog(await context(), 'jsonl', { sort }, []);
      await parts.next();
      if (archives) assert.ok(await archiveLog(await context(), folder));
      const rest = async (): Promise<void> => {
        for await (const part of parts) assert.ok(part.length > 0);
      };
      if (archives) await assert.rejects(rest, /archived while it was being read/, sort);
      else await rest();
    }
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

  it('go a slice at a time, however many they are, and no row that stays goes with them', async () => {
    const { services, tenant } = await context();
    const rows = await rowsOf(portal, 'acme');
    const hash = rows.find(({ seq }) => Number(seq) === 1000)?.hash ?? '';
    await inTransaction(() => removeBefore(beginningAt(services.keys, tenant.id, 1000, hash), 1, 300));
    assert.deepEqual(
      await seqs(),
      rows.map(({ seq }) => Number(seq)).filter((seq) => seq > 1000),
    );
    assert.deepEqual(await verdictOn(portal, 'acme'), { intact: true, count: rows.length, archived: 1000 });
  });

  it('are all still there where it was killed before they went, and the next run makes the file anew', async () => {
    await keepFor(365);
    const killed = async (to: number): Promise<string> => {
      const { tenant } = await context();
      const { hash } = (await rowsOf(portal, 'acme'))[to - 1] ?? assert.fail();
      const path = join(folder, `security-log-acme-1-${to}.jsonl`);
      const contents = { tenantId: tenant.id, organization: 'acme', from: 1, to, before: GENESIS, hash };
      await writeArchive(portal.services.keys, path, contents);
      return path;
    };
    // What a run leaves that was killed behind the file, and one that was killed while it wrote.
    const older = await killed(1000);
    writeFileSync(`${older}.${randomUUID()}.part`, readFileSync(older, 'utf8').slice(0, 5000));
    const first = await takeCheckpoint(await context());
    await killed(first.count);
    portal.clock.move(366 * DAY);
    const made = (await archiveLog(await context(), folder)) ?? assert.fail();
    assert.deepEqual(readdirSync(folder), [`security-log-acme-1-${first.count}.jsonl`]);
    assert.equal((await verifyArchive(portal.services.keys, made.path)).verdict.intact, true);
  });

  it('leave every file alone that is not of such a run: another organisation’s, of before a backup was put back, a stranger’s', async () => {
    await keepFor(365);
    const { keys } = portal.services;
    const { tenant } = await context();
    const { tenant: globex } = await contextIn(portal, 'globex');
    const last = await takeCheckpoint(await context());
    await grow(50);
    const rows = await rowsOf(portal, 'acme');
    const hash = rows[99]?.hash ?? '';
    const to = last.count + 50;
    const ours = { tenantId: tenant.id, organization: 'acme', from: 1, to: 100, before: GENESIS, hash };
    const others: Record<string, string> = {
      'acme-1-1-100.jsonl': firstLine(keys, ours),
      'acme-1-1-200.jsonl': firstLine(keys, { ...ours, tenantId: globex.id, organization: 'acme-1' }),
      'acme-1-100.jsonl': firstLine(keys, { ...ours, tenantId: globex.id }),
      'acme-1-101.jsonl': firstLine(keys, { ...ours, hash: 'of other rows' }),
      'acme-1-102.jsonl': firstLine(keys, { ...ours, to, hash: rows[to - 1]?.hash ?? '' }),
      'acme-1-103.jsonl': firstLine(keys, ours).replace('"to":100', '"to":99'),
      'acme-1-104.jsonl': firstLine(keys, { ...ours, from: 2 }),
      'acme-1-105.jsonl': 'notes',
      'acme-1-106.jsonl.bak': firstLine(keys, ours),
      'acme-1-.jsonl': firstLine(keys, ours),
    };
    const file = (name: string): string => join(folder, `security-log-${name}`);
    for (const [name, text] of Object.entries(others)) writeFileSync(file(name), text);
    portal.clock.move(366 * DAY);
    const before = await seqs();
    // Of what has just the name that is wanted, too.
    const wanted = `acme-1-${last.count}.jsonl`;
    for (const text of ['', 'notes', firstLine(keys, { ...ours, to: last.count, hash: 'of other rows' })]) {
      writeFileSync(file(wanted), text);
      await assert.rejects(
        async () => archiveLog(await context(), folder),
        /is there already, and is not this archive/,
      );
      assert.equal(readFileSync(file(wanted), 'utf8'), text);
    }
    rmSync(file(wanted));
    assert.deepEqual(await seqs(), before);
    assert.ok(await archiveLog(await context(), folder));
    assert.deepEqual(
      readdirSync(folder).sort(),
      [...Object.keys(others), wanted].map((name) => `security-log-${name}`).sort(),
    );
    for (const [name, text] of Object.entries(others)) assert.equal(readFileSync(file(name), 'utf8'), text);
  });

  it('are held against a checkpoint only where the archive has the row that it knows; it is never passed over in silence', async () => {
    await keepFor(365);
    const { keys } = portal.services;
    const early = await takeCheckpoint(await contextIn(portal, 'globex'));
    const kept = await takeCheckpoint(await context());
    portal.clock.move(366 * DAY);
    const made = (await archiveLog(await context(), folder)) ?? assert.fail();
    const later = await takeCheckpoint(await context());
    const held = (...some: Checkpoint[]) => verifyArchive(keys, made.path, some);
    assert.equal((await held(kept)).verdict.intact, true);
    await assert.rejects(() => held(later), /knows row \d+, and the archive has rows 1 to/);
    await assert.rejects(() => held(kept, early), /not of the organisation of this archive/);
    const { verdict } = await held({ ...kept.get({ plain: true }), hash: 'other' });
    assert.ok(!verdict.intact && /not the one that the checkpoint knows/.test(verdict.why));
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
