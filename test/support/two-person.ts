import { Approval } from '#models/approval.js';
import { User } from '#models/user.js';
import { Authenticator } from './authenticator.js';
import type { Browser, Fields, Page } from './browser.js';
import { addPasskey } from './passkeys.js';
import type { Portal } from './portal.js';
import { signedInWith, type Enrolled } from './second-factor.js';
import { addSomebody, pageOf } from './users.js';
import { enrol } from './second-factor.js';

export const APPROVALS = '/admin/approvals';
const REASON = 'Lost the phone';

/** Somebody who looks after others, with an app and a passkey. */
export interface Peer extends Enrolled {
  who: string;
  user: User;
  key: Authenticator;
}

/** Another administrator of `acme`, who has all that could be taken from them. */
export async function peerCalled(portal: Portal, name: string): Promise<Peer> {
  const who = `acme/${name}`;
  const user = await addSomebody(portal, who, 'admin');
  const enrolled = await enrol(portal, who);
  const key = new Authenticator();
  await addPasskey(await signedInWith(portal, who, enrolled.phone), key);
  return { who, user: await user.reload(), key, ...enrolled };
}

/** By page, each kind of what is taken from somebody else, or given. */
export const TAKINGS: Readonly<Record<string, (browser: Browser, user: User) => Promise<Page>>> = {
  'two-factor-reset': (browser, { id }) =>
    browser.submit(pageOf(id), `${pageOf(id)}/two-factor-reset`, { reason: REASON }),
  async 'two-factor-removal'(browser, { id }) {
    const form = (await browser.open(pageOf(id))).form(pageOf(id));
    const cleared = Object.entries(form).filter(([name]) => name !== 'twoFactorActive');
    return browser.post(pageOf(id), { ...(Object.fromEntries(cleared) as Fields), reason: REASON });
  },
  async 'passkey-removal'(browser, { id }) {
    const page = await browser.open(pageOf(id));
    const [path = ''] = page.links().filter((link) => /\/passkeys\/[^/]+\/removal$/.test(link));
    return browser.submit(path, path, { reason: REASON });
  },
  'access-pass': (browser, { id }) =>
    browser.submit(`${pageOf(id)}/access-pass`, `${pageOf(id)}/access-pass`, { reason: REASON, minutes: '60' }),
};

/** The path of the link that puts back what an administrator took from the account with this address. */
export async function undoLink({ inbox }: Portal, email: string): Promise<string> {
  const found = (await inbox.mailsTo(email)).flatMap(({ text }) => /\/recovery\/undo\/[\w-]+/.exec(String(text)) ?? []);
  const path = found.at(-1);
  if (path === undefined) throw new Error(`No mail to ${email} puts a factor back.`);
  return path;
}

/** The one that waits now. */
export async function waitingOne(): Promise<{ id: string; at: string; row: Approval }> {
  const row = await Approval.findOne({ where: { state: 'waiting' }, rejectOnEmpty: true });
  return { id: row.id, at: `${APPROVALS}/${row.id}`, row };
}

/** Says yes on the page. */
export async function approve(browser: Browser, at: string): Promise<Page> {
  const _csrf = await browser.csrf('/security');
  return browser.post(`${at}/approval`, { _csrf });
}
