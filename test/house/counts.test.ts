import assert from 'node:assert/strict';
import { counted } from '#policies/counted.js';
import { sources } from './sources.js';

/** What is counted in words of ours: a number before one of these may be one. */
const COUNTABLE = [
  ...[
    'account',
    'address(?:e)?',
    'approval',
    'backup',
    'bit',
    'browser',
    'byte',
    'change',
    'character',
    'code',
    'credential',
  ],
  ...['day', 'entrie', 'event', 'failure', 'field', 'file', 'hour', 'id', 'job', 'key', 'kind', 'line', 'link', 'mail'],
  ...['member', 'migration', 'minute', 'month', 'name', 'operator', 'organisation', 'owner', 'passkey', 'permission'],
  ...['range', 'request', 'role', 'row', 'second', 'session', 'sign-in', 'table', 'time', 'token', 'trie', 'user'],
  ...['version', 'week', 'year'],
].join('|');
const NOUN = String.raw`(?:[a-z-]+ )?(?:(?:${COUNTABLE})s|people)\b`;

/** A number in a text, before a word for several of something. */
const IN_CODE = new RegExp(String.raw`\$\{([^{}]+)\} ${NOUN}`, 'g');
const IN_VIEWS = new RegExp(String.raw`<%=([^%]+)%> ?${NOUN}`, 'g');
const IN_MAILS = new RegExp(String.raw`\{\{(?!organisation)(\w+)\}\}(?:</\w+>)? ${NOUN}`, 'g');

/** Of these there are never less than two, or what stands before is no number. */
const ASSURED: readonly string[] = [
  'policies/password.ts: ${least} characters',
  'server/cli/checks-database.ts: ${organizations} organisations',
  'server/cli/checks.ts: ${new URL(smtpUrl).host} takes mails',
  'server/features/api-docs/examples.ts: ${schema.enum.length} names',
  'server/features/credentials/list.ts: ${tenant.id} credentials',
  'server/features/roles/remove.ts: ${length} users',
  'server/features/security-log/list-pages.ts: ${people.length} people',
  'server/features/security-policy/change.ts: ${sessionMaxHours * 60} minutes',
  'server/features/user-jobs/import-lines.ts: ${max} characters',
  'server/input/text.ts: ${max} characters',
  'server/lib/ssh-public-key.ts: ${bits} bits',
];
const ASSURED_VIEWS: readonly string[] = [
  'views/dashboard/index.ejs: <%= page.days %> days',
  'views/security-policy/presets.ejs: <%= preset.minLength %> characters',
  'views/sessions/index.ejs: <%= page.sessions.length %> sessions',
  'views/ssh-keys/index.ejs: <%= key.bits %> bits',
];

describe('What is counted is said in words that agree with the number', () => {
  it('one of something, and several', () => {
    const said = [counted(0, 'row'), counted(1, 'row'), counted(2, 'row'), counted(1, 'entry', 'entries')];
    assert.deepEqual(said, ['0 rows', '1 row', '2 rows', '1 entry']);
  });

  it('wherever the server says it: nothing is put before a plural that may be one', () => {
    assert.deepEqual(hits(['server', 'policies', 'models'], '.ts', IN_CODE), [...ASSURED].sort());
  });

  it('on pages and in mails', () => {
    assert.deepEqual(hits(['views'], '.ejs', IN_VIEWS), [...ASSURED_VIEWS].sort());
    for (const ending of ['.txt', '.html']) assert.deepEqual(hits(['views/mail'], ending, IN_MAILS), []);
  });
});

/** Where the pattern stands, but for what is a constant, or stands beside what is said of one. */
function hits(folders: readonly string[], ending: string, pattern: RegExp): string[] {
  const found = sources(folders, ending).flatMap(({ path, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, at) => {
      const near = lines.slice(Math.max(0, at - 2), at + 1).join('\n');
      return [...line.matchAll(pattern)]
        .filter(([, what = '']) => !/^\s*[A-Z][A-Z_]+\s*$/.test(what) && !/=== 1\b/.test(near))
        .map(([hit]) => `${path}: ${hit}`);
    });
  });
  return [...new Set(found)].sort();
}
