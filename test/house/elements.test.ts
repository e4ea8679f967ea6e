import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { parametersOf } from '#server/http/view-checks.js';

const VIEWS = join(PROJECT_ROOT, 'views');
const templates = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ejs'))
  .map((file) => ({ file, text: readFileSync(join(VIEWS, file), 'utf8') }));
const elements = new Map(
  templates
    .filter(({ file }) => file.startsWith('elements/'))
    .map(({ file, text }) => [`/${file.replace(/\.ejs$/, '')}`, { text, parameters: parametersOf(text) }]),
);

describe('An element', () => {
  for (const [name, { text, parameters }] of elements) {
    it(`${name} says in its first line what it takes, and reads nothing else`, () => {
      assert.ok(parameters, 'Its first line is not: <%_ const { … } = params; _%>');
      assert.doesNotMatch(text.replace(/class="[^"]*"/g, ''), /\bpage\b/, 'It reads the page that it stands in.');
      const unread = parameters.filter((one) => text.split(new RegExp(`\\b${one.name}\\b`)).length < 3);
      if (!text.includes('...params')) assert.deepEqual(unread, [], 'It takes what it does not read.');
    });
  }

  it('is given by every call that is written out what it needs, and nothing that it does not take', () => {
    let looked = 0;
    const faults: string[] = [];
    for (const { file, text } of templates) {
      for (const [, name = '', given = ''] of text.matchAll(/include\('(\/elements\/[\w-]+)'(?:, \{([^{}]*)\})?\)/g)) {
        const parameters = elements.get(name)?.parameters;
        if (!parameters) faults.push(`${file}: there is no ${name}`);
        if (!parameters || given.includes('...')) continue;
        looked += 1;
        const keys = keysOf(given);
        const known = parameters.map((one) => one.name);
        for (const key of keys) if (!known.includes(key)) faults.push(`${file}: ${name} takes no ${key}`);
        for (const { name: key, needed } of parameters)
          if (needed && !keys.includes(key)) faults.push(`${file}: ${name} needs ${key}`);
      }
    }
    assert.deepEqual(faults, []);
    assert.ok(looked > 200, `${looked} calls`);
  });
});

/** The keys of an object as it is written, without what stands in texts, brackets and choices. */
function keysOf(written: string): string[] {
  let plain = written.replace(/`[^`]*`|'(?:[^'\\]|\\.)*'/g, '0');
  for (let before = ''; before !== plain;) [before, plain] = [plain, plain.replace(/\([^()]*\)|\[[^[\]]*\]/g, '')];
  return plain
    .split(',')
    .map((one) => /^\s*(\w+)\s*(?::|$)/.exec(one)?.[1])
    .filter((key) => key !== undefined);
}
