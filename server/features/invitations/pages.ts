import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { proposeUsername } from '#server/http/organization.js';
import { show } from '#server/http/page.js';
import { answerLink, leadOn, pageOfLink, tokenOf } from '#server/http/link-page.js';
import { findLink } from '#server/identity/take-link.js';
import { newPasswordForm } from '../password/input.js';
import { passwordRules } from '#server/identity/password.js';
import { acceptInvitation } from './actions.js';

const DEAD = 'invitations/invalid';

export async function showInvitation(req: Request, res: Response, problem?: Problem): Promise<void> {
  await answerLink(req, res, DEAD, async () => {
    const found = await findLink(req.context, 'invitation', tokenOf(req));
    const { tenant } = found.context;
    const policy = await SecurityPolicy.of(tenant.id);
    show(res, 'invitations/accept', {
      title: 'Your invitation',
      passwordRules: passwordRules(policy, tenant, found.user),
      ...pageOfLink(req, found),
      ...problem,
    });
  });
}

export async function accept(req: Request, res: Response): Promise<void> {
  await answerLink(req, res, DEAD, () =>
    answerForm(req, res, {
      form: newPasswordForm,
      act: (typed) => acceptInvitation(req.context, tokenOf(req), typed),
      again: (problem) => showInvitation(req, res, problem),
      done(taken) {
        proposeUsername(req.context.services, res, taken.owner.username);
        leadOn(req, res, taken, 'Your password is set. Sign in with it.', 'The password is set.');
      },
    }),
  );
}
