import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import type { Actor } from '#policies/actor.js';
import type { Permission } from '#policies/permissions.js';
import { grantsOf, isTopRole, type FactoryRoleKey } from '#policies/roles.js';
import { DEMO_CAST } from '#models/seeds/demo.js';
import type { Browser } from '../support/browser.js';
import { clearCounters, keepRows } from '../support/database.js';
import { Phone } from '../support/phone.js';
import { PASSWORD, type Portal } from '../support/portal.js';

/** Somebody at a browser, as the table of routes sees them. */
export interface Caller {
  name: string;
  /** Whose rows are theirs; for a visitor, somebody who has some. */
  who: string;
  browser: Browser;
  /** `whole` is signed in, `half` has yet to give a code, `limited` must change the password first. */
  state: 'visitor' | 'half' | 'limited' | 'whole';
  may(permission: Permission): boolean;
  /** A good `_csrf` for what they send. */
  csrf: string;
}

const WHOLE = ['acme/olivia', 'acme/adam', 'acme/audrey', 'acme/uma', 'globex/gary', 'platform/opal'];
const LIMITED = 'acme/umar';
const HALF = 'globex/gina';

/** Every kind of caller there is. */
export async function everyCaller(portal: Portal): Promise<Caller[]> {
  const visitor = await asCaller('a visitor', LIMITED, 'visitor', portal.browser(), '/login');
  const half = await asCaller(`${HALF}, half signed in`, HALF, 'half', await halfSignedIn(portal), '/login/two-factor');
  const limitedBrowser = await portal.signedIn(LIMITED);
  await User.update({ mustChangePassword: true }, { where: { id: portal.idOf(LIMITED) } });
  const limited = await asCaller(`${LIMITED}, in limited mode`, LIMITED, 'limited', limitedBrowser, '/login/password');
  const whole: Caller[] = [];
  for (const who of WHOLE) whole.push(await wholeCaller(portal, who));
  return [visitor, half, limited, ...whole];
}

/** A member of the cast who is signed in, with a browser of their own. */
export async function wholeCaller(portal: Portal, who: string): Promise<Caller> {
  return {
    ...(await asCaller(who, who, 'whole', await portal.signedIn(who), '/security')),
    may: (permission) => can(actorOf(who), permission),
  };
}

async function asCaller(
  name: string,
  who: string,
  state: Caller['state'],
  browser: Browser,
  page: string,
): Promise<Caller> {
  return { name, who, state, browser, may: () => false, csrf: await browser.csrf(page) };
}

async function halfSignedIn(portal: Portal): Promise<Browser> {
  const browser = await portal.signedIn(HALF);
  await browser.submit('/security/two-factor', '/security/two-factor/setup');
  const phone = new Phone(portal.clock).scan(await browser.get('/security/two-factor'));
  await browser.submit('/security/two-factor', '/security/two-factor/confirmation', { code: phone.code() });
  const again = portal.browser();
  const answer = await again.tryToSignIn(HALF, PASSWORD);
  if (answer.location !== '/login/two-factor') throw new Error(`${HALF} was not asked for a code: ${answer.location}`);
  return again;
}

function actorOf(who: string): Actor {
  const member = DEMO_CAST.find(({ organization, username }) => `${organization}/${username}` === who);
  if (!member) throw new Error(`${who} is not in the cast.`);
  const platform = member.organization === 'platform';
  const key: FactoryRoleKey = member.role;
  return {
    kind: 'user',
    id: who,
    tenantId: member.organization,
    platform,
    permissions: new Set(grantsOf({ key, permissions: '[]' })),
    top: isTopRole(key),
  };
}

/** Gives what makes everybody again what they are now: rows, sessions, cookies, counters. */
export async function keepAll(portal: Portal, callers: readonly Caller[]): Promise<() => Promise<void>> {
  const putRowsBack = await keepRows(portal.database, {
    tenants: 'id',
    security_policies: 'tenant_id',
    users: 'id',
    sessions: 'id',
    challenges: 'id',
  });
  const jars = callers.map(({ browser }) => ({ browser, cookies: [...browser.cookies] }));
  return async () => {
    await putRowsBack();
    await clearCounters(portal.database);
    for (const { browser, cookies } of jars) {
      browser.cookies.clear();
      for (const [name, value] of cookies) browser.cookies.set(name, value);
    }
  };
}
