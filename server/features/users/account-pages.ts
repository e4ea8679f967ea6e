import type { Request, Response } from 'express';
import { Forbidden } from '#server/errors.js';
import type { Services } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { changesIn } from '#server/input/read.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { mailed } from '#server/http/mailed.js';
import { signedIn } from '#server/http/request.js';
import type { Taken } from '#server/identity/two-person.js';
import { findUser } from '#server/identity/user.js';
import { WAITS } from './approver-text.js';
import type { Changed } from './edit.js';
import { editForm, removalForm } from './input.js';
import { removeUser } from './remove.js';
import { changeUserAndFactor } from './two-factor.js';
import { takenText } from './taken-page.js';
import { factsOf, powersOver, showUser } from './user-page.js';

export async function change(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: editForm,
    act(values) {
      const { changes, was, seen } = changesIn(editForm, values);
      const shown = was && { rolesShown: was['roleIds'] as string[] };
      return changeUserAndFactor(context, id, { ...changes, seen, ...shown });
    },
    again: (problem) => showUser(req, res, problem),
    done(changed) {
      setFlash(context.services, res, saved(context.services, changed));
      res.redirect(303, `/admin/users/${id}`);
    },
  });
}

export async function showRemoval(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const user = await findUser(context, pathId(req));
  if (!powersOver(user, context).remove)
    throw new Forbidden('You cannot delete this account: it is your own, or it may do more than yours.');
  show(res, 'users/removal', { title: `Delete ${user.name}`, account: factsOf(user, context), ...problem });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: removalForm,
    act: ({ username }) => removeUser(context, id, username),
    again: (problem) => showRemoval(req, res, problem),
    done() {
      setFlash(context.services, res, 'The account has been deleted.');
      res.redirect(303, '/admin/users');
    },
  });
}

function saved(services: Services, { sessionsEnded, invitedAgain, taken }: Changed & { taken: Taken | null }): string {
  if (taken?.approval) return `The changes are saved. The second factor stays for now. ${WAITS}`;
  if (taken) return takenText(services, taken, 'The changes are saved. All sessions of the account have been ended.');
  if (invitedAgain) return `The changes are saved. ${mailed(services, 'an invitation', ' to the new address')}`;
  return sessionsEnded
    ? 'The changes are saved. All sessions of the account have been ended.'
    : 'The changes are saved.';
}
