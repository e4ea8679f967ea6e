import type { Request, RequestHandler } from 'express';
import { ASKER, readAlong } from '#models/asked-along.js';
import type { Read, Row } from '#models/database.js';
import { answersIn, askWithOthers, type Answers, type Question } from '#models/question.js';
import type { Services, SignedInContext } from '#server/context.js';

/** The questions of a page. What finds their rows is who asks, which session, and the time: the answers may stand on more. */
export type Asks = (context: SignedInContext) => readonly Question<unknown>[];

/** What was read of them with the session itself, and of which. */
export interface Along {
  asks: Asks;
  sidHash: unknown;
  parts: Row;
}

export interface Asking {
  /** What the page of a route asks: by the straight way it is answered by the read that says who asks. */
  asks?: Asks;
}

/** Has the questions of a page that is looked at answered by the read that says who asks. */
export function askingAlong(asks: Asks): RequestHandler {
  return (req, _res, next) => {
    req.asks = asks;
    next();
  };
}

/** How the session of this request is read: with the questions of its page, where that has any. */
export function readerFor({ database }: Services, { asks, context }: Request, found: (along: Along) => void): Read {
  if (!asks) return database.readTogether;
  let isRead = false;
  return async (sql, bind) => {
    // The first is the session; what is read after that, to find it good, is something else.
    if (isRead) return database.readTogether(sql, bind);
    isRead = true;
    const { rows, parts } = await readAlong(database, sql, bind, withoutAsker(asks, context.now));
    found({ asks, sidHash: bind[0], parts });
    return rows;
  };
}

const STAND_IN = {
  user: { id: ASKER.user, tenantId: ASKER.tenant },
  tenant: { id: ASKER.tenant },
  session: { id: ASKER.session },
};
let last: { asks: Asks; now: number; questions: readonly Question<unknown>[] } | undefined;

// Nobody has asked them yet: they are the same for all who come at the same moment.
function withoutAsker(asks: Asks, now: number): readonly Question<unknown>[] {
  if (last?.asks !== asks || last.now !== now)
    last = { asks, now, questions: asks({ ...STAND_IN, now } as unknown as SignedInContext) };
  return last.questions;
}

/** What a page asks: as it was answered along, or by a read of its own. */
export async function answersTo<const Questions extends readonly Question<unknown>[]>(
  { along, context: { services } }: Request,
  context: SignedInContext,
  asks: (context: SignedInContext) => Questions,
): Promise<Answers<Questions>> {
  const questions = asks(context);
  if (along?.asks === asks && along.sidHash === context.session.sidHash) return answersIn(along.parts, questions);
  return askWithOthers(services.database, context.user.id, questions);
}
