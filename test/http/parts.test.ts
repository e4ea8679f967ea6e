import assert from 'node:assert/strict';
import { Busboy } from '@fastify/busboy';
import { UserJob } from '#models/user-job.js';
import { SentFile } from '#server/lib/sent-file.js';
import { parseMultipart } from '#server/input/multipart.js';
import type { Browser } from '../support/browser.js';
import { inParts } from '../support/multipart.js';
import { startPortal, type Portal } from '../support/portal.js';

const PREVIEW = '/admin/users/import/preview';
const CSV = Buffer.from('username,name\numar,Umar the Second\n');

describe('A form in parts', () => {
  let portal: Portal;
  let adam: Browser;
  let good: { type: string; body: Buffer };
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    const { file: _file, _form, ...fields } = (await adam.open('/admin/users/import')).form(PREVIEW);
    good = inParts(fields, { field: 'file', bytes: CSV });
  });
  after(() => portal.close());

  /** Sends it; it is taken or refused, and whoever comes next is served. */
  async function isAnswered(body: Buffer, why: string, type = good.type, by = adam): Promise<number> {
    const { status, html } = await by.postRaw(PREVIEW, body, { 'Content-Type': type });
    assert.ok(status >= 200 && status < 500 && html !== '', `${why}: ${status}`);
    return status;
  }

  it('that ends in the middle of a file is refused, whoever sends it, and the next is served', async () => {
    const head = '--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
    for (const body of [head, `${head}abc`, `${head}abc\r\n--B`, `${head}${'x'.repeat(30_000)}`]) {
      const browser = portal.browser();
      const status = await isAnswered(Buffer.from(body), body, 'multipart/form-data; boundary=B', browser);
      assert.ok(status >= 400, body.slice(0, 90));
      assert.equal((await browser.get('/login')).status, 200);
    }
  });

  it('is taken whole, and refused cut off behind any of its bytes', async () => {
    assert.equal(await isAnswered(good.body, 'whole'), 200);
    const before = await UserJob.count();
    // The line end behind the last delimiter may be missing.
    for (let end = 0; end < good.body.length - 2; end += 1) {
      const status = await isAnswered(good.body.subarray(0, end), `cut at ${end}`);
      assert.ok(status >= 400, `cut at ${end}: ${status}`);
    }
    assert.equal(await UserJob.count(), before);
  });

  it('is answered however it is spoilt, and under whatever boundary', async () => {
    const next = numbers(20_261_129);
    const telling = Buffer.from('\r\n-:;="\0\xff', 'latin1');
    for (let round = 0; round < 300; round += 1) {
      const body = Buffer.from(good.body);
      for (let spoilt = 0; spoilt <= next(6); spoilt += 1)
        body[next(body.length)] = next(2) === 0 ? next(256) : (telling[next(telling.length)] ?? 0);
      const [from, to] = [next(body.length), next(body.length)];
      await isAnswered(body, `spoilt, ${round}`);
      await isAnswered(Buffer.concat([body.subarray(0, from), body.subarray(to)]), `spoilt, in pieces, ${round}`);
    }
    for (const boundary of ['', '""', 'x', '----of-the', '-', `"${'b'.repeat(300)}"`, '%ff', 'a; boundary=b', '\t'])
      await isAnswered(good.body, boundary, `multipart/form-data; boundary=${boundary}`);
    for (const type of ['multipart/form-data', 'multipart/mixed; boundary=x', 'multipart/form-data; charset=utf-16'])
      await isAnswered(good.body, type, type);
    assert.equal(await isAnswered(good.body, 'in the end'), 200);
  });

  it('is refused, and not waited for, where its parser never comes to an end', async () => {
    const parser = Busboy.prototype as { emit: () => boolean };
    const { emit } = parser;
    parser.emit = () => true;
    try {
      await assert.rejects(parseMultipart(good.type, good.body), /malformed/);
    } finally {
      parser.emit = emit;
    }
  });

  it('holds texts of UTF-8, whatever a part says of itself, of names that are there and not long', async () => {
    const part = (head: string, value: string | Buffer): Promise<Record<string, unknown>> =>
      parseMultipart(
        'multipart/form-data; boundary=B',
        Buffer.concat([Buffer.from(`--B\r\n${head}\r\n\r\n`), Buffer.from(value), Buffer.from('\r\n--B--\r\n')]),
      );
    const named = 'Content-Disposition: form-data; name="csv"';
    for (const charset of ['utf-8', 'UTF-8', 'iso-8859-1', 'utf-16le', 'base64', 'nonsense']) {
      const { csv } = await part(`${named}\r\nContent-Type: text/plain; charset=${charset}`, 'Zoë 🙂');
      assert.equal(csv, 'Zoë 🙂', charset);
    }
    await assert.rejects(part(named, Buffer.from([0x5a, 0xeb])), /malformed/);
    await assert.rejects(part('Content-Disposition: form-data', 'x'), /malformed/);
    await assert.rejects(part(`Content-Disposition: form-data; name="${'n'.repeat(101)}"`, 'x'), /malformed/);
    const { csv: file } = await part(`${named}; filename="a"`, Buffer.from([0x5a, 0xeb]));
    assert.ok(file instanceof SentFile && file.bytes.equals(Buffer.from([0x5a, 0xeb])));
    const twice = await part(`${named}\r\n\r\none\r\n--B\r\n${named}`, 'two');
    assert.deepEqual({ ...twice }, { csv: ['one', 'two'] });
  });
});

/** Numbers below a bound, the same ones in every run. */
function numbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * bound);
  };
}
