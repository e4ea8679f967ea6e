import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createAssets, versionOf, type Assets } from '#server/http/assets.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { compressAssets } from '../../.ci/assets/compress.js';
import { overTheWire, type Answer } from '../support/wire.js';

const FILE = 'css/gatehouse.css';
const ADDRESS = `/assets/${FILE}`;

describe('A file of the pages', () => {
  const source = readFileSync(join(PROJECT_ROOT, 'public', FILE));
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-assets-'));
    for (const sub of ['public/css', 'public/img']) mkdirSync(join(folder, sub), { recursive: true });
    writeFileSync(join(folder, 'public', FILE), source);
    writeFileSync(join(folder, 'public/img/dot.ico'), '1');
    compressAssets(join(folder, 'public'), join(folder, 'built'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const assets = (keep = true, built = 'built'): Assets =>
    createAssets(join(folder, 'public'), join(folder, built), keep);
  const ask = (address = ADDRESS, encoding = '', headers = {}, served = assets()): Promise<Answer> => {
    const app = express()
      .disable('etag')
      .use('/assets', served.serve)
      .get('/favicon.ico', served.file('img/dot.ico'))
      .use((_req, res) => void res.status(404).end());
    return overTheWire(app, address, { 'Accept-Encoding': encoding, ...headers });
  };

  it('comes in the smallest spelling that the browser takes, and says that others get another', async () => {
    for (const [taken, spelling] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['br', 'br'],
      ['gzip, deflate', 'gzip'],
      ['gzip;q=0.5, br;q=0', 'gzip'],
      ['deflate', undefined],
      ['gzip;q=0', undefined],
      ['', undefined],
    ] as const) {
      const { headers, body, text } = await ask(ADDRESS, taken);
      assert.equal(headers['content-encoding'], spelling, taken);
      assert.equal(headers.vary, 'Accept-Encoding', taken);
      assert.equal(headers['content-type'], 'text/css; charset=utf-8');
      assert.equal(Number(headers['content-length']), body.length);
      if (spelling) assert.ok(body.length < source.length / 4);
      assert.equal(text, source.toString(), taken);
    }
  });

  it('is kept for a year under our own version alone', async () => {
    const link = assets().link(FILE);
    assert.equal(link, `${ADDRESS}?v=${versionOf(source)}`);
    assert.equal((await ask(link)).headers['cache-control'], 'public, max-age=31536000, immutable');
    for (const other of [
      ADDRESS,
      `${ADDRESS}?v=`,
      `${ADDRESS}?v=000000000000`,
      `${link}0`,
      `${link}&v=1`,
      '/favicon.ico',
    ])
      assert.equal((await ask(other)).headers['cache-control'], 'public, max-age=300', other);
  });

  it('is not sent again to whoever has it, and a spelling never stands for another', async () => {
    const { headers } = await ask(ADDRESS, 'br');
    const again = { 'If-None-Match': String(headers.etag) };
    const unchanged = await ask(ADDRESS, 'br', again);
    assert.deepEqual([unchanged.status, unchanged.body.length], [304, 0]);
    assert.equal(unchanged.headers.vary, 'Accept-Encoding');
    assert.equal((await ask(ADDRESS, 'gzip', again)).status, 200);
    assert.equal((await ask(ADDRESS, '', again)).status, 200);
  });

  it('goes as it is where nothing was built, or where it has changed since', async () => {
    assert.equal((await ask(ADDRESS, 'br', {}, assets(true, 'nothing'))).headers['content-encoding'], undefined);
    const path = join(folder, 'public', FILE);
    const served = assets(false);
    const before = served.link(FILE);
    try {
      writeFileSync(path, 'body { color: red }');
      const { headers, text } = await ask(ADDRESS, 'br', {}, served);
      assert.equal(headers['content-encoding'], undefined);
      assert.equal(text, 'body { color: red }');
      assert.notEqual(served.link(FILE), before);
    } finally {
      writeFileSync(path, source);
    }
  });

  it('is nothing else on the disk', async () => {
    for (const address of [
      '/assets/',
      '/assets/css',
      '/assets/css/',
      '/assets/css/none.css',
      '/assets/../built/x',
      '/assets/%2e%2e/built/x.css',
      '/assets/css/..%2fcss/gatehouse.css',
      '/assets/css%2fgatehouse.css',
      '/assets/css/.gatehouse.css',
    ])
      assert.equal((await ask(address)).status, 404, address);
    assert.throws(() => assets().link('css/none.css'), /There is no css\/none.css/);
  });
});
