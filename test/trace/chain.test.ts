import assert from 'node:assert/strict';
import { record } from '#server/trace/record.js';
import { tamper, verdictOn } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Whoever tampers with the security log is found out', () => {
  let portal: Portal;
  let tenantId: string;
  const only = () => `tenant_id = '${tenantId}'`;
  const writeRows = async (count: number): Promise<void> => {
    const context = await contextIn(portal, 'globex');
    for (let row = 0; row < count; row += 1) await record(context, { event: 'demo.event', details: { row } });
  };
  const broken = async (seq: number, why: RegExp): Promise<void> => {
    const verdict = await verdictOn(portal, 'globex');
    assert.ok(!verdict.intact, 'the log counts as intact');
    assert.deepEqual([verdict.seq, why.test(verdict.why)], [seq, true], verdict.why);
    assert.equal((await verdictOn(portal, 'acme')).intact, true, 'the other organisation has nothing to do with it');
  };

  beforeEach(async () => {
    portal = await startPortal();
    tenantId = (await contextIn(portal, 'globex')).tenant.id;
    // The founding and its three users come first.
    await writeRows(6);
    assert.deepEqual(await verdictOn(portal, 'globex'), { intact: true, count: 10 });
  });
  afterEach(() => portal.close());

  for (const [column, value] of Object.entries({
    event: `'sign-out'`,
    level: `'high'`,
    at: 'at + 1',
    door: `'web'`,
    details: `'{"row":7}'`,
    actor_id: `'01890000-0000-7000-8000-000000000000'`,
    actor_tenant_id: `tenant_id`,
    target_type: `'user'`,
    target_id: `'01890000-0000-7000-8000-000000000000'`,
    ip: `'203.0.113.9'`,
    client: `'null'`,
    session_id: `'01890000-0000-7000-8000-000000000000'`,
    request_id: `'r'`,
    id: `'01890000-0000-7000-8000-000000000000'`,
    hash: `'x'`,
  })) {
    it(`A row whose ${column} was changed is named`, async () => {
      await tamper(portal, `UPDATE security_events SET ${column} = ${value} WHERE ${only()} AND seq = 7`);
      await broken(7, /Row 7 was changed/);
    });
  }

  it('A row that was removed is missed', async () => {
    await tamper(portal, `DELETE FROM security_events WHERE ${only()} AND seq = 7`);
    await broken(7, /Row 7 is missing/);
  });

  it('The first row is missed too', async () => {
    await tamper(portal, `DELETE FROM security_events WHERE ${only()} AND seq = 1`);
    await broken(1, /Row 1 is missing/);
  });

  it('A removed row whose place was given to the next ones is missed', async () => {
    await tamper(
      portal,
      `DELETE FROM security_events WHERE ${only()} AND seq = 7`,
      ...[8, 9, 10].map((seq) => `UPDATE security_events SET seq = ${seq - 1} WHERE ${only()} AND seq = ${seq}`),
      `UPDATE security_log_heads SET count = 9 WHERE ${only()}`,
    );
    await broken(7, /Row 7 was changed, or put in from elsewhere/);
  });

  it('Rows that changed places are named', async () => {
    const move = (from: number, to: number) =>
      `UPDATE security_events SET seq = ${to} WHERE ${only()} AND seq = ${from}`;
    await tamper(portal, move(7, 70), move(8, 7), move(70, 8));
    await broken(7, /Row 7 was changed, or put in from elsewhere/);
  });

  const copy = (seq: string, from: number) => `INSERT INTO security_events
    SELECT '01890000-0000-7000-8000-00000000000${from}', tenant_id, ${seq}, at, event, level, door, actor_id, actor_tenant_id, target_type,
      target_id, ip, client, session_id, request_id, details, key_id, hash
    FROM security_events WHERE ${only()} AND seq = ${from}`;

  it('A row that was put in at the end, before the beginning or in a gap is named', async () => {
    await tamper(portal, copy('11', 5));
    await broken(11, /Row 11 was put in/);
    await tamper(portal, `DELETE FROM security_events WHERE ${only()} AND seq = 11`, copy('0', 5));
    await broken(0, /Row 0 was put in/);
    await tamper(portal, `DELETE FROM security_events WHERE ${only()} AND seq IN (0, 7)`, copy('7', 5));
    await broken(7, /Row 7 was changed, or put in from elsewhere/);
  });

  it('A row of another organisation is not taken for one of this', async () => {
    const acme = (await contextIn(portal, 'acme')).tenant.id;
    await record(await contextIn(portal, 'acme'), { event: 'demo.event' });
    await tamper(
      portal,
      `DELETE FROM security_events WHERE ${only()} AND seq = 3`,
      `INSERT INTO security_events SELECT '01890000-0000-7000-8000-000000000001', '${tenantId}', seq, at, event, level, door, actor_id, actor_tenant_id,
        target_type, target_id, ip, client, session_id, request_id, details, key_id, hash FROM security_events WHERE tenant_id = '${acme}' AND seq = 3`,
    );
    await broken(3, /Row 3 was changed, or put in from elsewhere/);
  });

  it('An end that was cut off is missed, and setting the head back does not hide it', async () => {
    await tamper(portal, `DELETE FROM security_events WHERE ${only()} AND seq > 7`);
    await broken(8, /Row 8 and what followed it were cut off/);
    await tamper(
      portal,
      `UPDATE security_log_heads SET count = 7, hash = (SELECT hash FROM security_events WHERE ${only()} AND seq = 7) WHERE ${only()}`,
    );
    await broken(7, /The head of the log was changed/);
  });

  for (const change of ['count = 9', `hash = 'x'`, `mac = 'x'`, `mac = ''`]) {
    it(`A head whose ${change.split(' ')[0] ?? ''} was set to ${change.split(' = ')[1] ?? ''} is found`, async () => {
      await tamper(portal, `UPDATE security_log_heads SET ${change} WHERE ${only()}`);
      await broken(change === 'count = 9' ? 9 : 10, /The head of the log was changed/);
    });
  }

  it('A head that is gone, or that another organisation lent, is found', async () => {
    const acme = (await contextIn(portal, 'acme')).tenant.id;
    const lent = (column: string) =>
      `${column} = (SELECT ${column} FROM security_log_heads WHERE tenant_id = '${acme}')`;
    await tamper(
      portal,
      `UPDATE security_log_heads SET ${['count', 'hash', 'mac'].map(lent).join(', ')} WHERE ${only()}`,
    );
    assert.equal((await verdictOn(portal, 'globex')).intact, false);
    await tamper(portal, `DELETE FROM security_log_heads WHERE ${only()}`);
    await broken(0, /The head of the log is missing/);
  });

  it('What is written after a cut is written, and does not bless the cut', async () => {
    await tamper(
      portal,
      `DELETE FROM security_events WHERE ${only()} AND seq > 7`,
      `UPDATE security_log_heads SET count = 7, hash = (SELECT hash FROM security_events WHERE ${only()} AND seq = 7) WHERE ${only()}`,
    );
    await writeRows(3);
    await broken(10, /The head of the log was changed/);
  });

  it('A row or a head under a key that is not there is told apart, and is no way round the hash', async () => {
    await tamper(portal, `UPDATE security_events SET key_id = 'k9' WHERE ${only()} AND seq = 7`);
    await broken(7, /Row 7 was written with the key "k9", which is not among/);
    await tamper(portal, `DELETE FROM security_events WHERE ${only()} AND seq > 6`);
    await tamper(portal, `UPDATE security_log_heads SET key_id = 'k9', count = 6 WHERE ${only()}`);
    await broken(6, /The head of the log was written with the key "k9"/);
    await writeRows(1);
    assert.equal((await verdictOn(portal, 'globex')).intact, false);
  });

  it('The first of several faults is the one that is named', async () => {
    await tamper(
      portal,
      `UPDATE security_events SET details = '{}' WHERE ${only()} AND seq IN (6, 8)`,
      `UPDATE security_log_heads SET mac = 'x' WHERE ${only()}`,
    );
    await broken(6, /Row 6 was changed/);
  });
});
