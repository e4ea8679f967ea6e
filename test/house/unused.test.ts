import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PERMISSIONS } from '#policies/permissions.js';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { exportsOf, importsOf, namesTakenFrom, sources } from './sources.js';

/** Taken by tests alone, each for a reason. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  'models/migrations/index.ts revertAll': 'every migration can be taken back, and that is tried',
  'policies/password.ts normalisePassword': 'what is kept of a password is the same however it is typed',
  'server/cli/print-file.ts wholeOf': 'what breaks off is read without a terminal',
  'server/features/users/first.ts firstByBeginnings': 'what it finds is compared for as few as two',
  'server/http/view-checks.ts parametersOf': 'what elements take is compared with what they are given',
  'server/identity/no-access.ts NO_ACCESS': 'the tables that refer to users are compared with it',
  'server/keys/sealed.ts SEALED': 'the columns that are sealed are compared with it',
  'server/lib/api-secret.ts API_SECRET_PATTERN': 'what scanners of secrets are told is what is made',
  'server/lib/recovery-code.ts RECOVERY_CODES': 'how many there are is promised',
  'server/lib/totp.ts totpCode': 'the codes are those of the standard',
  'server/mail/delivery.ts MOST_TRIES': 'a mail is given up after that many tries',
};

describe('Nothing is kept that nothing uses', () => {
  const code = sources(['policies', 'models', 'server'], '.ts');
  const tools = [...sources(['.ci', 'bench'], '.ts'), ...sources(['docs'], '.mjs'), ...sources(['docs'], '.ts')];
  const tests = sources(['test'], '.ts');
  const manifest = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
    scripts: Record<string, string>;
  };

  it('Every permission guards a route or a call, or is asked in an action', () => {
    const guarding = new Set<string>([
      ...routes.map(({ access }) => (access.who === 'permitted' ? access.permission : '')),
      ...apiRoutes.map(({ access }) => (access.who === 'permitted' ? access.permission : '')),
    ]);
    const doors = /(^|[/-])(pages|page|api|routes|input|menu)\.ts$/;
    const asking = code.filter(({ path }) => path.startsWith('server/') && !doors.test(path));
    const idle = PERMISSIONS.filter(
      ({ name }) => !guarding.has(name) && !asking.some(({ text }) => text.includes(`'${name}'`)),
    );
    assert.deepEqual(idle, []);
  });

  it('Every package is imported somewhere, and those of the portal by the portal', () => {
    const named = (files: typeof code): Set<string> =>
      new Set(files.flatMap((file) => [...importsOf(file).map(({ name }) => name), ...resolvedBy(file.text)]));
    const idle = (packages: Record<string, string>, names: ReadonlySet<string>): string[] =>
      Object.keys(packages).filter((one) => ![...names].some((name) => name === one || name.startsWith(`${one}/`)));
    const ofCode = named(code);
    assert.deepEqual(idle(manifest.dependencies, ofCode), []);

    const settings = ['eslint.config.js', '.mocharc.json', '.ci/assets/passkey.js'].map((path) => ({
      path,
      text: readFileSync(join(PROJECT_ROOT, path), 'utf8'),
    }));
    const all = new Set([...ofCode, ...named([...tools, ...tests, ...settings])]);
    const words = [
      ...Object.values(manifest.scripts),
      ...settings.map(({ text }) => text),
      readFileSync(join(PROJECT_ROOT, '.ci/run'), 'utf8'),
    ].join(' ');
    const unused = idle(manifest.devDependencies, all).filter((name) => {
      const typed = /^@types\/(.+)$/.exec(name)?.[1];
      if (typed !== undefined) return !all.has(typed) && !GLOBAL.has(typed);
      return !new RegExp(`(^|[ =/'"])${COMMANDS[name] ?? name}\\b`).test(words);
    });
    assert.deepEqual(unused, []);
  });

  it('Every export is taken by another file', () => {
    const taken = namesTakenFrom([...code, ...tools]);
    const byTests = namesTakenFrom(tests);
    const idle = code.flatMap((file) =>
      exportsOf(file)
        .filter(({ name }) => !(taken.get(file.path)?.has(name) ?? false))
        .filter(
          ({ name, type }) => !type || !(byTests.get(file.path)?.has(name) === true || isNamedBeside(file.text, name)),
        )
        .map(({ name }) => `${file.path} ${name}`),
    );
    assert.deepEqual(idle.sort(), Object.keys(FOR_TESTS).sort());
    for (const one of Object.keys(FOR_TESTS)) {
      const [path = '', name = ''] = one.split(' ');
      assert.ok(byTests.get(path)?.has(name), `${one}: not even by a test`);
    }
  });
});

/** What a package of that name is called on the command line. */
const COMMANDS: Readonly<Record<string, string>> = { typescript: 'tsc' };

/** Types that are there without an import: tsconfig.json names them. */
const GLOBAL: ReadonlySet<string> = new Set(['node', 'mocha']);

// A type without which what its file exports could not be said.
function isNamedBeside(text: string, name: string): boolean {
  return (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;
}

function resolvedBy(text: string): string[] {
  return [...text.matchAll(/resolve\([`']([^`'$]+)/g)].map(([, name = '']) => name);
}
