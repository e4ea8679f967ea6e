import type { Request } from 'express';
import type { Context, SignedInContext } from '#server/context.js';
import type { Demand } from '#server/identity/admission.js';
import type { HalfSignedIn, Principal } from '#server/identity/principal.js';
import type { Along, Asks } from './ask-along.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      context: Context;
      /** What names this browser; see `csrf.ts`. */
      visitor?: string;
      /** The same as its cookie has it; null where that is not ours, absent until it is asked for. */
      sentVisitor?: string | null;
      /** What the one read of this request found; absent for visitors. */
      principal?: Principal;
      /** What its page will ask of the database, which the one read may answer along; see `ask-along.ts`. */
      asks?: Asks;
      /** What was answered along. */
      along?: Along;
      /** What the route asks of who is signed in; absent where anybody may. */
      demand?: Demand;
      /** Who has proven the password and not yet the second factor; only on the routes that ask for it. */
      halfSignedIn?: HalfSignedIn;
      /** The id that the next session of this request gets; see `session.ts`. */
      nextSid?: string;
      /** Under what the answer to this very form is kept; absent where nobody rendered it. See `sent-form.ts`. */
      sentForm?: string;
      /** Why the body could not be read as a form; see `body.ts`. */
      unsoundForm?: Error;
    }
  }
}

declare module 'express-session' {
  interface SessionData {
    /** Only says that the cookie is to be sent: all that a session is stands in its row. */
    started: boolean;
  }
}

/** The context of a request whose route has let only signed-in people through. */
export function signedIn(req: Request): SignedInContext {
  const { context } = req;
  if (!context.actor || !context.user || !context.session) throw new Error('This route must demand a sign-in.');
  return context as SignedInContext;
}
