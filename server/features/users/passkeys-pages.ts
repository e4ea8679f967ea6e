import type { Request, Response } from 'express';
import { NotFound } from '#server/errors.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { listPasskeys } from '#server/identity/passkey.js';
import { livePass } from '#server/identity/make-pass.js';
import { hasFactorBeside } from '#server/identity/factors.js';
import { approverOf } from '#server/identity/approver.js';
import { reachUser, targetOf } from '#server/identity/user.js';
import { showTaken } from './taken-page.js';
import { approvalText } from './approver-text.js';
import { READMISSION } from './pass-spans.js';
import { minutesOf, takingForm } from './input.js';
import { removePasskeysOf, TAKING } from './take.js';

/** Asks before one passkey of the account goes. */
export async function askRemovePasskey(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const user = await reachUser(context, pathId(req), TAKING);
  const passkeys = await listPasskeys(user);
  const passkey = passkeys.find(({ id }) => id === pathId(req, 'passkeyId'));
  if (!passkey) throw new NotFound();
  const approver = await approverOf(context, targetOf(user));
  const last = passkeys.length === 1 && !(await hasFactorBeside(user, 'passkey'));
  const question = {
    heading: `Remove the passkey “${passkey.name}” of ${user.name}?`,
    text: [
      approver === 'nobody'
        ? 'It stops working at once, and every session of the account ends. Its owner is told, with your name.'
        : 'Once that is approved it stops working, and every session of the account ends. Its owner is told now and then, with your name.',
      ...(last ? ['It is the only second factor there is, and the password alone does not set up the next.'] : []),
      ...approvalText(approver),
    ],
    label: 'Remove the passkey',
    back: `/admin/users/${user.id}`,
    ...(last ? { choice: READMISSION } : {}),
    hidden: { replaces: (await livePass(context, user))?.id ?? '' },
    typed: { name: 'reason', label: 'Reason', hint: 'It goes into the security log.' },
  };
  askFirst(req, res, question, problem);
}

export async function removePasskey(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const [id, passkeyId] = [pathId(req), pathId(req, 'passkeyId')];
  await answerForm(req, res, {
    form: takingForm,
    act: ({ passMinutes, ...given }) =>
      removePasskeysOf(context, id, { passkeyId, ...given, minutes: minutesOf(passMinutes) }),
    again: (problem) => askRemovePasskey(req, res, problem),
    done: (taken, { passMinutes }) =>
      showTaken(
        req,
        res,
        { id, taken, minutes: minutesOf(passMinutes) },
        'The passkey has been removed. All sessions of the account have been ended.',
      ),
  });
}
