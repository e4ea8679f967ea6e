import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dropSession } from '#server/http/session.js';
import { answerLink, leadOn, pageOfLink, tokenOf } from '#server/http/link-page.js';
import { findLink } from '#server/identity/take-link.js';
import { cancelEmailChange, confirmEmail } from './actions.js';

const DEAD = 'email/invalid';

export async function showConfirmation(req: Request, res: Response): Promise<void> {
  await answerLink(req, res, DEAD, async () => {
    const found = await findLink(req.context, 'email-change', tokenOf(req));
    show(res, 'email/confirm', {
      title: 'Confirm your e-mail address',
      email: found.link.email,
      ...pageOfLink(req, found),
    });
  });
}

export async function confirm(req: Request, res: Response): Promise<void> {
  const { services, user } = req.context;
  await answerLink(req, res, DEAD, async () => {
    const taken = await confirmEmail(req.context, tokenOf(req));
    if (user?.id === taken.owner.id) dropSession(services, res);
    leadOn(
      req,
      res,
      taken,
      'Your new e-mail address is confirmed, and you are signed out everywhere. Sign in again.',
      'The new e-mail address is confirmed, and the account is signed out everywhere.',
    );
  });
}

export async function cancel(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await cancelEmailChange(context);
  setFlash(context.services, res, 'Your e-mail address stays as it is. The link that was mailed no longer works.');
  res.redirect(303, '/profile');
}
