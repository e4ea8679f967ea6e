import type { Request, Response } from 'express';
import { canonicalEmail } from '#policies/names.js';
import { LOCALES, TIME_ZONES } from '#policies/locales.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { changesIn } from '#server/input/read.js';
import { pendingEmail } from '../email/actions.js';
import { getsDigest, saveProfile } from './actions.js';
import { profileForm, showedEmail } from './input.js';

export async function showProfile(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { name, email, locale, timeZone, theme } = context.user;
  const dailyDigest = await getsDigest(context);
  const zones = TIME_ZONES.includes(timeZone) ? TIME_ZONES : [timeZone, ...TIME_ZONES];
  show(res, 'profile/index', {
    title: 'Profile',
    dailyDigest,
    shown: { name, email, locale, timeZone, theme, dailyDigest: dailyDigest ?? false },
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
    act(values) {
      const { changes, seen } = changesIn(profileForm, values);
      return saveProfile(context, { ...changes, seen });
    },
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

/**
 * True for a form that holds another e-mail address than the user's: who can read that mailbox can take the account. Not where
 * it was left as the form showed it, and so is not changed.
 */
export function changesEmail(req: Request): boolean {
  const { email: typed, _shown } = (req.body ?? {}) as Record<string, unknown>;
  if (typeof typed !== 'string') return true;
  if (typed === showedEmail(_shown)) return false;
  return canonicalEmail(typed) !== canonicalEmail(req.context.user?.email ?? '');
}
