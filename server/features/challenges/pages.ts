import type { Request, Response } from 'express';
import { RecoveryCode } from '#models/recovery-code.js';
import { Conflict } from '#server/errors.js';
import { countingFailures } from '#server/http/address-limit.js';
import { ensureBrowser } from '#server/http/browser.js';
import { dropChallenge } from '#server/http/challenge.js';
import type { HalfSignedIn } from '#server/identity/principal.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Form, type Problem } from '#server/http/form.js';
import { limitOf } from '#server/http/limited.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { safeNext } from '#server/http/safe-next.js';
import { adoptSession } from '#server/http/session.js';
import { FEW_LEFT } from '#server/identity/recovery-codes.js';
import { codesLeft, showRecoveryCodes } from '#server/http/codes-page.js';
import { rememberThisBrowser, rememberDays } from '../remembered-browsers/pages.js';
import { pendingSetup } from '#server/identity/factor.js';
import { validateAndShowCodes } from '../two-factor/pages.js';
import { answerWithCode, answerWithRecoveryCode, answerWithSetup } from './actions.js';
import { codeForm, recoveryForm, setupCodeForm } from './input.js';

export async function showCode(req: Request, res: Response, problem?: Problem): Promise<void> {
  const { user, tenant } = half(req);
  if (toSetUp(req, res)) return;
  show(res, 'challenges/code', {
    title: 'Enter your code',
    account: user.username,
    organization: tenant,
    rememberDays: await rememberDays(tenant.id),
    ...problem,
  });
}

export async function sendCode(req: Request, res: Response): Promise<void> {
  await complete(req, res, {
    form: codeForm,
    act: async ({ code, remember }, browser) => {
      const sid = await answerWithCode(req.context, half(req), code, browser);
      if (remember) await rememberThisBrowser(req, res, half(req));
      return { sid };
    },
    again: (problem) => showCode(req, res, problem),
    done: () => res.redirect(303, safeNext(half(req).challenge.next)),
  });
}

export function showRecovery(req: Request, res: Response, problem?: Problem): void {
  const { user, tenant } = half(req);
  if (toSetUp(req, res)) return;
  show(res, 'challenges/recovery', {
    title: 'Use a recovery code',
    account: user.username,
    organization: tenant,
    ...problem,
  });
}

export async function sendRecovery(req: Request, res: Response): Promise<void> {
  const { user, tenant, challenge } = half(req);
  await complete(req, res, {
    form: recoveryForm,
    act: async ({ recoveryCode }, browser) => ({
      sid: await answerWithRecoveryCode(req.context, half(req), recoveryCode, browser),
    }),
    again: (problem) => showRecovery(req, res, problem),
    async done() {
      const left = await RecoveryCode.left(tenant.id, user.id);
      const text = `You have used a recovery code. ${codesLeft(left)} If you have lost your app, reset the secret under Two-factor authentication.`;
      setFlash(req.context.services, res, text, left <= FEW_LEFT ? 'warning' : 'success');
      res.redirect(303, safeNext(challenge.next));
    },
  });
}

/** The set-up that a sign-in must pass: pending, or demanded of somebody who is signed in and can go nowhere else. */
export async function showSetup(req: Request, res: Response, problem?: Problem): Promise<void> {
  const owner = req.halfSignedIn;
  if (owner) {
    const setup = await pendingSetup(req.context, owner);
    if (!setup) {
      // Half signed in nobody begins anew what the next page would send back here.
      if (owner.user.twoFactor === 'pending')
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
      ...problem,
    });
    return;
  }
  const context = signedIn(req);
  if (limitOf(context) !== '/login/two-factor/setup') {
    res.redirect(303, '/');
    return;
  }
  const setup = await pendingSetup(context, context);
  show(res, 'challenges/setup', {
    title: 'Set up two-factor authentication',
    setup,
    begin: setup === null,
    ...problem,
  });
}

export async function sendSetup(req: Request, res: Response): Promise<void> {
  if (!req.halfSignedIn) {
    if (limitOf(req.context) !== '/login/two-factor/setup') res.redirect(303, '/');
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

interface Completion<T, R extends { sid: string }> {
  form: Form<T>;
  act: (values: T, browser: string) => Promise<R>;
  again: (problem: Problem) => void | Promise<void>;
  done: (result: R) => void | Promise<void>;
}

// Whatever completes the sign-in: what is wrong counts against the address, what is right becomes the session of this browser.
async function complete<T, R extends { sid: string }>(
  req: Request,
  res: Response,
  { form, act, again, done }: Completion<T, R>,
): Promise<void> {
  const { services, ip } = req.context;
  const browser = ensureBrowser(services, req, res);
  await answerForm(req, res, {
    form,
    act: (values) => countingFailures(services, ip, () => act(values, browser)),
    again,
    async done(result) {
      await adoptSession(req, result.sid);
      dropChallenge(services, res);
      await done(result);
    },
  });
}

// Who is asked for a code has an app that makes them; who has not is led to set one up.
function toSetUp(req: Request, res: Response): boolean {
  const pending = half(req).user.twoFactor === 'pending';
  if (pending) res.redirect(303, '/login/two-factor/setup');
  return pending;
}

function half(req: Request): HalfSignedIn {
  if (!req.halfSignedIn) throw new Error('This route must demand a challenge.');
  return req.halfSignedIn;
}
