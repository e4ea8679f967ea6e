import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { columnNames, tableNames } from '#models/tables.js';
import { openApiDocument } from '#server/api/openapi.js';
import { apiRoutes } from '#server/features/api.js';
import { routes } from '#server/features/index.js';
import { menu } from '#server/features/menu.js';
import type { Route } from '#server/http/route.js';
import { readReference, type ApiDocument } from '#server/features/api-docs/reference.js';
import { detailsInWords, fieldsNamed } from '#server/features/security-log/words.js';
import { typedValues } from '#server/http/form.js';
import { SEALED } from '#server/keys/sealed.js';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { startPortal, type Portal } from '../support/portal.js';
import { sources, type Source } from './sources.js';

/** Tables with rows that end, and that keep them: each with the reason. */
const KEPT: Readonly<Record<string, string>> = {
  api_credential_secrets: 'go with the credential that they are of',
  leases: 'one row for each job, taken again and again',
  recovery_codes: 'one that was used or replaced is known for it when it is tried again',
  setup_codes: 'there is only ever one row',
  ssh_keys: 'their owner sees what has run out, and removes it',
};

/** Nouns whose tests have the names of what they are made of. */
const TESTED_AS: Readonly<Record<string, string[]>> = {
  'api-credentials': ['api-tokens', 'api-key', 'api-password'],
  operators: ['operator'],
  'service-tokens': ['api-tokens-making'],
};

function document(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8');
}

describe('Whoever adds a noun is told what they forgot', () => {
  const server = sources(['server'], '.ts');
  const views = sources(['views'], '.ejs');

  it('a label for every detail that the log is given: server/features/security-log/words.ts', () => {
    const known = new Set(fieldsNamed(''));
    const given = new Set(server.filter(({ text }) => /\bdetails\b|\btell\(/.test(text)).flatMap(detailsIn));
    assert.ok(given.has('reason'), 'The details are found.');
    assert.deepEqual([...given].filter((field) => !known.has(field)).sort(), []);
    assert.equal(detailsInWords('{"reason":"x"}')[0]?.label, 'Reason');
  });

  it('every icon in the sprite: .ci/assets/icons.ts', () => {
    const sprite = readFileSync(join(PROJECT_ROOT, 'public/img/icons.svg'), 'utf8');
    const used = [...views, ...server].flatMap(({ text }) =>
      [...text.matchAll(/\bicon: ([^,}\n]+)/g)].flatMap(([, value = '']) =>
        [...value.matchAll(/'([a-z0-9-]+)'/g)].map(([, name = '']) => name),
      ),
    );
    assert.ok(used.includes('shield-lock'), 'The icons are found.');
    assert.deepEqual(
      [...new Set(used)].filter((name) => !sprite.includes(`<symbol id="${name}"`)),
      [],
    );
  });

  it('an example of every text of the API: server/features/api-docs/examples.ts', () => {
    const described = openApiDocument(apiRoutes, 'https://portal.example', '1') as unknown as ApiDocument;
    const bare = readReference(described).flatMap(({ calls }) =>
      calls.flatMap(({ method, path, answer, curl }) =>
        [...`${answer ?? ''}\n${curl}`.matchAll(/"(\w+)": ?"text"/g)].map(
          ([, name = '']) => `${method} ${path}: ${name}`,
        ),
      ),
    );
    assert.deepEqual(bare, []);
  });

  it('never to show again a secret that was typed: SECRET_FIELDS in server/http/form.ts', () => {
    const typed = [
      ...views.flatMap(({ text }) => [...text.matchAll(/'\/elements\/password-field', \{ name: '(\w+)'/g)]),
      ...views.flatMap(({ text }) => [...text.matchAll(/name: '(\w+)'[^}]*autocomplete: 'one-time-code'/g)]),
      ...server.flatMap(({ text }) => [...text.matchAll(/\b(\w+): (?:secret|code)\(/g)]),
    ].map(([, name = '']) => name);
    assert.ok(typed.includes('newPassword') && typed.includes('code'), 'The secrets are found.');
    assert.deepEqual(Object.keys(typedValues(Object.fromEntries(typed.map((name) => [name, 'x'])))), []);
  });

  it('the way to every page: server/features/menu.ts, or a link on another page', () => {
    // What is asked before something is destroyed has its link held by a test of its own.
    const isQuestion = (path: string): boolean => path.endsWith('/removal');
    const pages = routes.filter(
      ({ method, path, access }) =>
        method === 'get' && access.who !== 'anyone' && !path.includes(':') && !isQuestion(path),
    );
    const linking = [...views, ...server].filter(({ path }) => !/\/(routes|menu)\.ts$/.test(path));
    const isLinked = (to: string): boolean => linking.some(({ text }) => new RegExp(`['"\`]${to}['"\`?#]`).test(text));
    const isDesk = ({ path }: Route): boolean => /^\/(admin|platform)(\/[a-z-]+)?$/.test(path);
    const entries = new Map(menu.map(({ href, permission }) => [href, permission]));
    assert.ok(pages.some(isDesk), 'The pages are found.');
    assert.deepEqual(
      pages.filter((page) => !entries.has(page.path) && (isDesk(page) || !isLinked(page.path))).map(({ path }) => path),
      [],
    );
    const wrong = menu.filter(({ href, permission }) => {
      const access = pages.find(({ path }) => path === href)?.access;
      return !access || permission !== (access.who === 'permitted' ? access.permission : null);
    });
    assert.deepEqual(wrong, [], 'An entry is seen by whoever may open its page.');
  });

  it('a test of its own, by its name: test/features/NOUN.test.ts, or one in test/api or test/cli', () => {
    const tests = ['features', 'api', 'cli'].flatMap((folder) => readdirSync(join(PROJECT_ROOT, 'test', folder)));
    const names = (noun: string): string[] => TESTED_AS[noun] ?? [noun];
    const isTested = (noun: string): boolean =>
      names(noun).every((name) => tests.some((file) => file === `${name}.test.ts` || file.startsWith(`${name}-`)));
    const nouns = readdirSync(join(PROJECT_ROOT, 'server/features')).filter((name) => !name.endsWith('.ts'));
    assert.deepEqual(
      nouns.filter((noun) => !isTested(noun)),
      [],
    );
    assert.deepEqual(
      Object.keys(TESTED_AS).filter((noun) => !nouns.includes(noun)),
      [],
    );
  });

  it('its calls: the table in docs/api.md', () => {
    const called = new Map<string, string[]>();
    for (const { method, path } of apiRoutes) called.set(path, [...(called.get(path) ?? []), method.toUpperCase()]);
    const [, table = ''] = /^## What there is$([\s\S]*?)(?=^## )/m.exec(document('docs/api.md')) ?? [];
    const written = [...table.matchAll(/^\| `(\S+)` \| ([A-Z, ]+) \|/gm)].map(
      ([, path, methods]) => `${path} ${methods}`,
    );
    assert.deepEqual(
      written.sort(),
      [...called].map(([path, methods]) => `${path} ${methods.sort().join(', ')}`).sort(),
    );
  });

  it('its commands: docs/command-line.md', () => {
    const commands = server
      .filter(({ path }) => path.startsWith('server/cli/'))
      .flatMap(({ text }) => [...text.matchAll(/\.command\('([a-z-]+)/g)].map(([, name = '']) => name));
    const text = document('docs/command-line.md');
    assert.ok(commands.includes('doctor'), 'The commands are found.');
    assert.deepEqual(
      [...new Set(commands)].filter((name) => !new RegExp(`\\b${name}\\b`).test(text)),
      [],
    );
  });

  it('its page of the documentation: the list in README.md', () => {
    const readme = document('README.md');
    const pages = readdirSync(join(PROJECT_ROOT, 'docs')).filter((name) => name.endsWith('.md'));
    assert.deepEqual(
      pages.filter((name) => !readme.includes(`(docs/${name})`)),
      [],
    );
  });

  describe('what ends, goes one day', () => {
    let portal: Portal;
    before(async () => {
      portal = await startPortal({ demo: false });
    });
    after(() => portal.close());

    it('from every table whose rows end: server/jobs/purge.ts', async () => {
      const { text = '' } = server.find(({ path }) => path === 'server/jobs/purge.ts') ?? {};
      const purged = [...text.matchAll(/table: '(\w+)'/g)].map(([, table = '']) => table);
      const ending: string[] = [];
      for (const table of await tableNames(portal.database)) {
        const columns = await columnNames(portal.database, table);
        if (columns.some((column) => ENDS.has(column))) ending.push(table);
      }
      assert.ok(ending.includes('sessions'), 'The tables are found.');
      assert.deepEqual(ending.filter((table) => !purged.includes(table)).sort(), Object.keys(KEPT).sort());
    });

    it('and what is sealed is sealed anew when a key is retired: server/keys/sealed.ts', async () => {
      const sealed: string[] = [];
      for (const table of await tableNames(portal.database))
        for (const column of await columnNames(portal.database, table))
          if (column.startsWith('sealed_') && table !== BRIEF) sealed.push(`${table}.${column}`);
      assert.deepEqual(sealed.sort(), SEALED.map(({ table, column }) => `${table}.${column}`).sort());
    });
  });
});

/** Found by a hash of the key that sealed it, and for ten minutes only: after a rotation nobody asks for it. */
const BRIEF = 'answered_forms';

const ENDS: ReadonlySet<string> = new Set([
  'ended_at',
  'expires_at',
  'used_at',
  'revoked_at',
  'replaced_at',
  'dies_at',
  'sent_at',
]);

/** The names in every object that is written as `details` somewhere in a file, conditional parts included. */
function detailsIn({ path, text }: Source): string[] {
  const found: string[] = [];
  const named = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node))
      for (const one of node.properties) {
        if (ts.isSpreadAssignment(one)) named(one.expression);
        else if (one.name && ts.isIdentifier(one.name)) found.push(one.name.text);
      }
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(named);
    else if (ts.isParenthesizedExpression(node)) named(node.expression);
  };
  const walk = (node: ts.Node): void => {
    const names =
      (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && node.name.getText() === 'details';
    if (names && node.initializer) named(node.initializer);
    // A feature of which all happenings are told in one way.
    if (ts.isCallExpression(node) && node.expression.getText() === 'tell') node.arguments.slice(2).forEach(named);
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true));
  return found;
}
