import type { Request, Response } from 'express';
import { canonicalSlug, canonicalUsername } from '#policies/names.js';
import type { Services } from '#server/context.js';
import { BadRequest, Unauthenticated } from '#server/errors.js';
import { admitCaller, callerOf, isOutside } from '#server/identity/admission.js';
import { networksOf } from '#server/lib/address.js';
import { parseApiSecret, type CredentialKind } from '#server/lib/api-secret.js';
import { readAuthorization } from '#server/lib/authorization.js';
import { readBasic } from './basic.js';
import { checkSignInPassword } from '#server/identity/basic.js';
import { readCredential, type Caller } from '#server/identity/credential-read.js';
import { tellOfRefused } from '#server/identity/refused-credential.js';
import { noteUse } from './last-use.js';
import type { RateLimiter } from './rate-limit.js';

const PER_CREDENTIAL = 600;
const PER_ADDRESS = 60;
/** A page that a proxy guards asks for each of its files. */
const PER_SESSION = 3000;

export interface Gate {
  services: Services;
  limiter: RateLimiter;
  /** Reads the session of a browser into the request; for the one call that takes a cookie. */
  readSession: (req: Request, res: Response) => Promise<void>;
}

/** Counts a request that nobody has proven to make, against its address; what is refused before it was counted is counted so as well. */
export function countUnauthenticated({ limiter }: Gate, req: Request, res: Response): void {
  limiter.spend(res, 'address', networksOf(req.context.ip)[0], PER_ADDRESS, req.context.now);
}

/** Counts a request with the cookie of a signed-in browser. */
export function countSession({ limiter }: Gate, req: Request, res: Response): void {
  limiter.spend(res, 'session', req.context.session?.id ?? '', PER_SESSION, req.context.now);
}

/**
 * Turns `Authorization: Bearer`, `X-API-Key` or `Authorization: Basic` into one and the same caller. Throws
 * `Unauthenticated`, which says expired, revoked or invalid, and a 403 from a wrong address.
 */
export async function authenticate(gate: Gate, req: Request, res: Response): Promise<Caller> {
  const { limiter } = gate;
  const { now, ip } = req.context;
  const caller = await identify(gate, req, res);
  if (isOutside(caller, ip)) {
    // Before the limit, which is the rightful program's: who has the secret elsewhere must not use that up.
    countUnauthenticated(gate, req, res);
    await tellOfRefused(req.context, { ...ownerOf(caller), credentialId: caller.credential.id ?? '' }, 'address');
  } else limiter.spend(res, 'credential', caller.credential.id ?? caller.user.id, PER_CREDENTIAL, now);
  admitCaller(caller, ip);
  await noteUse(req.context, caller, ip);
  return caller;
}

/** True when the request brings a credential of any kind. */
export function bringsCredential(req: Request): boolean {
  return req.headers.authorization !== undefined || req.headers['x-api-key'] !== undefined;
}

async function identify(gate: Gate, req: Request, res: Response): Promise<Caller> {
  const { scheme, given } = readAuthorization(req.headers.authorization);
  const apiKey = req.headers['x-api-key'];
  refuseSeveral(req, res);
  if (scheme === 'bearer') return bySecret(gate, req, given, ['token', 'key']);
  if (typeof apiKey === 'string') return bySecret(gate, req, apiKey, ['token', 'key']);
  if (scheme === 'basic') return byBasic(gate, req, given);
  throw new Unauthenticated(
    'invalid_credentials',
    'Send a credential: Authorization: Bearer, X-API-Key, or HTTP Basic with an API password.',
  );
}

// RFC 6750, 2 and 3.1. Whoever stands in between may take the other one for that which counts: each would be right about
// somebody else. What is none of ours by its form is another's: the Basic of a proxy in front, the key of what is guarded.
function refuseSeveral(req: Request, res: Response): void {
  const [authorization, keys] = [valuesOf(req, 'authorization'), valuesOf(req, 'x-api-key')];
  const { scheme, given } = readAuthorization(req.headers.authorization);
  const ours =
    (scheme === 'bearer' && parseApiSecret(given) !== null) || (scheme === 'basic' && readBasic(given) !== null);
  if (authorization.length < 2 && keys.length < 2 && !(ours && keys.some((key) => parseApiSecret(key)))) return;
  res.setHeader('WWW-Authenticate', 'Bearer realm="Gatehouse", error="invalid_request"');
  throw new BadRequest('Send one credential: in Authorization or in X-API-Key, and once.', 400, 'invalid_request');
}

// As `headersDistinct` has them, which puts all that was sent into lists for it.
function valuesOf({ rawHeaders }: Request, name: string): string[] {
  return rawHeaders.filter((_value, at) => {
    const sent = at % 2 === 1 ? rawHeaders[at - 1] : undefined;
    return sent?.length === name.length && sent.toLowerCase() === name;
  });
}

// Nobody guesses a secret of 256 bits, so a wrong one is no failed sign-in: one program with an old key must not shut
// the sign-in page to everybody at its address. The checksum tells a mistyped one without the database.
async function bySecret(
  { services }: Gate,
  req: Request,
  text: string,
  kinds: readonly CredentialKind[],
): Promise<Caller> {
  const secret = parseApiSecret(text);
  if (!secret || !kinds.includes(secret.kind)) throw invalid();
  const verdict = await readCredential(services.database.readTogether, secret, req.context);
  if ('whose' in verdict) await tellOfRefused(req.context, verdict.whose, verdict.because);
  return callerOf(verdict);
}

async function byBasic(gate: Gate, req: Request, given: string): Promise<Caller> {
  const basic = readBasic(given);
  if (!basic) throw invalid();
  const { organization, username, password } = basic;
  if (parseApiSecret(password)) {
    const caller = await bySecret(gate, req, password, ['password']);
    if (
      caller.tenant.slug !== canonicalSlug(organization) ||
      canonicalUsername(caller.user.username) !== canonicalUsername(username)
    )
      throw invalid();
    return caller;
  }
  const caller = await checkSignInPassword(req.context, organization, username, password);
  if (!caller) throw invalid();
  return caller;
}

function ownerOf({ tenant, user }: Caller): { tenantId: string; userId: string } {
  return { tenantId: tenant.id, userId: user.id };
}

function invalid(): Unauthenticated {
  return new Unauthenticated('invalid_credentials', 'This credential is not valid.');
}
