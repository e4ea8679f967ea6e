import type { Request, Response } from 'express';
import { hasSecondFactor } from '#policies/authentication.js';
import type { SignedInContext } from '#server/context.js';
import { isId } from '#server/input/ids.js';
import { setFlash } from '#server/http/flash.js';
import { findKeptForm } from '#server/http/kept-form.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { safeNext } from '#server/http/safe-next.js';
import { adoptSession } from '#server/http/session.js';
import { provesByPassword } from '#server/identity/prove.js';
import { confirm, confirmByPasskey, passkeyConfirmation } from './actions.js';
import { purposeOf } from './purposes.js';
import { confirmForm, passkeyForm } from './input.js';

export async function showConfirm(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const given = problem?.values ?? req.query;
  const next = safeNext(given['next']);
  const kept = isId(given['kept']) ? given['kept'] : '';
  const withRecovery = problem ? 'recoveryCode' in (req.body as object) : req.query['with'] === 'recovery';
  const here = `/confirm?${kept === '' ? `next=${encodeURIComponent(next)}` : `kept=${kept}`}`;
  show(res, 'confirm/confirm', {
    title: 'Confirm that it is you',
    next,
    kept,
    purpose: purposeOf((await findKeptForm(req, kept))?.path ?? next),
    minutes: context.policy.stepUpMinutes,
    asks: asked(context, withRecovery),
    passkey: await passkeyConfirmation(context),
    hasApp: context.user.twoFactor === 'active',
    other: withRecovery ? here : `${here}&with=recovery`,
    ...problem,
  });
}

export async function sendConfirmation(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: confirmForm,
    act: (values) => confirm(context, values),
    again: (problem) => showConfirm(req, res, problem),
    done: (sid, values) => goOn(req, res, sid, values),
  });
}

export async function sendPasskey(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: passkeyForm,
    act: (values) => confirmByPasskey(context, values),
    again: (problem) => showConfirm(req, res, problem),
    done: (sid, values) => goOn(req, res, sid, values),
  });
}

async function goOn(req: Request, res: Response, sid: string, { next, kept }: { next: string; kept: string }) {
  await adoptSession(req, sid);
  res.redirect(303, kept === '' ? safeNext(next) : `/confirm/kept?id=${encodeURIComponent(kept)}`);
}

// What stands in the form beside the button for a passkey: for who has no app, that is a recovery code; nothing where
// passwords open nothing.
function asked(context: SignedInContext, withRecovery: boolean): 'password' | 'code' | 'recoveryCode' | null {
  const { user, policy } = context;
  if (!provesByPassword(context)) return null;
  if (!hasSecondFactor(policy, user)) return 'password';
  return withRecovery || user.twoFactor !== 'active' ? 'recoveryCode' : 'code';
}

/** Offers the form again that was kept while its sender confirmed. Its fields stay on the server until it is sent. */
export async function showKept(req: Request, res: Response): Promise<void> {
  const form = await findKeptForm(req, req.query['id']);
  if (!form) {
    setFlash(signedIn(req).services, res, 'What you had sent has waited too long. Enter it again.', 'warning');
    res.redirect(303, '/');
    return;
  }
  show(res, 'confirm/kept', {
    title: 'Go on',
    kept: form.id,
    path: form.path,
    afterSignOut: form.visitorHash !== null,
  });
}
