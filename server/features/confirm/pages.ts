import type { Request, Response } from 'express';
import { isId } from '#server/input/ids.js';
import { setFlash } from '#server/http/flash.js';
import { findKeptForm } from '#server/http/kept-form.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { safeNext } from '#server/http/safe-next.js';
import { adoptSession } from '#server/http/session.js';
import { confirm } from './actions.js';
import { purposeOf } from './purposes.js';
import { confirmForm } from './input.js';

export async function showConfirm(req: Request, res: Response, problem?: Problem): Promise<void> {
  const { user, policy } = signedIn(req);
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
    minutes: policy.stepUpMinutes,
    asks: user.twoFactor !== 'active' ? 'password' : withRecovery ? 'recoveryCode' : 'code',
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
    async done(sid, { next, kept }) {
      await adoptSession(req, sid);
      res.redirect(303, kept === '' ? safeNext(next) : `/confirm/kept?id=${encodeURIComponent(kept)}`);
    },
  });
}

/** Offers the form again that was kept while its sender confirmed. Its fields stay on the server until it is sent. */
export async function showKept(req: Request, res: Response): Promise<void> {
  const form = await findKeptForm(req, req.query['id']);
  if (!form) {
    setFlash(signedIn(req).services, res, 'What you had sent has waited too long. Enter it again.', 'warning');
    res.redirect(303, '/');
    return;
  }
  show(res, 'confirm/kept', { title: 'Go on', kept: form.id, path: form.path });
}
