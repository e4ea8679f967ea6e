import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

// What whoever changes something asks again and again: types, lint, format, the laws of the house, and the tests near the
// change. `npm test` and `.ci/run` have the rest.

/** The laws that are read off the sources, which no portal has to be started for. */
const LAWS = ['assets', 'files', 'floor-plan', 'imports', 'unused', 'writes'].map((law) => `test/house/${law}.test.ts`);
/** Folders whose files are named after the noun that they are about. */
const NAMED_BY_FILE =
  /^(?:models|policies|server\/(?:api|cli|http|identity|jobs|lib|mail|trace|input)|views\/elements|test\/support)\/(?:.*\/)?([\w-]+)\.\w+$/;
const NAMED_BY_FOLDER = /^(?:server\/features|views)\/([\w-]+)\//;
const MOST_NEAR = 12;

const changed = changedFiles();
const near = testsNear(changed);
console.log(`${changed.length} changed files, ${near.length} test files near them.`);

const node = (...args: string[]): [string, string[]] => [process.execPath, args];
const sources = changed.filter((file) => existsSync(file));
const linted = sources.filter((file) => /\.(ts|js|cjs|mjs)$/.test(file));
const steps: Record<string, [string, string[]]> = {
  types: node(
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.json',
    '--incremental',
    '--tsBuildInfoFile',
    cached('types'),
  ),
  ...(linted.length > 0 && { lint: node('node_modules/eslint/bin/eslint.js', '--no-warn-ignored', ...linted) }),
  ...(sources.length > 0 && {
    format: node('node_modules/prettier/bin/prettier.cjs', '--check', '--ignore-unknown', ...sources),
  }),
  tests: node('node_modules/mocha/bin/mocha.js', '--config', '.mocharc.all.cjs', ...new Set([...LAWS, ...near])),
};

const failed: string[] = [];
await Promise.all(Object.entries(steps).map(([name, [program, args]]) => run(name, program, args)));
console.log(failed.length > 0 ? `FAILED: ${failed.join(' ')}` : 'All of it holds.');
process.exitCode = failed.length > 0 ? 1 : 0;

async function run(name: string, program: string, args: string[]): Promise<void> {
  const child = spawn(program, args);
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) failed.push(name);
  // Of mocha only what it says of the failures.
  const words = (await said).join('').replace(/^[\s\S]*?(?=^ +\d+ passing)/m, '');
  console.log(code === 0 ? `${name}: right` : `${name}: wrong\n${words}`);
}

function cached(name: string): string {
  return `node_modules/.cache/gatehouse/${name}`;
}

/** What is not committed yet, or what the last commit changed. */
function changedFiles(): string[] {
  const git = (...args: string[]): string[] =>
    execFileSync('git', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
  const open = [...git('diff', '--name-only', 'HEAD'), ...git('ls-files', '--others', '--exclude-standard')];
  return open.length > 0 ? open : git('diff', '--name-only', 'HEAD~1', 'HEAD');
}

/** Test files that were changed, and those whose name begins with a noun that was. */
function testsNear(files: readonly string[]): string[] {
  const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((file) => `test/${file}`)
    .filter((file) => file.endsWith('.test.ts') && !/^test\/(browser|integration|house)\//.test(file));
  const nouns = new Set(
    files
      .map((file) => (NAMED_BY_FOLDER.exec(file) ?? NAMED_BY_FILE.exec(file))?.[1])
      .filter((noun) => noun !== undefined),
  );
  const about = (test: string): boolean => {
    const name = test.split('/').at(-1) ?? '';
    return [...nouns].some((noun) => name.startsWith(`${noun}.`) || name.startsWith(`${noun}-`));
  };
  const own = files.filter((file) => tests.includes(file));
  const rest = tests.filter((test) => !own.includes(test) && about(test));
  if (rest.length > MOST_NEAR) console.log(`Not run, as there are too many: ${rest.slice(MOST_NEAR).join(' ')}`);
  return [...own, ...rest.slice(0, MOST_NEAR)];
}
