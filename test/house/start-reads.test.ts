import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { programFile, type Program } from '../support/program-file.js';

// What is read at the start is waited for by whoever restarts the portal, and kept in memory by everybody.
describe('What a program reads at its start', () => {
  it('The portal reads four packages beside itself, and no driver or library that only some need', () => {
    assert.deepEqual(packagesOf('server/main.ts'), ['@node-rs/argon2', 'iconv-lite', 'pino', 'sqlite3']);
  });

  it('The command line reads what its commands are made with, and the rest when it knows which command it is', () => {
    assert.deepEqual(packagesOf('server/cli/main.ts'), ['commander']);
  });
});

/** The packages that the program, and the parts it begins with, import before they run. */
function packagesOf(program: Program): string[] {
  const found = new Set<string>();
  const waiting = [programFile(program)];
  const known = new Set(waiting);
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop())
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import |\} from )(?:.* from )?"([^"]+)";$/gm,
    )) {
      const part = join(dirname(file), from);
      if (!from.startsWith('.')) {
        if (!isBuiltin(from)) found.add(from);
      } else if (!known.has(part)) {
        known.add(part);
        waiting.push(part);
      }
    }
  return [...found].sort();
}
