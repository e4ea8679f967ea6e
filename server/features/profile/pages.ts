import type { Request, Response } from 'express';
import { canonicalEmail } from '#policies/names.js';
import { LOCALES, TIME_ZONES } from '#policies/locales.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { pendingEmail } from '../email/actions.js';
import { getsDigest, saveProfile } from './actions.js';
import { profileForm } from './input.js';

export async function showProfile(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { timeZone } = context.user;
  const zones = TIME_ZONES.includes(timeZone) ? TIME_ZONES : [timeZone, ...TIME_ZONES];
  show(res, 'profile/index', {
    title: 'Profile',
    dailyDigest: await getsDigest(context),
    pendingEmail: await pendingEmail(context),
    locales: LOCALES,
    timeZones: zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
    ...problem,
  });
}

export async function save(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: profileForm,
    act: (values) => saveProfile(context, values),
    again: (problem) => showProfile(req, res, problem),
    done(email) {
      const text =
        email === null
          ? 'Your profile is saved.'
          : `Your profile is saved. To confirm the new e-mail address, open the link that was mailed to ${email}.`;
      setFlash(context.services, res, text);
      res.redirect(303, '/profile');
    },
  });
}

/** True for a form that holds another e-mail address than the user's: who can read that mailbox can take the account. */
export function changesEmail(req: Request): boolean {
  const typed = (req.body as Record<string, unknown> | undefined)?.['email'];
  return typeof typed !== 'string' || canonicalEmail(typed) !== canonicalEmail(req.context.user?.email ?? '');
}
