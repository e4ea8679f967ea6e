import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { programFile, type Program } from '../support/program-file.js';

// What is read at the start is waited for by whoever restarts the portal, and kept in memory by everybody. A package that
// is wanted there is one to take in, in `.ci/assets/program.ts`; one that only some need is imported where they need it.
describe('What a program reads at its start', () => {
  it('The portal reads four packages beside itself, and no driver or library that only some need', () => {
    assert.deepEqual(packagesOf('server/main.ts'), ['@node-rs/argon2', 'iconv-lite', 'pino', 'sqlite3']);
  });

  it('The command line reads what its commands are made with, and the rest when it knows which command it is', () => {
    assert.deepEqual(packagesOf('server/cli/main.ts'), ['commander']);
  });

  it('The fifty languages in which zod could say what is wrong are not among it: Gatehouse has its own words', () => {
    const texts = [...readBy('server/main.ts').values()];
    const languages = texts.flatMap((text) => text.match(/zod\/v4\/locales\/\w+/g) ?? []);
    assert.deepEqual([...new Set(languages)], ['zod/v4/locales/en']);
  });
});

/** The packages that the program, and the parts it begins with, import before they run. */
function packagesOf(program: Program): string[] {
  const imported = [...readBy(program).values()].flatMap(importsOf);
  return [...new Set(imported.filter((from) => !from.startsWith('.') && !isBuiltin(from)))].sort();
}

/** The text of its file, and of each part that it begins with. */
function readBy(program: Program): Map<string, string> {
  const texts = new Map<string, string>();
  const waiting = [programFile(program)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (texts.has(file)) continue;
    const [text, folder] = [readFileSync(file, 'utf8'), dirname(file)];
    texts.set(file, text);
    const parts = importsOf(text).filter((from) => from.startsWith('.'));
    waiting.push(...parts.map((from) => join(folder, from)));
  }
  return texts;
}

function importsOf(text: string): string[] {
  return [...text.matchAll(/^(?:import |\} from )(?:.* from )?"([^"]+)";$/gm)].map(([, from = '']) => from);
}
