import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { clearSite } from '#server/http/headers.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dropSession } from '#server/http/session.js';
import { signInPath } from '#server/http/link-page.js';
import { timesFor } from '#server/http/times.js';
import { provesByPassword } from '#server/identity/prove.js';
import { isLastOwner } from '#server/identity/last-owner.js';
import { DAY } from '#server/lib/clock.js';
import { daysOfGrace, deleteOwnAccount } from './actions.js';
import { removalByPasskeyForm, removalForm } from './input.js';
import { withdrawRemoval } from './leaving.js';

/** Whether a passkey, shown a moment ago, stands for the password. */
export function asksNoPassword(req: Request): boolean {
  return !provesByPassword(signedIn(req));
}

export async function showRemoval(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const days = await daysOfGrace(context);
  show(res, 'account/removal', {
    title: 'Delete your account',
    asksPassword: provesByPassword(context),
    asksCode: context.user.twoFactor === 'active',
    // Said at once, and not at the end of a form that was filled in for nothing.
    last: await isLastOwner(context),
    days,
    goesAt: context.now + days * DAY,
    ...problem,
  });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { services, tenant, user } = context;
  await answerForm(req, res, {
    form: asksNoPassword(req) ? removalByPasskeyForm : removalForm,
    act: (values) => deleteOwnAccount(context, values),
    again: (problem) => showRemoval(req, res, problem),
    done(goesAt) {
      dropSession(services, res);
      clearSite(res, services.config);
      const { when } = timesFor(user.locale, user.timeZone, context.now);
      const text =
        goesAt === null
          ? 'Your account has been deleted.'
          : `Your account will be deleted on ${when(goesAt)}. To keep it, sign in before that.`;
      setFlash(services, res, text);
      res.redirect(303, signInPath(tenant.slug));
    },
  });
}

/** When the account goes, and the one button that keeps it. */
export function showWithdrawal(req: Request, res: Response): void {
  const { user } = signedIn(req);
  if (user.removalAt === null) {
    res.redirect(303, '/');
    return;
  }
  show(res, 'account/withdrawal', { title: 'Your account is about to be deleted', goesAt: user.removalAt });
}

export async function withdraw(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await withdrawRemoval(context);
  setFlash(context.services, res, 'Your account stays. Its credentials and SSH keys work again.');
  res.redirect(303, '/');
}
