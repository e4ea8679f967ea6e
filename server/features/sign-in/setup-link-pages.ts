import type { Request, Response } from 'express';
import { Conflict } from '#server/errors.js';
import { ensureBrowser, readBrowser } from '#server/http/browser.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { answerLink, pageOfLink, tokenOf } from '#server/http/link-page.js';
import { show } from '#server/http/page.js';
import { adoptSession } from '#server/http/session.js';
import { checkCredentials } from '#server/identity/check-credentials.js';
import { factorsOf } from '#server/identity/factors.js';
import { DeadLink, findLink } from '#server/identity/take-link.js';
import { completeSignIn } from './actions.js';
import { passwordForm } from './input.js';

const DEAD = 'sign-in/link-invalid';

/** Where the link leads that goes with a factor which an administrator took away: with the password, to the next one. */
export async function showSetupLink(req: Request, res: Response, problem?: Problem): Promise<void> {
  await answerLink(req, res, DEAD, async () => {
    const found = await findLink(req.context, 'enrolment', tokenOf(req));
    show(res, 'sign-in/setup-link', { title: 'Set up your second factor', ...pageOfLink(req, found), ...problem });
  });
}

export async function openSetupLink(req: Request, res: Response): Promise<void> {
  await answerLink(req, res, DEAD, () =>
    answerForm(req, res, {
      form: passwordForm,
      act: ({ password }) => signInByLink(req, res, password),
      again: (problem) => showSetupLink(req, res, problem),
      async done(sid) {
        await adoptSession(req, sid);
        res.redirect(303, '/login/pass/setup');
      },
    }),
  );
}

async function signInByLink(req: Request, res: Response, password: string): Promise<string> {
  const { context } = req;
  const { link, user, context: about } = await findLink(context, 'enrolment', tokenOf(req));
  const names = { organization: about.tenant.slug, username: user.username };
  const known = readBrowser(context.services, req);
  const candidate = await checkCredentials(context, { ...names, password, browser: known });
  if (candidate.user.id !== user.id) throw new Conflict('This link is for another account.');
  const browser = ensureBrowser(context.services, req, res);
  return completeSignIn(context, { ...candidate, methods: ['pwd', 'link'] }, browser, async (policy) => {
    // Switched off when the link was made, a passkey can have been switched on since: the link stands for no factor that there is.
    if ((await factorsOf(candidate.user, policy)).length > 0)
      throw new Conflict('You have a second factor again, which this link does not stand for. Sign in with it.');
    if (!(await link.take(context.now))) throw new DeadLink(410);
  });
}
