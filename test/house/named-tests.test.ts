import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

const DOCS = join(PROJECT_ROOT, 'docs');
/** A file or folder of tests, and, where it stands behind, the title of one of its tests: `test/….test.ts`: *title*. */
const NAMED = /`(test\/[a-z\d/-]+(?:\.test\.ts|\/)?)`(?:: \*([^*|]+)\*)?/g;

describe('What the documents say is held by a test', () => {
  const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.md'));

  it('names no test that is not there, and no title that it does not have', () => {
    const missing: string[] = [];
    let titles = 0;
    for (const page of pages)
      for (const [, file = '', title] of readFileSync(join(DOCS, page), 'utf8').matchAll(NAMED)) {
        const path = join(PROJECT_ROOT, file);
        if (!existsSync(path)) missing.push(`${page}: ${file}`);
        else if (title !== undefined) {
          titles += 1;
          if (!readFileSync(path, 'utf8').replaceAll("\\'", "'").includes(title))
            missing.push(`${page}: ${file}: ${title}`);
        }
      }
    assert.deepEqual(missing, []);
    assert.ok(titles > 40, `${titles} titles`);
  });
});
