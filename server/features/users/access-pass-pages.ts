import type { Request, Response } from 'express';
import { mayActOnAnother } from '#policies/user.js';
import { Forbidden } from '#server/errors.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { livePass } from '#server/identity/make-pass.js';
import { approverOf } from '#server/identity/approver.js';
import { findUser, targetOf } from '#server/identity/user.js';
import { makeAccessPass } from './take.js';
import { accessPassForm } from './input.js';
import { PASS_SPANS } from './pass-spans.js';
import { showTaken } from './taken-page.js';
import { approvalText } from './approver-text.js';

/** Asks why, and for how long, before a pass is made. */
export async function askAccessPass(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const user = await findUser(context, pathId(req));
  if (!mayActOnAnother(context.actor, 'users:two-factor', targetOf(user)))
    throw new Forbidden(
      'You cannot make an access pass for this account: it is your own, or it may do more than yours.',
    );
  const approver = await approverOf(context, targetOf(user));
  const older = await livePass(context, user);
  const question = {
    heading: `Make an access pass for ${user.name}?`,
    text: [
      'For who cannot sign in any more. Make sure that you speak with its owner: with the pass, password and second factor are set anew, once, and nothing else is opened.',
      approver === 'nobody'
        ? 'Its owner is mailed at once that you made it, with your reason. An older pass is void.'
        : 'Its owner is mailed that you have asked for it, with your reason, and again once it is made. An older pass is void then.',
      ...(older ? ['There is one that still works.'] : []),
      ...approvalText(approver),
    ],
    label: approver === 'nobody' ? 'Make the pass' : 'Ask for the pass',
    back: `/admin/users/${user.id}`,
    hidden: { replaces: older?.id ?? '' },
    choice: { name: 'minutes', label: 'It works for', empty: 'Choose how long', options: PASS_SPANS },
    typed: { name: 'reason', label: 'Reason', hint: 'It goes into the security log, and into the mail.' },
  };
  askFirst(req, res, question, problem);
}

export async function accessPass(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: accessPassForm,
    act: (values) => makeAccessPass(context, id, values),
    again: (problem) => askAccessPass(req, res, problem),
    done: (taken, { minutes }) => showTaken(req, res, { id, taken, minutes }, ''),
  });
}
