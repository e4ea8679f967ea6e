import type { Request, Response } from 'express';
import { mayActOnAnother } from '#policies/user.js';
import { Forbidden } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { findUser, targetOf } from '#server/identity/user.js';
import { makeAccessPass } from './access-pass.js';
import { accessPassForm } from './input.js';
import { PASS_SPANS } from './pass-spans.js';

/** Asks why, and for how long, before a pass is made. */
export async function askAccessPass(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const user = await findUser(context, pathId(req));
  if (!mayActOnAnother(context.actor, 'users:two-factor', targetOf(user)))
    throw new Forbidden(
      'You cannot make an access pass for this account: it is your own, or it may do more than yours.',
    );
  const question = {
    heading: `Make an access pass for ${user.name}?`,
    text: [
      'For who cannot sign in any more. Make sure that you speak with its owner: with the pass, password and second factor are set anew, once, and nothing else is opened.',
      'Its owner is mailed at once that you made it, with your reason. An older pass is void.',
    ],
    label: 'Make the pass',
    back: `/admin/users/${user.id}`,
    choice: { name: 'minutes', label: 'It works for', empty: 'Choose how long', options: PASS_SPANS },
    typed: { name: 'reason', label: 'Reason', hint: 'It goes into the security log, and into the mail.' },
  };
  askFirst(req, res, question, problem);
}

export async function accessPass(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const user = await findUser(context, id);
  await answerForm(req, res, {
    form: accessPassForm,
    act: (values) => makeAccessPass(context, id, values),
    again: (problem) => askAccessPass(req, res, problem),
    done: (pass, { minutes }) => showAccessPass(req, res, user, { pass, minutes }),
  });
}

/** After a factor was taken away: the pass that was made with it, or the page of the account. */
export async function showTaken(
  req: Request,
  res: Response,
  { id, pass, passMinutes }: { id: string; pass: string | null; passMinutes: string },
  text: string,
): Promise<void> {
  const context = signedIn(req);
  if (pass !== null) {
    showAccessPass(req, res, await findUser(context, id), { pass, minutes: Number(passMinutes) });
    return;
  }
  setFlash(context.services, res, text);
  res.redirect(303, `/admin/users/${id}`);
}

/** Shows a pass, once: only its hash is kept. */
function showAccessPass(
  req: Request,
  res: Response,
  { id, name, username }: { id: string; name: string; username: string },
  { pass, minutes }: { pass: string; minutes: number },
): void {
  const { services, tenant, now } = signedIn(req);
  show(res, 'users/access-pass', {
    title: `Access pass of ${name}`,
    account: { id, name, username },
    shortName: tenant.slug,
    pass,
    until: now + minutes * 60_000,
    address: `${services.config.baseUrl}/login/pass`,
  });
}
