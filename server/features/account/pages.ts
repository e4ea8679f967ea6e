import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { clearSite } from '#server/http/headers.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dropSession } from '#server/http/session.js';
import { signInPath } from '#server/http/link-page.js';
import { isLastOwner } from '#server/identity/last-owner.js';
import { deleteOwnAccount } from './actions.js';
import { removalForm } from './input.js';

export async function showRemoval(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  show(res, 'account/removal', {
    title: 'Delete your account',
    asksCode: context.user.twoFactor === 'active',
    // Said at once, and not at the end of a form that was filled in for nothing.
    last: await isLastOwner(context),
    ...problem,
  });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { services, tenant } = context;
  await answerForm(req, res, {
    form: removalForm,
    act: (values) => deleteOwnAccount(context, values),
    again: (problem) => showRemoval(req, res, problem),
    done() {
      dropSession(services, res);
      clearSite(res, services.config);
      setFlash(services, res, 'Your account has been deleted.');
      res.redirect(303, signInPath(tenant.slug));
    },
  });
}
