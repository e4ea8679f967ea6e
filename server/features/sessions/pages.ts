import type { Request, Response } from 'express';
import { foundOf } from '#server/checkup/own.js';
import { NotFound } from '#server/errors.js';
import { clientLine } from '#server/lib/client.js';
import { setFlash } from '#server/http/flash.js';
import { pathId } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst, thereAre } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { dropSession } from '#server/http/session.js';
import { readQuery } from '#server/input/read.js';
import { listRemembered } from '../remembered-browsers/actions.js';
import { endOtherSessions, endOwnSession, listSessions } from './actions.js';
import { sessionsQuery } from './input.js';
import { isNew, lastLook } from './last-look-page.js';

const PATH = '/security/sessions';

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { show: only } = readQuery(sessionsQuery, req.query);
  const strange = only && (await foundOf(context, 'session'));
  const sessions = await listSessions(context, context.user);
  const remembered = await listRemembered(context);
  const look = lastLook(req, res, context);
  show(res, 'sessions/index', {
    title: only ? 'Sessions in new browsers' : 'Active sessions',
    only: only !== undefined,
    sessions: sessions
      .filter(({ id }) => strange?.includes(id) ?? true)
      .map((one) => ({ ...one, fresh: isNew(one, look, context.session) })),
    currentId: context.session.id,
    remembered: only ? [] : remembered,
  });
}

export async function askEnd(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const session = (await listSessions(context, context.user)).find((one) => one.id === id);
  if (!session) throw new NotFound();
  const own = id === context.session.id;
  askFirst(req, res, {
    heading: own ? 'End this session?' : 'End that session?',
    text: [
      `${clientLine(session.client)}, ${session.ip || 'unknown address'}: it is signed out at once.`,
      own ? 'It is the one that you are using now, so you have to sign in again.' : 'You stay signed in here.',
    ],
    label: own ? 'End and sign out' : 'End the session',
    back: PATH,
  });
}

export async function askEndOthers(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const others = (await listSessions(context, context.user)).length - 1;
  askFirst(req, res, {
    heading: 'End all other sessions?',
    text: [`${thereAre(others, 'other session')} You stay signed in here alone.`],
    label: 'End all other sessions',
    back: PATH,
  });
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
  res.redirect(303, PATH);
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
  res.redirect(303, PATH);
}
