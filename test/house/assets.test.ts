import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { madeFiles } from '../../.ci/assets/build.js';
import { PUBLIC } from '../../.ci/assets/places.js';
import { sources } from './sources.js';

describe('What browsers are given', () => {
  for (const [file, text] of Object.entries(madeFiles())) {
    it(`${file} is as it is made from what stands beside it now`, () => {
      assert.ok(readFileSync(join(PUBLIC, file), 'utf8') === text, 'Run: npm run assets');
    });
  }

  it('holds nothing that builds, and nothing of a kind that is not served', () => {
    const files = readdirSync(PUBLIC, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    assert.deepEqual(
      files.map(({ name }) => name).filter((name) => !/^[a-z0-9-]+\.(css|js|svg|ico)$/.test(name)),
      [],
    );
    const scripts = sources(['public'], '.js').filter(({ text }) => /from 'node:|require\(|process\./.test(text));
    assert.deepEqual(
      scripts.map(({ path }) => path),
      [],
    );
  });
});
