import assert from 'node:assert/strict';
import { Tenant } from '#models/tenant.js';
import type { Browser, Fields, Page } from './browser.js';
import { PASSWORD } from './portal.js';

const REMOVAL = '/account/removal';
export const WITHDRAWAL = '/account/removal/withdrawal';

/** Lets Acme give so many days of grace. */
export async function giveGrace(days: number): Promise<void> {
  await Tenant.update({ accountRemovalDays: days }, { where: { slug: 'acme' } });
}

/** Asks for the removal of the account that is signed in here, with ten days of grace unless it is said otherwise. */
export async function leave(browser: Browser, username: string, fields: Fields = {}): Promise<Page> {
  await giveGrace(10);
  const answer = await browser.submit(REMOVAL, REMOVAL, { username, password: PASSWORD, ...fields });
  assert.equal(answer.status, 303, answer.alert);
  return answer;
}

/** Presses the button that keeps the account which has just signed in. */
export async function stay(browser: Browser): Promise<Page> {
  const answer = await browser.submit('/security', WITHDRAWAL);
  assert.equal(answer.status, 303, answer.alert);
  return answer;
}
