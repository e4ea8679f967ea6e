import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { showAccessPass } from '#server/http/pass-page.js';
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
  setFlash(context.services, res, takenText(taken, text));
  res.redirect(303, `/admin/users/${id}`);
}

const ONWARD: Readonly<Record<Onward, string>> = {
  pass: '',
  link: 'A link to set up the next one is on its way.',
  factor: 'The account has another second factor, and no link was mailed.',
  nothing:
    'No link was mailed, as its password would open nothing: make an access pass where its owner has no other way in.',
};

/** What is said after something was taken: what has happened, and how its owner goes on; or that it waits. */
export function takenText({ approval, onward }: Taken, text: string): string {
  return approval ? WAITS : [text, onward === null ? '' : ONWARD[onward]].filter(Boolean).join(' ');
}
