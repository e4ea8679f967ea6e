import type { Request, Response } from 'express';
import type { Services } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { showAccessPass } from '#server/http/pass-page.js';
import { mailed } from '#server/http/mailed.js';
import { signedIn } from '#server/http/request.js';
import type { Onward } from '#server/identity/readmission.js';
import type { Taken } from '#server/identity/two-person.js';
import { findUser } from '#server/identity/user.js';
import { WAITS } from './approver-text.js';

/** After a factor was taken away: the pass that was made with it, or the page of the account. */
export async function showTaken(
  req: Request,
  res: Response,
  { id, taken, minutes }: { id: string; taken: Taken; minutes: number | null },
  text: string,
): Promise<void> {
  const context = signedIn(req);
  if (taken.pass !== null && minutes !== null) {
    const owner = await findUser(context, id);
    const { pass } = taken;
    showAccessPass(req, res, {
      ...{ pass, minutes, owner, shortName: context.tenant.slug, onward: `/admin/users/${id}` },
    });
    return;
  }
  setFlash(context.services, res, takenText(context.services, taken, text));
  res.redirect(303, `/admin/users/${id}`);
}

const ONWARD: Readonly<Record<Onward, string | ((services: Services) => string)>> = {
  pass: '',
  link: (services) => mailed(services, 'a link to set up the next one'),
  factor: 'The account has another second factor, and no link was mailed.',
  nothing:
    'No link was mailed, as its password would open nothing: make an access pass where its owner has no other way in.',
};

/** What is said after something was taken: what has happened, and how its owner goes on; or that it waits. */
export function takenText(services: Services, { approval, onward }: Taken, text: string): string {
  if (approval) return WAITS;
  const next = onward === null ? '' : ONWARD[onward];
  return [text, typeof next === 'string' ? next : next(services)].filter(Boolean).join(' ');
}
