import assert from 'node:assert/strict';
import { inShortTransaction } from '#models/shared-commit.js';
import { inTransaction } from '#models/transaction.js';
import { SecurityLogHead } from '#models/security-log-head.js';
import { User } from '#models/user.js';
import { record, recordMany } from '#server/trace/record.js';
import { verifyLog } from '#server/trace/verify.js';
import { rowsOf, verdictOn } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Those who write into the security log', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('Fifty at once get consecutive places, and leave the chain intact', async () => {
    const context = await contextIn(portal, 'acme');
    const before = (await rowsOf(portal, 'acme')).length;
    await Promise.all(
      Array.from({ length: 50 }, (_, writer) =>
        inTransaction(async () => {
          await User.update({ theme: 'dark' }, { where: { tenantId: context.tenant.id, username: 'uma' } });
          await record(context, { event: 'demo.event', details: { writer } });
        }),
      ),
    );
    const rows = await rowsOf(portal, 'acme');
    assert.deepEqual(
      rows.map(({ seq }) => Number(seq)),
      Array.from({ length: before + 50 }, (_, index) => index + 1),
    );
    const writers = rows.slice(before).map(({ details }) => (JSON.parse(details) as { writer: number }).writer);
    assert.deepEqual(
      writers.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, index) => index),
    );
    assert.deepEqual(await verdictOn(portal, 'acme'), { intact: true, count: before + 50 });
  });

  it('Each organisation has a chain of its own', async () => {
    const contexts = [await contextIn(portal, 'acme'), await contextIn(portal, 'globex')];
    await Promise.all(
      Array.from({ length: 20 }, (_, row) => record(contexts[row % 2]!, { event: 'demo.event', details: { row } })),
    );
    for (const slug of ['acme', 'globex']) {
      const rows = await rowsOf(portal, slug);
      assert.equal(rows.filter(({ event }) => event === 'demo.event').length, 10);
      assert.deepEqual(await verdictOn(portal, slug), { intact: true, count: rows.length });
    }
  });

  it('Those who share a commit leave their rows in their order, and who is taken back leaves none', async () => {
    const contexts = [await contextIn(portal, 'acme'), await contextIn(portal, 'globex')];
    await Promise.allSettled(
      Array.from({ length: 30 }, (_, row) =>
        inShortTransaction(portal.database, async () => {
          const context = contexts[row % 2]!;
          await record(context, { event: 'demo.event', details: { row } });
          await inTransaction(async () => {
            await record(context, { event: 'demo.event', details: { inner: row } });
            throw new Error('taken back');
          }).catch(() => undefined);
          await record(context, { event: 'role.created', details: { row } });
          if (row % 5 === 0) throw new Error('taken back');
        }),
      ),
    );
    for (const [at, slug] of ['acme', 'globex'].entries()) {
      const rows = await rowsOf(portal, slug);
      const kept = Array.from({ length: 30 }, (_, row) => row).filter((row) => row % 2 === at && row % 5 !== 0);
      for (const event of ['demo.event', 'role.created']) {
        const written = rows.filter((row) => row.event === event).map((row) => JSON.parse(row.details) as object);
        const asked = kept.map((row) => ({ row }));
        if (portal.database.dialect === 'sqlite') assert.deepEqual(written, asked);
        else assert.equal(written.length, asked.length, 'Side by side, in whatever order.');
      }
      assert.deepEqual(await verdictOn(portal, slug), { intact: true, count: rows.length });
    }
  });

  it('What was rolled back leaves neither the change nor the row, at whatever depth', async () => {
    const context = await contextIn(portal, 'acme');
    const before = await rowsOf(portal, 'acme');
    const head = (await SecurityLogHead.findByPk(context.tenant.id, { rejectOnEmpty: true })).get({ plain: true });
    await assert.rejects(
      inTransaction(async () => {
        await record(context, { event: 'demo.event' });
        await inTransaction(() => record(context, { event: 'demo.event' }));
        throw new Error('no');
      }),
      /no/,
    );
    assert.deepEqual(await rowsOf(portal, 'acme'), before);
    assert.deepEqual(
      (await SecurityLogHead.findByPk(context.tenant.id, { rejectOnEmpty: true })).get({ plain: true }),
      head,
    );
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });

  it('A part that was rolled back leaves the rest in place', async () => {
    const context = await contextIn(portal, 'acme');
    await inTransaction(async () => {
      await record(context, { event: 'demo.event', details: { part: 1 } });
      await inTransaction(async () => {
        await record(context, { event: 'demo.event', details: { part: 2 } });
        throw new Error('no');
      }).catch(() => undefined);
      await record(context, { event: 'demo.event', details: { part: 3 } });
    });
    const rows = (await rowsOf(portal, 'acme')).filter(({ event }) => event === 'demo.event');
    assert.deepEqual(
      rows.map(({ details }) => details),
      ['{"part":1}', '{"part":3}'],
    );
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });

  it('Many rows at once are chained like any others', async () => {
    const context = await contextIn(portal, 'acme');
    const before = (await rowsOf(portal, 'acme')).length;
    const rows = Array.from({ length: 2500 }, (_, row) => ({
      event: 'demo.event' as const,
      at: 1_700_000_000_000 - row,
      details: { row },
    }));
    await Promise.all([recordMany(context, context.tenant.id, rows), record(context, { event: 'demo.event' })]);
    assert.deepEqual(await verdictOn(portal, 'acme'), { intact: true, count: before + 2501 });
  });

  it('Any text survives: quotes, other alphabets, controls and halves of characters', async () => {
    const context = await contextIn(portal, 'acme');
    const text = `"'\\ é 漢字 🦊 \u0000 \u2028 \ud83e \n $1 %s`;
    await record(
      { ...context, ip: '2001:db8::1', requestId: text.slice(0, 5) },
      { event: 'demo.event', details: { text } },
    );
    assert.equal((await verdictOn(portal, 'acme')).intact, true);
  });

  it('A verification in the middle of writing finds nothing wrong', async () => {
    const context = await contextIn(portal, 'acme');
    const writing = Promise.all(Array.from({ length: 40 }, () => record(context, { event: 'demo.event' })));
    const verdicts = [];
    for (let look = 0; look < 10; look += 1) verdicts.push(await verifyLog(portal.services.keys, context.tenant.id));
    await writing;
    assert.deepEqual(
      verdicts.filter(({ intact }) => !intact),
      [],
    );
  });

  it('Who asks for a verification while one is running gets its verdict, and the work is done once', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    let macs = 0;
    const keys = {
      ...portal.services.keys,
      mac: (...given: Parameters<typeof portal.services.keys.mac>) => ((macs += 1), portal.services.keys.mac(...given)),
    };
    const verdicts = await Promise.all([1, 2, 3].map(() => verifyLog(keys, tenant.id)));
    assert.ok(verdicts.every(({ intact }) => intact));
    assert.equal(macs, (await rowsOf(portal, 'acme')).length + 1);
  });
});
