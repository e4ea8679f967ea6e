import assert from 'node:assert/strict';
import { sources } from './sources.js';

/** Where a transaction may begin: the entrances of a write, the log, and what runs by the clock. */
const MAY_BEGIN = /^(models|server\/(identity|trace|jobs))\//;

/** What a request comes in by, and what an answer goes out by. That a credential was used is counted, not done. */
const DOORS =
  /^server\/(features\/[a-z-]+\/([a-z-]+-)?(pages|page|passport|api|forms|form|routes)\.ts$|api\/(?!last-use\.ts)|cli\/)/;

const WRITE = /(\w+)\.(create|update|destroy|save|upsert|bulkCreate|increment|decrement)\(/g;

const ENTRANCES = ['actingNow', 'takingLink', 'arriving', 'asVisitor', 'firstWrite'];

describe('A write', () => {
  const files = sources(['models', 'server'], '.ts');

  it('begins at an entrance, which takes the locks and asks again who may: no feature and no door opens a transaction', () => {
    const opening = files
      .filter(({ path }) => !MAY_BEGIN.test(path))
      .filter((file) => /\bin(Short)?Transaction\b|\.transaction\(/.test(file.text))
      .map(({ path }) => path);
    assert.deepEqual(opening, [], `Write by one of ${ENTRANCES.join(', ')}.`);
  });

  it('has these entrances and no other', () => {
    const openers = files
      .filter(({ path }) => path.startsWith('server/identity/'))
      .flatMap(({ text }) => text.split(/^(?=export )/m))
      .filter((part) => /\bwork: \(/.test(part) && /\bin(Short)?Transaction\(/.test(part))
      .map((part) => /^export (?:async )?function (\w+)/.exec(part)?.[1]);
    assert.deepEqual(openers.sort(), [...ENTRANCES].sort());
  });

  it('is what happens, and no door’s: pages, calls, routes and commands change no row themselves', () => {
    const writing = files
      .filter(({ path }) => DOORS.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(WRITE)]
          .filter(([, whose = '']) => !NO_MODEL.has(`${path} ${whose}`))
          .map(([call]) => `${path}: ${call}`),
      );
    assert.deepEqual(writing, []);
  });

  it('is never sent as SQL by a door', () => {
    const sending = files.filter(
      ({ path, text }) => DOORS.test(path) && /\b(INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM)\b/.test(text),
    );
    assert.deepEqual(
      sending.map(({ path }) => path),
      [],
    );
  });
});

// The connection of a request, which is shut.
const NO_MODEL: ReadonlySet<string> = new Set(['server/api/problem.ts res']);
