import type { Request, Response } from 'express';
import type { TenantInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { showRecoveryCodes } from '#server/http/codes-page.js';
import type { Problem } from '#server/http/form.js';
import { setsUpFactor } from '#server/http/limited.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { safeNext } from '#server/http/safe-next.js';
import { isHeld } from '#server/identity/enrolment.js';
import { lookUpOwn } from '#server/identity/prove.js';
import { pendingSetup } from '#server/identity/factor.js';
import { relyingPartyOf } from '#server/identity/relying-party.js';
import { validateAndShowCodes } from '../two-factor/pages.js';
import { answerWithSetup } from './actions.js';
import { setupCodeForm } from './input.js';
import { complete, half } from './completion-pages.js';

/** The set-up that a sign-in must pass: pending, or demanded of somebody who is signed in and can go nowhere else. */
export async function showSetup(req: Request, res: Response, problem?: Problem): Promise<void> {
  const owner = req.halfSignedIn;
  if (owner) {
    if (isHeld(owner.user, [])) {
      showHeld(res, owner.tenant);
      return;
    }
    const setup = owner.factors.length > 0 ? null : await pendingSetup(req.context, owner);
    if (!setup) {
      // Half signed in nobody begins anew what the next page would send back here.
      if (owner.factors.length === 0 && owner.user.twoFactor === 'pending')
        throw new Conflict(
          'What was kept of this set-up is damaged. Ask an administrator to reset your two-factor authentication.',
        );
      res.redirect(303, '/login/two-factor');
      return;
    }
    show(res, 'challenges/setup', {
      title: 'Set up two-factor authentication',
      organization: owner.tenant,
      setup,
      begin: false,
      passkeys: false,
      ...problem,
    });
    return;
  }
  const context = signedIn(req);
  if (!setsUpFactor(context)) {
    res.redirect(303, '/');
    return;
  }
  if (isHeld(await lookUpOwn(context), context.session.methods)) {
    showHeld(res, context.tenant);
    return;
  }
  const setup = await pendingSetup(context, context);
  show(res, 'challenges/setup', {
    title: 'Set up two-factor authentication',
    setup,
    begin: setup === null,
    passkeys: context.policy.passkeys !== 'off' && relyingPartyOf(context.services.config, context.tenant) !== null,
    ...problem,
  });
}

// The QR code is for who shows more than the password.
function showHeld(res: Response, organization: TenantInContext): void {
  show(res, 'challenges/held', { title: 'Your second factor was taken away', organization });
}

export async function sendSetup(req: Request, res: Response): Promise<void> {
  if (!req.halfSignedIn) {
    if (!setsUpFactor(req.context)) res.redirect(303, '/');
    else await validateAndShowCodes(req, res, (problem) => showSetup(req, res, problem));
    return;
  }
  const { user, tenant, challenge } = req.halfSignedIn;
  await complete(req, res, {
    form: setupCodeForm,
    act: ({ code }, browser) => answerWithSetup(req.context, half(req), code, browser),
    again: (problem) => showSetup(req, res, problem),
    done: ({ codes }) =>
      showRecoveryCodes(req, res, {
        owner: { user, tenant },
        codes,
        leadText: 'Two-factor authentication is active, and you are signed in.',
        onward: { label: 'I have kept them. Go on', href: safeNext(challenge.next) },
      }),
  });
}
