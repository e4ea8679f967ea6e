import { SecurityPolicy } from '#models/security-policy.js';
import type { Browser, Page } from './browser.js';
import { Phone } from './phone.js';
import { PASSWORD, type Portal } from './portal.js';

export const STEP = 30_000;

/** Somebody who has set up two-factor authentication: their app, and the recovery codes they wrote down. */
export interface Enrolled {
  phone: Phone;
  codes: string[];
}

/** Begins the set-up in this browser, and gives the app that has scanned the QR code. */
export async function beginSetup(portal: Portal, browser: Browser): Promise<Phone> {
  const answer = await browser.submit('/security/two-factor', '/security/two-factor/setup');
  if (answer.status !== 303)
    throw new Error(`The set-up did not begin: ${answer.status} ${answer.alert || answer.text}`);
  return new Phone(portal.clock).scan(await browser.open(answer.location));
}

/** Sets up two-factor authentication for a member of the cast, from a browser that is signed out by it at the end. */
export async function enrol(portal: Portal, who: string): Promise<Enrolled> {
  const browser = await portal.signedIn(who);
  const phone = await beginSetup(portal, browser);
  const answer = await validate(browser, phone.code());
  if (answer.status !== 200) throw new Error(`${who} could not finish the set-up: ${answer.status} ${answer.alert}`);
  return { phone, codes: codesOn(answer) };
}

/** Sends the code that finishes a pending set-up. */
export function validate(browser: Browser, code: string): Promise<Page> {
  return browser.submit('/security/two-factor', '/security/two-factor/confirmation', { code });
}

/** Disables two-factor authentication, with the password and a fresh code. */
export function disable(browser: Browser, phone: Phone, password = PASSWORD): Promise<Page> {
  return browser.submit('/security/two-factor', '/security/two-factor/removal', { password, code: phone.nextCode() });
}

/** The recovery codes that a page shows. */
export function codesOn(page: Page): string[] {
  return page.document.querySelectorAll('[data-secret=recovery-codes] li').map(({ text }) => text.trim());
}

/** A browser in which the password has been given, and nothing else yet. */
export async function halfSignedIn(portal: Portal, who: string, browser = portal.browser()): Promise<Browser> {
  const answer = await browser.signIn(who, PASSWORD);
  if (!answer.location.startsWith('/login/two-factor'))
    throw new Error(`${who} was not asked for a code: ${answer.location}`);
  return browser;
}

/** Sends a code in the place where a sign-in asks for one. */
export function sendCode(browser: Browser, code: string): Promise<Page> {
  return browser.submit('/login/two-factor', '/login/two-factor', { code });
}

/** A browser in which the password and a fresh code of the app have been given. */
export async function signedInWith(
  portal: Portal,
  who: string,
  phone: Phone,
  browser = portal.browser(),
): Promise<Browser> {
  await halfSignedIn(portal, who, browser);
  const answer = await sendCode(browser, phone.nextCode());
  if (answer.status !== 303)
    throw new Error(`${who} could not sign in with a code: ${answer.status} ${answer.alert || answer.text}`);
  return browser;
}

/** True while this browser is signed in. */
export async function isSignedIn(browser: Browser): Promise<boolean> {
  return !(await browser.get('/security/sessions')).location.startsWith('/login');
}

/** Changes the security policy of an organisation as its administrators would. */
export async function setPolicy(
  portal: Portal,
  slug: string,
  values: Partial<SecurityPolicy['_attributes']>,
): Promise<void> {
  const tenantId = await tenantOf(portal, slug);
  const since =
    values.twoFactor === undefined ? {} : { twoFactorSince: values.twoFactor === 'required' ? portal.clock.now() : 0 };
  const [changed] = await SecurityPolicy.update({ ...since, ...values }, { where: { tenantId } });
  if (changed !== 1) throw new Error(`There is no organisation ${slug}.`);
}

async function tenantOf(portal: Portal, slug: string): Promise<string> {
  const rows = await portal.database.read('SELECT id FROM tenants WHERE slug = $1', [slug]);
  return String(rows[0]?.['id']);
}

/** Moves the clock to the middle of a time step, so that no test straddles two. */
export function toMidStep({ clock }: Portal): void {
  clock.move(STEP - (clock.now() % STEP) + STEP / 2);
}
