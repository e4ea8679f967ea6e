import type { Request, RequestHandler, Response } from 'express';
import { AnsweredForm, type Sent } from '#models/answered-form.js';
import type { Services } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { MINUTE } from '#server/lib/clock.js';
import { hashToken } from '#server/lib/random-token.js';
import { readPrincipal } from '#server/identity/principal.js';
import { giveAnswer, keepAnswer, openAnswer } from './kept-answer.js';
import { readVisitor } from './csrf.js';
import { cookieName } from './cookies.js';
import { SESSION_COOKIE } from './session.js';

// A double click, a reload of the answer, a password manager that sends by itself: the same form comes twice. The second
// is given the answer of the first, be that under way, and nothing is done again.

type Handler = (req: Request, res: Response) => void | Promise<void>;

const LOOK_EVERY = 40;
const LOOKS = 500;
// The longest that a request is worked on; whoever left its form behind is gone.
const LOST_AFTER = MINUTE;

/**
 * Answers a form that was sent before as the first sending was answered. Before anybody asks who sends it: the first may
 * have ended the session that both were sent in.
 */
export function answerAgain(services: Services): RequestHandler {
  return (req, res, next) => {
    const id = idOf(services, req);
    if (id === null) {
      next();
      return;
    }
    req.sentForm = id;
    return answeredBefore(services, req, res).then((answered) => {
      if (!answered) next();
    });
  };
}

/** The same handler; of the same form sent at once, one is worked on, and the others wait for its answer. A refused one may be sent again. */
export function onlyOnce(services: Services, handler: Handler): Handler {
  return async (req, res) => {
    const { sentForm: id, context } = req;
    if (id === undefined) {
      await handler(req, res);
      return;
    }
    const sessionId = context.session?.id ?? null;
    while (!(await AnsweredForm.take(services.database, id, sessionId, context.now)))
      if (await answeredBefore(services, req, res)) return;
    keepAnswer(services, req, res, id);
    try {
      await handler(req, res);
    } catch (error) {
      await AnsweredForm.destroy({ where: { id } });
      throw error;
    }
  };
}

// The form as it was rendered and filled in, and the browser that it was rendered for. Filled in otherwise, it is another.
function idOf(services: Services, req: Request): string | null {
  const body = req.body as Record<string, unknown> | undefined;
  const form = body?.['_form'];
  if (req.method !== 'POST' || form === undefined) return null;
  delete body?.['_form'];
  if (typeof form !== 'string' || !/^[\w-]{22}$/.test(form)) return null;
  const visitor = readVisitor(services, req);
  return visitor === null
    ? null
    : services.keys.mac('sent-form', JSON.stringify([visitor, form, req.originalUrl, body]));
}

async function answeredBefore(services: Services, req: Request, res: Response): Promise<boolean> {
  const id = req.sentForm ?? '';
  const sent = await whenAnswered(services, id);
  // In another sign-in it would say what is not so, such as that one is signed out.
  if (!sent || (req.principal && sent.sessionId !== null && sent.sessionId !== req.principal.session.id)) return false;
  const { now } = req.context;
  if (sent.sealedAnswer === null || (sent.answeredAt ?? 0) <= now - AnsweredForm.READABLE)
    throw new Conflict(
      'This form was sent before, and what it asked for was done then. What was shown only once is not shown again. Go on from your start page.',
    );
  const answer = openAnswer(services, id, sent.sealedAnswer);
  const sid = answer.sid !== null && (await isLive(services, req, answer.sid)) ? answer.sid : null;
  if (answer.sid !== null && sid === null && !req.principal) {
    // It led into a session that is over: whoever sends it now means to begin another.
    await AnsweredForm.destroy({ where: { id } });
    return false;
  }
  if (req.principal && sent.sessionId === null) {
    // What a visitor was answered does not touch the session that there is now.
    const session = `${cookieName(services.config, SESSION_COOKIE)}=`;
    answer.cookies = answer.cookies.filter((line) => !line.startsWith(session));
  }
  await giveAnswer(req, res, { ...answer, sid });
  return true;
}

async function whenAnswered(services: Services, id: string): Promise<Sent | null> {
  for (let looks = 1; ; looks += 1) {
    const sent = await AnsweredForm.look(services.database, id);
    if (sent === null || sent.answeredAt !== null) return sent;
    if (sent.createdAt <= services.clock.now() - LOST_AFTER)
      throw new Conflict(
        'This form was sent before, and its answer was lost on the way. See whether it was done before you send it again.',
      );
    if (looks === LOOKS)
      throw new Conflict(
        'This form was sent before, and is still being worked on. Wait a moment, then reload this page.',
      );
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

async function isLive({ database, clock }: Services, { context }: Request, sid: string): Promise<boolean> {
  return (await readPrincipal(database.read, hashToken(sid), { now: clock.now(), ip: context.ip })) !== null;
}
