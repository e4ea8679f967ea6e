import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { dropSession } from '#server/http/session.js';
import { listRemembered } from '../remembered-browsers/actions.js';
import { endOtherSessions, endOwnSession, listSessions } from './actions.js';

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const sessions = await listSessions(context, context.user);
  const remembered = await listRemembered(context);
  show(res, 'sessions/index', { title: 'Active sessions', sessions, currentId: context.session.id, remembered });
}

export async function end(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await endOwnSession(context, id);
  if (id === context.session.id) {
    dropSession(context.services, res);
    setFlash(context.services, res, 'You have ended this session. Sign in to go on.');
    res.redirect(303, '/login');
    return;
  }
  setFlash(context.services, res, 'The session has been ended.');
  res.redirect(303, '/security/sessions');
}

export async function endOthers(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const count = await endOtherSessions(context);
  const text =
    count === 0
      ? 'There was no other session to end.'
      : count === 1
        ? 'One other session has been ended.'
        : `${count} other sessions have been ended.`;
  setFlash(context.services, res, text);
  res.redirect(303, '/security/sessions');
}
