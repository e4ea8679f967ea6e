import assert from 'node:assert/strict';
import { importsOf, sources } from './sources.js';

/** Which feature may lean on which, and why. What two of them share belongs to `server/identity`, and not to either. */
const EDGES: Readonly<Record<string, string>> = {
  'challenges -> remembered-browsers': 'the step that asks for a code offers to remember the browser',
  'challenges -> sign-in': 'the second step ends where the first would have',
  'challenges -> two-factor': 'who must set up a factor does so on the way in, with the same pages',
  'credentials -> api-credentials': 'the administrator’s list shows each as its owner’s list does',
  'dashboard -> users': 'it counts as the list of users does, which it links to',
  'disavowal -> activity': 'what is disavowed is an entry of the activity',
  'invitations -> password': 'a first password is chosen with the fields of any other',
  'password -> security': 'a form that was wrong is shown again on the Security page, where it stands',
  'password-reset -> password': 'a new password is chosen with the fields of any other',
  'profile -> email': 'the form of the profile takes a new address as well',
  'security -> activity': 'the Security page shows the newest entries',
  'security -> api-credentials': 'the Security page counts what is there',
  'security -> sessions': 'the Security page shows the newest sessions',
  'security-log -> security-policy': 'an entry calls a setting what its form calls it',
  'security-policy -> api-credentials': 'a lower cap shortens the tokens that are beyond it',
  'service-tokens -> api-credentials': 'a token is made, and shown once, in the same way for a service account',
  'sessions -> remembered-browsers': 'ending all sessions forgets the browsers too, in one list',
  'sign-in -> remembered-browsers': 'a browser that is remembered is not asked for a code',
  'users -> service-tokens': 'the page of a service account says whether tokens can be made for it',
  'users -> sessions': 'an administrator sees and ends sessions as their owner does',
};

const files = sources(['policies', 'models', 'server'], '.ts');

const edges = new Set(
  files.flatMap((file) =>
    importsOf(file)
      .map(({ path }) => ({ from: featureOf(file.path), to: path === null ? undefined : featureOf(path) }))
      .filter(({ from, to }) => from !== undefined && to !== undefined && from !== to)
      .map(({ from, to }) => `${from ?? ''} -> ${to ?? ''}`),
  ),
);

describe('The rooms of the features stand beside each other', () => {
  it('and lean on each other only where the list says so, with the reason', () => {
    assert.deepEqual([...edges].sort(), Object.keys(EDGES).sort());
    assert.ok(Object.keys(EDGES).length <= 23, 'What is shared by that many goes to server/identity.');
  });

  it('and never in a circle', () => {
    assert.deepEqual(circleIn(edges), []);
  });

  it('and nothing is further below the first file than fifteen', () => {
    const chain = deepest('server/main.ts');
    assert.ok(chain.length <= 15, chain.join('\n'));
  });
});

function featureOf(path: string): string | undefined {
  return /^server\/features\/([a-z-]+)\//.exec(path)?.[1];
}

/** What is left when, again and again, whatever leans on nothing that is left is taken away: only circles, and what leads to them. */
function circleIn(all: ReadonlySet<string>): string[] {
  let left = [...all];
  for (;;) {
    const leaning = new Set(left.map((edge) => edge.split(' -> ')[0]));
    const next = left.filter((edge) => leaning.has(edge.split(' -> ')[1]));
    if (next.length === left.length) return left;
    left = next;
  }
}

const below = new Map(files.map((file) => [file.path, importsOf(file).filter(({ typeOnly }) => !typeOnly)]));
const chains = new Map<string, string[]>();

/** The longest chain of imports from this file on, types alone not counted. */
function deepest(path: string): string[] {
  const known = chains.get(path);
  if (known) return known;
  chains.set(path, [path]);
  const longest = (below.get(path) ?? [])
    .map((one) => (one.path === null ? [] : deepest(one.path)))
    .reduce((most, chain) => (chain.length > most.length ? chain : most), []);
  const chain = [path, ...longest];
  chains.set(path, chain);
  return chain;
}
