import { User } from '#models/user.js';
import type { Browser, Fields, Page } from './browser.js';
import { withPasskey, type Keyed } from './passkeys.js';
import type { Portal } from './portal.js';
import { addSomebody, pageOf } from './users.js';

/** Somebody of acme who has a passkey, and could be marked. */
export async function keyedCalled(portal: Portal, name: string): Promise<Keyed & { who: string; user: User }> {
  const who = `acme/${name}`;
  const user = await addSomebody(portal, who, 'user');
  return { ...(await withPasskey(portal, who)), who, user: await user.reload() };
}

/** Marks an account on its page, or takes the mark; other fields as they stand there. */
export async function mark(browser: Browser, { id }: Pick<User, 'id'>, marked: boolean): Promise<Page> {
  const form = (await browser.open(pageOf(id))).form(pageOf(id));
  const others = Object.entries(form).filter(([name]) => name !== 'breakGlass');
  return browser.post(pageOf(id), {
    ...(Object.fromEntries(others) as Fields),
    ...(marked ? { breakGlass: 'on' } : {}),
  });
}

export async function isMarked({ id }: Pick<User, 'id'>): Promise<boolean> {
  return (await User.findByPk(id, { rejectOnEmpty: true })).breakGlass;
}
