import type { Request, Response } from 'express';
import { ensureBrowser } from '#server/http/browser.js';
import { dropChallenge } from '#server/http/challenge.js';
import { answerForm, type Form, type Problem } from '#server/http/form.js';
import { adoptSession } from '#server/http/session.js';
import type { HalfSignedIn } from '#server/identity/principal.js';

interface Completion<T, R extends { sid: string }> {
  form: Form<T>;
  act: (values: T, browser: string) => Promise<R>;
  again: (problem: Problem) => void | Promise<void>;
  done: (result: R) => void | Promise<void>;
}

/** Whatever completes the sign-in: what is right becomes the session of this browser. */
export async function complete<T, R extends { sid: string }>(
  req: Request,
  res: Response,
  { form, act, again, done }: Completion<T, R>,
): Promise<void> {
  const { services } = req.context;
  const browser = ensureBrowser(services, req, res);
  await answerForm(req, res, {
    form,
    act: (values) => act(values, browser),
    again,
    async done(result) {
      await adoptSession(req, result.sid);
      dropChallenge(services, res);
      await done(result);
    },
  });
}

/** Who has proven the password, on a route that demands it. */
export function half(req: Request): HalfSignedIn {
  if (!req.halfSignedIn) throw new Error('This route must demand a challenge.');
  return req.halfSignedIn;
}

/** Who is asked for a code has an app that makes them; who has not is led to set one up. */
export function toSetUp(req: Request, res: Response): boolean {
  const { user, factors } = half(req);
  const pending = factors.length === 0 && user.twoFactor === 'pending';
  if (pending) res.redirect(303, '/login/two-factor/setup');
  return pending;
}
