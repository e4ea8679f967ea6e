import type { Request, Response } from 'express';
import { answerLink, leadOn, pageOfLink, tokenOf } from '#server/http/link-page.js';
import { show } from '#server/http/page.js';
import { dropSession } from '#server/http/session.js';
import { timesFor } from '#server/http/times.js';
import { findUndo, putBack } from './actions.js';

const DEAD = 'factor-undo/invalid';

/** Asks before the factors are put back that an administrator took away. */
export async function askUndo(req: Request, res: Response): Promise<void> {
  await answerLink(req, res, DEAD, async () => {
    const found = await findUndo(req.context, tokenOf(req));
    const { link, user, passwordSince, held } = found;
    show(res, 'factor-undo/ask', {
      title: 'Put your second factor back',
      at: link.createdAt,
      passwordSince,
      held,
      ...timesFor(user.locale, user.timeZone, req.context.now),
      ...pageOfLink(req, found),
    });
  });
}

export async function undo(req: Request, res: Response): Promise<void> {
  const { services, user } = req.context;
  await answerLink(req, res, DEAD, async () => {
    const taken = await putBack(req.context, tokenOf(req));
    if (user?.id === taken.owner.id) dropSession(services, res);
    const next = taken.held
      ? 'Its e-mail address was changed since, so an administrator has to send you the link for a new password. Ask one of them.'
      : taken.passwordSince
        ? 'A link for a new password is on its way to your e-mail address.'
        : 'Sign in with your password and your second factor, as before.';
    const done = `second factor is as it was, and the account is signed out everywhere. ${next}`;
    leadOn(req, res, taken, `Your ${done}`, `The ${done}`);
  });
}
