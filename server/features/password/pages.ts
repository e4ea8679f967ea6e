import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import type { SignedInContext } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { setsPassword } from '#server/http/limited.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { adoptSession } from '#server/http/session.js';
import { showSecurity } from '../security/pages.js';
import { changePassword, changeRequiredPassword } from './actions.js';
import { changePasswordForm, newPasswordForm } from './input.js';
import { passwordRules } from '#server/identity/password.js';

export async function change(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: changePasswordForm,
    act: (values) => changePassword(context, values),
    again: (problem) => showSecurity(req, res, problem),
    async done(sid) {
      await adoptSession(req, sid);
      setFlash(context.services, res, 'Your password has been changed. All your other sessions have been ended.');
      res.redirect(303, '/security');
    },
  });
}

export async function showRequired(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  if (!setsPassword(context)) {
    res.redirect(303, '/');
    return;
  }
  const policy = await SecurityPolicy.of(context.tenant.id);
  const { tenant, user } = context;
  show(res, 'sign-in/password', {
    title: 'Choose a new password',
    reason: reasonFor(context),
    passwordRules: passwordRules(policy, tenant, user),
    ...problem,
  });
}

function reasonFor({ duty, user }: SignedInContext): string {
  if (duty === 'pass') return 'It takes the place of the one that you had.';
  return user.mustChangePassword
    ? 'You need to choose a new password before you go on.'
    : 'Your password has reached the age at which your organisation asks for a new one.';
}

export async function changeRequired(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  if (!setsPassword(context)) {
    res.redirect(303, '/');
    return;
  }
  await answerForm(req, res, {
    form: newPasswordForm,
    act: (typed) => changeRequiredPassword(context, typed),
    again: (problem) => showRequired(req, res, problem),
    async done(sid) {
      await adoptSession(req, sid);
      setFlash(context.services, res, 'Your new password is set.');
      res.redirect(303, '/');
    },
  });
}
