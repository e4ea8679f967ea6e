import assert from 'node:assert/strict';
import { importsOf, sources, type Source } from './sources.js';

/** The edges there are between feature folders, each with what one asks of the other. A new one is a decision. */
const EDGES: Readonly<Record<string, string>> = {
  'challenges -> remembered-browsers': 'a code that was right may be remembered',
  'challenges -> sign-in': 'a challenge that is passed completes the sign-in',
  'challenges -> two-factor': 'a sign-in may have to pass the set-up',
  'credentials -> api-credentials': 'an admin sees what an owner sees',
  'disavowal -> activity': 'what is disavowed stands in the recent activity',
  'invitations -> password': 'the form of a new password',
  'password -> security': 'a password is changed on the Security page',
  'password-reset -> password': 'the form of a new password',
  'profile -> email': 'the page has the address too, which waits to be confirmed',
  'security -> activity': 'a section of the Security page',
  'security -> api-credentials': 'a section of the Security page',
  'security -> sessions': 'a section of the Security page',
  'security-log -> security-policy': 'what changed of the policy, in its words',
  'security-policy -> api-credentials': 'a lower cap shortens tokens',
  'service-tokens -> api-credentials': 'a token like any other, for somebody else',
  'sessions -> remembered-browsers': 'a section of the page of sessions',
  'sign-in -> remembered-browsers': 'a remembered browser is not asked for a code',
  'two-factor -> sessions': 'how many sessions end with the secret, before it goes',
  'user-jobs -> users': 'what is done to many is done to each as on their own page',
  'users -> service-tokens': 'whether to offer the token form on the page of a user',
  'users -> sessions': 'a section of the page of a user',
};
const MOST_EDGES = 23;
const DEEPEST = 15;

const files = sources(['policies', 'models', 'server'], '.ts');

describe('The floor plan of the house', () => {
  const featureOf = (path: string): string | undefined => /^server\/features\/([^/]+)\//.exec(path)?.[1];
  const found = new Set(
    files.flatMap((file) =>
      importsOf(file).flatMap(({ path }) => {
        const [from, to] = [featureOf(file.path), path === null ? undefined : featureOf(path)];
        return from && to && from !== to ? [`${from} -> ${to}`] : [];
      }),
    ),
  );

  it('has the edges between features that are written down, and no more', () => {
    assert.deepEqual([...found].sort(), Object.keys(EDGES).sort());
    assert.ok(found.size <= MOST_EDGES);
  });

  it('has no circle of folders among its features', () => {
    const next = (name: string): string[] =>
      [...found].filter((edge) => edge.startsWith(`${name} -> `)).map((edge) => edge.split(' -> ')[1] ?? '');
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      next(from).some((one) => one === to || (!seen.has(one) && reaches(one, to, seen.add(one))));
    assert.deepEqual(
      [...new Set([...found].map((edge) => edge.split(' -> ')[0] ?? ''))].filter((name) => reaches(name, name)),
      [],
    );
  });

  it('is at most fifteen files deep', () => {
    const chain = deepestFrom('server/main.ts');
    assert.ok(chain.length <= DEEPEST, chain.join('\n'));
  });

  it('hands nothing on: what a file exports, it defines', () => {
    assert.deepEqual(
      files.filter(({ text }) => /^export (type )?(\{[^}]*\}|\*( as \w+)?) from /m.test(text)).map(({ path }) => path),
      [],
    );
  });
});

function deepestFrom(start: string): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const known = new Map<string, string[]>();
  const walk = (file: Source, above: ReadonlySet<string>): string[] => {
    const there = known.get(file.path);
    if (there) return there;
    let longest: string[] = [];
    for (const path of valueImportsOf(file)) {
      const next = byPath.get(path);
      if (!next || above.has(path)) continue;
      const chain = walk(next, new Set([...above, path]));
      if (chain.length > longest.length) longest = chain;
    }
    const chain = [file.path, ...longest];
    known.set(file.path, chain);
    return chain;
  };
  const first = byPath.get(start);
  assert.ok(first);
  return walk(first, new Set([start]));
}

// Types are gone when it runs.
function valueImportsOf(file: Source): string[] {
  const types = new Set([...file.text.matchAll(/^import type [^;]*? from '([^']+)';/gm)].map(([, name]) => name));
  return importsOf(file).flatMap(({ path, name }) => (path === null || types.has(name) ? [] : [path]));
}
