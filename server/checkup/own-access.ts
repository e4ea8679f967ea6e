import type { UserContext } from '#server/context.js';
import { clientLine, type ClientDescription } from '#server/lib/client.js';
import type { Found, Subject } from './finding.js';
import type { Facts } from './rows.js';

const NEW_SESSIONS = '/security/sessions?show=new';

/** Browsers that are new to the account. */
export function sessions(_context: UserContext, facts: Facts): Found | undefined {
  const unknown = facts.of('session');
  if (unknown.length === 0) return undefined;
  return {
    item: 'unknown-session',
    urgency: 'todo',
    heading:
      unknown.length === 1
        ? 'A browser that is new to your account is signed in'
        : `${unknown.length} browsers that are new to your account are signed in`,
    text: 'If that was not you, end the session and change your password.',
    count: unknown.length,
    newestAt: Math.max(...unknown.map(({ number }) => number)),
    who: unknown.map(({ name }) => ({
      name: clientLine(JSON.parse(name) as ClientDescription | null),
      href: NEW_SESSIONS,
    })),
    step: { label: unknown.length === 1 ? 'Look at it' : 'Look at them', href: NEW_SESSIONS },
  };
}

/** Credentials that end soon. */
export function ending(_context: UserContext, facts: Facts): Found | undefined {
  const rows = facts.of('ending');
  if (rows.length === 0) return undefined;
  return {
    item: 'ending-token',
    urgency: 'todo',
    heading:
      rows.length === 1 ? 'An API credential ends within 14 days' : `${rows.length} API credentials end within 14 days`,
    text: 'What calls with them will be refused from then on.',
    count: rows.length,
    who: rows.map(subjectOf),
    step: stepFor('ending', rows.map(subjectOf), 'Renew it', 'Renew them'),
  };
}

/** Credentials that nothing has used for long. */
export function unused(_context: UserContext, facts: Facts): Found | undefined {
  const rows = facts.of('unused');
  if (rows.length === 0) return undefined;
  return {
    item: 'unused-token',
    urgency: 'todo',
    heading:
      rows.length === 1
        ? 'An API credential has not been used for 90 days'
        : `${rows.length} API credentials have not been used for 90 days`,
    text: 'What nothing needs can only be stolen.',
    count: rows.length,
    who: rows.map(subjectOf),
    step: stepFor('unused', rows.map(subjectOf), 'Revoke it, if nothing needs it', 'Revoke what nothing needs'),
  };
}

const PAGES: Readonly<Record<string, string>> = { key: '/security/api-key', password: '/security/api-password' };
const NAMES: Readonly<Record<string, string>> = { key: 'API key', password: 'API password' };

/** A credential by its name and its own page; `id` is its kind and its id. */
function subjectOf({ id, name }: { id: string; name: string }) {
  const [kind = '', token = ''] = id.split(' ');
  return { name: NAMES[kind] ?? name, href: PAGES[kind] ?? `/security/tokens/${token}` };
}

/** One is looked at on its own page, several in the list of exactly these. */
function stepFor(show: 'unused' | 'ending', who: readonly Subject[], one: string, several: string): Found['step'] {
  const [first] = who;
  return who.length === 1 && first
    ? { label: one, href: first.href }
    : { label: several, href: `/security/tokens?show=${show}` };
}
