import type { ErrorRequestHandler, Request, Response } from 'express';
import {
  BadRequest,
  Forbidden,
  Invalid,
  InvalidRequest,
  MethodNotAllowed,
  NotFound,
  Refusal,
  TooMany,
  Unauthenticated,
} from '#server/errors.js';
import { sendText } from '#server/http/compress.js';
import { asRefusal, isOurFault, routeOf } from '#server/http/errors.js';
import { noteRefusal } from '#server/identity/refusals.js';
import { STATUSES } from '#server/input/statuses.js';
import { readAuthorization } from '#server/lib/authorization.js';
import { describeError } from '#server/lib/log.js';
import { countUnauthenticated, type Gate } from './authenticate.js';

/** Errors of the API, as RFC 9457 has them. */
export function problemAnswer(gate: Gate): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = res.headersSent ? thrown : counted(gate, req, res, thrown);
    const refusal = refusalOf(error);
    noteRefusal(req.context, routeOf(req), refusal);
    if (isOurFault(error, refusal))
      gate.services.log.error({ requestId: req.context.requestId, err: describeError(error) }, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    sendProblem(
      req,
      res,
      refusal ??
        new Refusal(
          500,
          'internal_error',
          'Something went wrong on our side. Look whether it was done before you send it again.',
        ),
    );
  };
}

export const nothingHere = (): never => {
  throw new NotFound('There is no such resource. See /api/openapi.json for those there are.');
};

// Every answer says how many requests are left; and who is refused counts, or guessing would cost nothing.
function counted(gate: Gate, req: Request, res: Response, thrown: unknown): unknown {
  if (res.hasHeader('RateLimit-Limit')) return thrown;
  try {
    countUnauthenticated(gate, req, res);
    return thrown;
  } catch (tooMany) {
    return tooMany;
  }
}

// What Express and the body reader refuse, in words for programs.
function refusalOf(error: unknown): Refusal | null {
  const refusal = asRefusal(error);
  if (refusal === null || error instanceof Refusal) return refusal;
  if (refusal.status === 413) return new BadRequest('The body is too large. Send less at once.', 413, 'too_large');
  if (refusal.status === 415)
    return new BadRequest('Send the body as UTF-8, not compressed.', 415, 'unsupported_media_type');
  if (refusal.status === 400) return new BadRequest('The request is malformed. Check its address and its body.');
  return refusal;
}

function sendProblem(req: Request, res: Response, refusal: Refusal): void {
  const { status, code, message } = refusal;
  if (refusal instanceof TooMany) res.setHeader('Retry-After', String(refusal.retryAfterSeconds));
  if (refusal instanceof MethodNotAllowed) res.setHeader('Allow', refusal.allow);
  const challenge = challengeOf(refusal, readAuthorization(req.headers.authorization).scheme === 'bearer');
  if (challenge !== null) res.setHeader('WWW-Authenticate', challenge);
  if (status === 503) res.setHeader('Retry-After', '5');
  if (status === 413) res.setHeader('Connection', 'close');
  sendText(
    res.status(status),
    'application/problem+json; charset=utf-8',
    JSON.stringify({
      type: 'about:blank',
      title: STATUSES[status]?.title ?? 'Error',
      status,
      detail: message,
      code,
      ...(refusal instanceof InvalidRequest ? { error: code } : {}),
      ...(refusal instanceof Invalid ? { errors: refusal.errors } : {}),
    }),
  );
}

// What became of a bearer token is said here as well, where its clients look for it (RFC 6750, 3). Who sent none is told nothing
// but what there is.
function challengeOf(refusal: Refusal, sentBearer: boolean): string | null {
  const bearer = 'Bearer realm="Gatehouse"';
  if (refusal instanceof Unauthenticated)
    return [
      sentBearer ? `${bearer}, error="invalid_token"` : bearer,
      ...(refusal.offerBasic ? ['Basic realm="Gatehouse", charset="UTF-8"'] : []),
    ].join(', ');
  if (!(refusal instanceof Forbidden) || refusal.lacking === null || !sentBearer) return null;
  const scope = refusal.lacking === '' ? '' : `, scope="${refusal.lacking}"`;
  return `${bearer}, error="insufficient_scope"${scope}`;
}
