import assert from 'node:assert/strict';
import { AnsweredForm } from '#models/answered-form.js';
import { PasskeyChallenge } from '#models/passkey-challenge.js';
import { inTransaction } from '#models/transaction.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('Rows that are written at the same time', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  const atOnce = <T>(many: number, work: (at: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: many }, (_, at) => work(at)));

  it('are each there, with what belongs to it, and of the same one only the first is told that it is its own', async () => {
    const { database } = portal;
    const taken = await atOnce(350, (at) =>
      AnsweredForm.take(database, `form-${at % 60}`, at % 2 ? `s${at}` : null, at),
    );
    const first = taken.flatMap((isFirst, at) => (isFirst ? [at] : []));
    // On SQLite whoever came first; PostgreSQL has them side by side.
    if (database.dialect === 'sqlite')
      assert.deepEqual(
        first,
        Array.from({ length: 60 }, (_, at) => at),
      );
    const winners = new Map(first.map((at) => [at % 60, at]));
    assert.deepEqual([first.length, winners.size], [60, 60]);
    await atOnce(60, (at) => AnsweredForm.keep(database, `form-${at}`, at % 3 ? `sealed ${at}` : null, 1000 + at));
    for (const at of [0, 1, 2, 58, 59])
      assert.deepEqual(await AnsweredForm.look(database, `form-${at}`), {
        sessionId: winners.get(at)! % 2 ? `s${winners.get(at)}` : null,
        createdAt: winners.get(at),
        answeredAt: 1000 + at,
        sealedAnswer: at % 3 ? `sealed ${at}` : null,
      });
    assert.deepEqual(
      await atOnce(20, (at) => AnsweredForm.take(database, `form-${at + 50}`, null, 0)),
      Array.from({ length: 20 }, (_, at) => at >= 10),
    );
  });

  it('go on where one that went before them has come to nothing, of which all who shared it are told', async () => {
    const { database } = portal;
    const take = (at: number): Promise<boolean> => PasskeyChallenge.take(database, `challenge-${at}`, at);
    const usual = database.writeInTurn;
    database.writeInTurn = (make) =>
      usual(() => {
        make();
        return ['SELECT 1 FROM nowhere', []];
      });
    try {
      if (database.dialect === 'sqlite') await Promise.all([0, 1, 2].map((at) => assert.rejects(take(at), /nowhere/)));
    } finally {
      database.writeInTurn = usual;
    }
    assert.deepEqual(await atOnce(3, take), [true, true, true]);
    assert.deepEqual(await atOnce(4, take), [false, false, false, true]);
  });

  it('on SQLite share a statement where they wait for somebody else, who sees none of them', async function () {
    const { database } = portal;
    if (database.dialect !== 'sqlite') return this.skip();
    let statements = 0;
    const usual = database.writeInTurn;
    database.writeInTurn = (make) =>
      usual(() => {
        statements += 1;
        return make();
      });
    try {
      const held = inTransaction(() => new Promise<void>((done) => setTimeout(done, 50)));
      const waiting = atOnce(40, (at) => PasskeyChallenge.take(database, `waits-${at}`, at));
      await held;
      assert.deepEqual(new Set(await waiting), new Set([true]));
    } finally {
      database.writeInTurn = usual;
    }
    assert.equal(statements, 1);
  });

  it('are not written inside a transaction, which would wait for its own end', async () => {
    const { database } = portal;
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    const inside = inTransaction(async () => {
      await gone;
      await PasskeyChallenge.take(database, 'inside', 1);
    });
    const outside = PasskeyChallenge.take(database, 'outside', 1);
    go();
    await assert.rejects(inside, /outside transactions/);
    assert.equal(await outside, true);
  });
});
