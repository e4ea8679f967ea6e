import type { Request, Response } from 'express';
import { NotFound } from '#server/errors.js';
import { clientLine } from '#server/lib/client.js';
import { reachUser } from '#server/identity/user.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { readForm, readQuery } from '#server/input/read.js';
import { askFirst, thereAre } from '#server/http/question.js';
import { mailed } from '#server/http/mailed.js';
import { signedIn } from '#server/http/request.js';
import { listSessions } from '../sessions/actions.js';
import { ENDING, endSessionOf, endSessionsOf, inviteAgain, markPasswordOutdated, unlock } from './access.js';
import { sendPasswordLink } from './password-link.js';
import { showUser } from './user-page.js';
import { showTaken } from './taken-page.js';
import { minutesOf, sessionsForm, takingForm, unlockForm } from './input.js';
import { resetTwoFactorOf } from './take.js';

export async function unlockUser(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: unlockForm,
    act: ({ reason }) => unlock(context, id, reason),
    again: (problem) => showUser(req, res, ofForm('unlock', problem)),
    done: () => goBack(req, res, 'The account is unlocked.'),
  });
}

export async function invite(req: Request, res: Response): Promise<void> {
  await inviteAgain(signedIn(req), pathId(req));
  const sent = mailed(req.context.services, 'a new invitation');
  goBack(req, res, `${sent} The link of the one before no longer works.`);
}

export async function resetPassword(req: Request, res: Response): Promise<void> {
  const sent = await sendPasswordLink(signedIn(req), pathId(req));
  goBack(
    req,
    res,
    mailed(req.context.services, sent === 'invitation' ? 'a new invitation' : 'a link to set a new password'),
  );
}

export async function expirePassword(req: Request, res: Response): Promise<void> {
  await markPasswordOutdated(signedIn(req), pathId(req));
  goBack(req, res, 'The password is marked outdated. Until a new one is chosen, the account can do nothing else.');
}

export async function resetTwoFactor(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: takingForm,
    act: ({ passMinutes, ...given }) => resetTwoFactorOf(context, id, { ...given, minutes: minutesOf(passMinutes) }),
    again: (problem) => showUser(req, res, ofForm('reset', problem)),
    done: (taken, { passMinutes }) =>
      showTaken(req, res, { id, taken, minutes: minutesOf(passMinutes) }, 'The two-factor secret is reset.'),
  });
}

/** Asks before every session of the account ends, or the one that `sessionId` names. */
export async function askEndSessions(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const user = await reachUser(context, pathId(req), ENDING);
  const { sessionId } = readQuery(sessionsForm, req.query);
  const sessions = await listSessions(context, user);
  const one = sessions.find(({ id }) => id === sessionId);
  if (sessionId !== undefined && !one) throw new NotFound();
  askFirst(req, res, {
    heading: one ? `End this session of ${user.name}?` : `End all sessions of ${user.name}?`,
    text: [
      one
        ? `${clientLine(one.client)}, ${one.ip || 'unknown address'}: it is signed out at once.`
        : `${thereAre(sessions.length, 'open session')} Who uses one is signed out at once, and what is half typed there is lost.`,
      'The account can sign in again; to shut it, disable it.',
    ],
    label: one ? 'End the session' : 'End all sessions',
    back: `/admin/users/${user.id}`,
    hidden: one ? { sessionId: one.id } : {},
  });
}

/** Ends every session of the account, or the one that `sessionId` names. */
export async function endSessions(req: Request, res: Response): Promise<void> {
  const { sessionId } = readForm(sessionsForm, req.body);
  if (sessionId !== undefined) {
    await endSessionOf(signedIn(req), pathId(req), sessionId);
    goBack(req, res, 'The session has been ended.');
    return;
  }
  const count = await endSessionsOf(signedIn(req), pathId(req));
  goBack(
    req,
    res,
    count === 0
      ? 'There was no session to end.'
      : count === 1
        ? 'One session has been ended.'
        : `${count} sessions have been ended.`,
  );
}

// The page has other forms with a reason, in which nothing was typed, and nothing is wrong.
function ofForm(form: 'reset' | 'unlock', { errors, values }: Problem): Problem & Record<string, unknown> {
  const own = errors.map((error) => (error.field === 'reason' ? { ...error, field: `${form}-reason` } : error));
  return { errors: own, values: {}, [`${form}Reason`]: values['reason'] };
}

function goBack(req: Request, res: Response, text: string): void {
  setFlash(signedIn(req).services, res, text);
  res.redirect(303, `/admin/users/${pathId(req)}`);
}
