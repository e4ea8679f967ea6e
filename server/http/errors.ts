import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Services } from '#server/context.js';
import {
  BadRequest,
  Bound,
  MethodNotAllowed,
  NotFound,
  OutOfDate,
  Refusal,
  SignedOut,
  TooMany,
  Unavailable,
} from '#server/errors.js';
import { noteRefusal } from '#server/identity/refusals.js';
import { STATUSES } from '#server/input/statuses.js';
import { describeError } from '#server/lib/log.js';
import { HasherBusy } from '#server/lib/password-hash.js';
import { setFlash } from './flash.js';
import { typedValues } from './form.js';
import { keepForNextSession } from './kept-form.js';
import { DUTY_PATHS } from './limited.js';
import { show } from './page.js';

export const notFound: RequestHandler = () => {
  throw new NotFound();
};

/** Every error ends here: as the refusal it is, or as a plain 500 that tells nothing and is logged under the request's id. */
export function errorPage(services: Services): ErrorRequestHandler {
  return async (error: unknown, req, res, _next) => {
    const refusal = asRefusal(error);
    if (req.context) noteRefusal(req.context, routeOf(req), refusal);
    if (isOurFault(error, refusal))
      services.log.error({ requestId: req.context?.requestId, err: describeError(error) }, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (refusal instanceof SignedOut) {
      await leadToSignIn(services, req, res, refusal);
      return;
    }
    if (refusal instanceof Bound) {
      res.redirect(303, DUTY_PATHS[refusal.duty]);
      return;
    }
    if (refusal instanceof OutOfDate) {
      showOutOfDate(res.status(refusal.status), refusal);
      return;
    }
    const status = refusal?.status ?? 500;
    const gone = refusal instanceof NotFound && req.method === 'POST' && req.context?.user ? GONE : '';
    if (refusal instanceof TooMany) res.setHeader('Retry-After', String(refusal.retryAfterSeconds));
    if (refusal instanceof MethodNotAllowed) res.setHeader('Allow', refusal.allow);
    if (status === 503) res.setHeader('Retry-After', '5');
    // What we refuse to read is not worth a connection that has to be read to its end.
    if (status === 413) res.setHeader('Connection', 'close');
    res.status(status);
    answer(
      res,
      status,
      refusal
        ? refusal.message + gone
        : 'Something went wrong on our side. See whether it was done before you try again; if this stays, tell your administrator.',
    );
  };
}

// Who sends a form has seen what it is about.
const GONE = ' Somebody else may have removed it since you opened the page.';

/** What was asked for, as the table of routes has it: what stands in an address itself may be a secret. */
export function routeOf({ method, route }: Request): string {
  const { path } = (route ?? {}) as { path?: unknown };
  return `${method} ${typeof path === 'string' ? path : '(before any route)'}`;
}

async function leadToSignIn(
  services: Services,
  req: Request,
  res: Response,
  { message, token }: SignedOut,
): Promise<void> {
  // What cannot be kept is no reason for another error.
  const kept = await keepForNextSession(req, token).catch(() => null);
  const text =
    kept === null
      ? req.path === '/logout'
        ? 'You are signed out.'
        : message
      : 'You have been signed out meanwhile. What you had entered has been kept: sign in to go on.';
  setFlash(services, res, text, 'warning');
  res.redirect(303, kept === null ? '/login' : `/login?next=${encodeURIComponent(`/confirm/kept?id=${kept}`)}`);
}

// What was typed is kept in the page, but for secrets; one press sends it.
function showOutOfDate(res: Response, { message, again }: OutOfDate): void {
  const { originalUrl, context } = res.req;
  const { _csrf: _, ...typed } = typedValues(res.req.body);
  show(res, 'errors/out-of-date', {
    title: 'This page is out of date',
    flash: null,
    message,
    // No address that a browser would take for another site's.
    to: again && /^\/(?![/\\])/.test(originalUrl) ? originalUrl : null,
    typed: Object.entries(typed).map(([name, value]) => ({ name, values: [value].flat() })),
    start: { label: context.user ? 'Go to your start page' : 'Go to sign-in', href: '/' },
  });
}

function answer(res: Response, status: number, message: string): void {
  const heading =
    STATUSES[status]?.heading ?? (status >= 500 ? 'Something went wrong' : 'That request could not be understood');
  const { context } = res.req;
  try {
    if (!context) throw new Error('before the context');
    const action = { label: context.user ? 'Go to your start page' : 'Go to sign-in', href: '/' };
    // A visitor's error page has no form, so needs no cookie; and a flash is for the page that it was left for.
    const bare = { flash: null, ...(context.user ? {} : { csrf: '' }) };
    show(res, 'errors/error', {
      ...bare,
      title: heading,
      status,
      heading,
      message,
      action,
      requestId: context.requestId,
    });
  } catch {
    res.type('text').send(`${heading}\n${message}\n`);
  }
}

/** The refusal that an error amounts to; null for a fault of ours. */
export function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof HasherBusy) return new Unavailable();
  if (!(error instanceof Error)) return null;
  if (/^Sequelize(Connection|HostNot|AccessDenied|InvalidConnection)/.test(error.name) || isLostDatabase(error)) {
    return new Unavailable(
      'The database cannot be reached just now. Wait a moment, and see whether it was done before you try again.',
    );
  }
  // Express and body-parser mark what they refuse with a status of 4xx.
  const status = (error as { status?: unknown }).status;
  if (typeof status !== 'number' || status < 400 || status > 499) return null;
  const messages: Record<number, string> = {
    413: 'What was sent is too large. Send less.',
    415: 'Send forms as application/x-www-form-urlencoded, not compressed.',
  };
  return new BadRequest(
    messages[status] ?? 'The request is malformed. Check the address, or go back and try again.',
    status,
  );
}

function isLostDatabase(error: Error): boolean {
  const { code } = error as { code?: unknown };
  const parent = (error as { parent?: unknown }).parent;
  if (parent instanceof Error) return isLostDatabase(parent);
  // The driver of PostgreSQL gives no code when the connection goes while somebody waits for an answer.
  return typeof code === 'string'
    ? LOST.test(code)
    : /^(Connection terminated|Client has encountered a connection error)/.test(error.message);
}

// Also what PostgreSQL says when it was too busy for us: deadlock, time-out, no place for another connection; or takes no
// writes just now: it is a standby, or its disk is full or broken.
const LOST =
  /^(ECONN(REFUSED|RESET)|EPIPE|ETIMEDOUT|25006|57P0[123]|57014|40001|40P01|55P03|5[38]\w{3}|08\w{3}|SQLITE_(BUSY|LOCKED|CANTOPEN|IOERR|FULL|READONLY|CORRUPT|NOTADB))$/;

/** Whether the operator must hear of it: a fault of ours, or what the portal stands on is gone or too slow. */
export function isOurFault(error: unknown, refusal: Refusal | null): boolean {
  return refusal === null || (refusal.status >= 500 && !(error instanceof Refusal));
}
