import type { Request, Response } from 'express';
import type { SignedInContext } from '#server/context.js';
import { isId } from '#server/input/ids.js';
import { setFlash } from '#server/http/flash.js';
import { findKeptForm } from '#server/http/kept-form.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { safeNext } from '#server/http/safe-next.js';
import { adoptSession } from '#server/http/session.js';
import { askedOf, typedOf } from '#server/identity/factor-kind.js';
import { provesByPassword } from '#server/identity/prove.js';
import { confirm, confirmByPasskey, passkeyConfirmation } from './actions.js';
import { purposeOf } from './purposes.js';
import { confirmForm, passkeyForm } from './input.js';

export async function showConfirm(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const given = problem?.values ?? req.query;
  const next = safeNext(given['next']);
  const kept = isId(given['kept']) ? given['kept'] : '';
  const chosen = chosenIn(req, problem);
  const here = `/confirm?${kept === '' ? `next=${encodeURIComponent(next)}` : `kept=${kept}`}`;
  show(res, 'confirm/confirm', {
    title: 'Confirm that it is you',
    next,
    kept,
    purpose: purposeOf((await findKeptForm(req, kept))?.path ?? next),
    minutes: context.policy.stepUpMinutes,
    asks: asked(context, chosen),
    passkey: await passkeyConfirmation(context),
    others: othersThan(context, chosen, here),
    factor: chosen === '' || chosen === 'recovery' ? null : chosen,
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

// By what they confirm beside the password, where there is a choice: `recovery`, or the name of a kind; '' for the first.
function chosenIn(req: Request, problem?: Problem): string {
  if (problem && 'recoveryCode' in (req.body as object)) return 'recovery';
  const chosen = problem ? problem.values['factor'] : req.query['with'];
  return typeof chosen === 'string' ? chosen : '';
}

// What stands in the form beside the button for a passkey: for who has none of six digits, that is a recovery code; nothing
// where passwords open nothing.
function asked(context: SignedInContext, chosen: string): 'password' | 'code' | 'recoveryCode' | null {
  const factors = askedOf(context.policy, context.user);
  if (!provesByPassword(context)) return null;
  if (factors.length === 0) return 'password';
  return chosen === 'recovery' || typedOf(factors, chosen).first === null ? 'recoveryCode' : 'code';
}

// The other ways, each a link: a recovery code is one where there is a choice at all.
function othersThan(
  { policy, user }: SignedInContext,
  chosen: string,
  here: string,
): { href: string; label: string }[] {
  const { first, others } = typedOf(askedOf(policy, user), chosen);
  if (!first) return [];
  const kinds = chosen === 'recovery' ? [first, ...others] : others;
  const links = kinds.flatMap(({ name, typed }) =>
    typed ? [{ href: `${here}&with=${name}`, label: typed.instead }] : [],
  );
  const recovery = { href: `${here}&with=recovery`, label: 'Use a recovery code instead' };
  return chosen === 'recovery' ? links : [...links, recovery];
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
