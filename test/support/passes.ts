import { inTransaction } from '#models/transaction.js';
import { makePass } from '#server/identity/make-pass.js';
import type { Browser, Page } from './browser.js';
import { contextIn } from './links.js';
import type { Portal } from './portal.js';
import { userCalled } from './users.js';

export const PASS = '/login/pass';
export const PASS_SETUP = '/login/pass/setup';

/** The pass that a page shows. */
export function passOn(page: Page): string {
  return (page.document.querySelector('[data-secret=access-pass]')?.text ?? '').trim();
}

/** A pass for `acme/uma`, as the command line makes one. */
export async function passFor(portal: Portal, who: string, minutes = 60): Promise<string> {
  const context = await contextIn(portal, who.split('/')[0] ?? '');
  const user = await userCalled(portal, who);
  return inTransaction(() => makePass(context, user, { minutes, reason: 'Lost the phone', by: 'the command line' }));
}

/** Enters a pass on its page. */
export function enterPass(browser: Browser, who: string, pass: string): Promise<Page> {
  const [organization = '', username = ''] = who.split('/');
  return browser.submit(PASS, PASS, { organization, username, pass });
}
