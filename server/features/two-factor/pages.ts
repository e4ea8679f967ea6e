import type { Request, Response } from 'express';
import { RecoveryCode } from '#models/recovery-code.js';
import type { UserContext } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { limitOf, setsUpFactor } from '#server/http/limited.js';
import { proposeUsername } from '#server/http/organization.js';
import { show } from '#server/http/page.js';
import { askFirst, howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { adoptSession, dropSession } from '#server/http/session.js';
import { signInPath } from '#server/http/link-page.js';
import { FEW_LEFT } from '#server/identity/recovery-codes.js';
import { codesLeft, showRecoveryCodes } from '#server/http/codes-page.js';
import {
  cancelSetup,
  refuseWhereDemanded,
  confirmSetup,
  disableTwoFactor,
  mayCancelSetup,
  startSetup,
} from './actions.js';
import { listSessions } from '../sessions/actions.js';
import { askedOf, labelsOf } from '#server/identity/factor-kind.js';
import { hasFactorBeside } from '#server/identity/factors.js';
import { isDamaged, pendingSetup } from '#server/identity/factor.js';
import { confirmationForm, disablingForm } from './input.js';

const PATH = '/security/two-factor';

/** True where the page would show the secret: whoever finds a browser open must not take it along. */
export function showsSecret({ context }: Request): boolean {
  return context.user?.twoFactor === 'pending';
}

export async function showTwoFactor(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { user, tenant, policy, secondFactor } = context;
  const setup = await pendingSetup(context, context);
  const left = user.twoFactor === 'active' ? await RecoveryCode.left(tenant.id, user.id) : 0;
  show(res, 'two-factor/index', {
    title: 'Two-factor authentication',
    twoFactor: user.twoFactor,
    setup,
    damaged: await isDamaged(context, user.id),
    mayCancel: user.twoFactor === 'pending' && (await mayCancelSetup(context)),
    codesLeft: codesLeft(left),
    fewLeft: left <= FEW_LEFT,
    offered: policy.twoFactor !== 'off',
    demanded: secondFactor.demanded,
    afterwards: afterwards(context),
    ...problem,
  });
}

export async function start(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const limit = limitOf(context);
  if (limit !== null && !setsUpFactor(context)) {
    res.redirect(303, limit);
    return;
  }
  await adoptSession(req, await startSetup(context));
  res.redirect(303, limit === null ? '/security/two-factor' : '/login/two-factor/setup');
}

/** Asks before the secret is reset; there is nothing to ask where the set-up only begins. */
export async function askReset(req: Request, res: Response): Promise<void> {
  if (!isActive(req, res)) return;
  askFirst(req, res, {
    heading: 'Reset the secret?',
    text: [
      'The app that makes your codes now stops working for this account at once, and a new one must be set up.',
      await whatGoes(req),
    ],
    label: 'Reset the secret',
    back: PATH,
  });
}

export async function askDisable(req: Request, res: Response, problem?: Problem): Promise<void> {
  if (!isActive(req, res)) return;
  refuseWhereDemanded(signedIn(req));
  const question = {
    heading: 'Disable two-factor authentication?',
    text: [afterwards(signedIn(req)), await whatGoes(req)],
    label: 'Disable',
    back: PATH,
    proof: 'password and code',
  } as const;
  askFirst(req, res, question, problem);
}

// Where passwords open nothing, it is not offered.
function afterwards({ policy, user }: UserContext): string {
  const others = askedOf(policy, user).filter((name) => name !== 'totp');
  if (others.length === 0) return 'Your password alone then opens your account.';
  const named = labelsOf(others).toLowerCase();
  return `After your password you are then asked for ${/^[aeiou]/.test(named) ? 'an' : 'a'} ${named}.`;
}

// The pages ask about an active second factor; any other state is seen where it is set up.
function isActive(req: Request, res: Response): boolean {
  const active = signedIn(req).user.twoFactor === 'active';
  if (!active) res.redirect(303, PATH);
  return active;
}

async function whatGoes(req: Request): Promise<string> {
  const context = signedIn(req);
  const { user, tenant } = context;
  const codes = await RecoveryCode.left(tenant.id, user.id);
  const others = (await listSessions(context, user)).length - 1;
  const stay = await hasFactorBeside({ ...user, tenantId: tenant.id }, 'totp');
  const goes = stay
    ? 'Your recovery codes stay, since you have another second factor'
    : `What goes with it: ${howMany(codes, 'recovery code')}`;
  if (others === 0) return `${goes}. No other session is open now.`;
  const open = `${howMany(others, 'other session')} that ${others === 1 ? 'is' : 'are'} open now`;
  return stay ? `${goes}. What goes with it: ${open}.` : `${goes}, and ${open}.`;
}

export async function validate(req: Request, res: Response): Promise<void> {
  await validateAndShowCodes(req, res, (problem) => showTwoFactor(req, res, problem));
}

/** Validates the pending set-up of who is signed in, and shows the recovery codes. All sessions have ended, this one too. */
export async function validateAndShowCodes(
  req: Request,
  res: Response,
  again: (problem: Problem) => Promise<void>,
): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: confirmationForm,
    act: ({ code }) => confirmSetup(context, code),
    again,
    done(codes) {
      dropSession(context.services, res);
      proposeUsername(context.services, res, context.user.username);
      showRecoveryCodes(req, res, {
        owner: context,
        codes,
        leadText:
          'Two-factor authentication is active. Every session of yours has been ended, this one too. To sign in again, wait for the next code of your app: each works once.',
        onward: { label: 'I have kept them. Sign in', href: signInPath(context.tenant.slug) },
      });
    },
  });
}

export async function cancel(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await adoptSession(req, await cancelSetup(context));
  setFlash(context.services, res, 'The set-up has been cancelled. Two-factor authentication is disabled.');
  res.redirect(303, '/security/two-factor');
}

export async function disable(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: disablingForm,
    act: (proof) => disableTwoFactor(context, proof),
    again: (problem) => askDisable(req, res, problem),
    async done(sid) {
      await adoptSession(req, sid);
      setFlash(
        context.services,
        res,
        'Two-factor authentication is disabled. All your other sessions have been ended.',
      );
      res.redirect(303, PATH);
    },
  });
}
