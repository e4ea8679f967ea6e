import type { Request, Response } from 'express';
import { BadRequest, Invalid, TooMany } from '#server/errors.js';
import { ensureBrowser } from '#server/http/browser.js';
import { dropChallenge, formerChallenge, giveChallenge } from '#server/http/challenge.js';
import { setFlash } from '#server/http/flash.js';
import { typedValues } from '#server/http/form.js';
import { readForm, readQuery } from '#server/input/read.js';
import { clearSite } from '#server/http/headers.js';
import { subdomainOf } from '#server/http/host.js';
import {
  dropProposedUsername,
  lastOrganization,
  proposedUsername,
  rememberOrganization,
} from '#server/http/organization.js';
import { signedIn } from '#server/http/request.js';
import { safeNext } from '#server/http/safe-next.js';
import { onceSetUp } from '#server/http/once-set-up.js';
import { adoptSession, dropSession } from '#server/http/session.js';
import { randomToken } from '#server/lib/random-token.js';
import { abandonChallenge, openChallenge } from '#server/identity/challenge.js';
import { isAskedForFactor } from '#server/identity/factors.js';
import { rememberedBrowserSince } from '../remembered-browsers/pages.js';
import { completeSignIn, signOut } from './actions.js';
import { showForm } from './login-page.js';
import { signInForm, signInQuery } from './input.js';
import { authenticate } from './passport.js';

/** The sign-in page, once there is somebody. */
export const openLogin = onceSetUp((req, res) => showLogin(req, res));

async function showLogin(req: Request, res: Response): Promise<void> {
  refuseSecretsInQuery(req);
  if (req.context.user) {
    res.redirect(303, safeNext(req.query['next']));
    return;
  }
  const { organization, next } = readQuery(signInQuery, req.query);
  const typed = organization === '' ? lastOrganization(req.context.services, req) : organization;
  await showForm(req, res, {
    errors: [],
    values: { organization: typed, username: proposedUsername(req.context.services, req), next },
  });
}

export async function login(req: Request, res: Response): Promise<void> {
  refuseSecretsInQuery(req);
  const { services } = req.context;
  try {
    const body: unknown = req.body;
    const fixed = subdomainOf(services.config, req.hostname);
    const values = readForm(signInForm, fixed === null ? body : { ...(body as object), organization: fixed });
    req.body = values;
    const candidate = await authenticate(req);
    rememberOrganization(services, res, candidate.tenant.slug);
    dropProposedUsername(services, req, res);
    const asksMore = await isAskedForFactor(services.database.read, candidate.user);
    const rememberedAt = asksMore ? await rememberedBrowserSince(req, candidate.user) : null;
    const setsUp = !asksMore && candidate.user.twoFactor === 'pending';
    if (setsUp || (asksMore && rememberedAt === null)) {
      const token = randomToken();
      // Between password and code there is nobody, not even who was signed in in this browser before.
      if (req.context.session) await signOut(signedIn(req));
      await openChallenge(req.context, candidate, token, safeNext(values.next), formerChallenge(services, req));
      dropSession(services, res);
      giveChallenge(services, res, token);
      res.redirect(303, setsUp ? '/login/two-factor/setup' : '/login/two-factor');
      return;
    }
    const sid = await completeSignIn(req.context, { ...candidate, rememberedAt }, ensureBrowser(services, req, res));
    await adoptSession(req, sid);
    res.redirect(303, safeNext(values.next));
  } catch (error) {
    if (!(error instanceof Invalid || error instanceof TooMany)) throw error;
    if (error instanceof TooMany) res.setHeader('Retry-After', String(error.retryAfterSeconds));
    res.status(error.status);
    const errors = error instanceof Invalid ? error.errors : [{ field: '', message: error.message }];
    await showForm(req, res, { errors, values: typedValues(req.body) });
  }
}

export async function logout(req: Request, res: Response): Promise<void> {
  const { services } = req.context;
  if (req.halfSignedIn) await abandonChallenge(req.context, req.halfSignedIn);
  if (req.context.session) await signOut(signedIn(req));
  dropSession(services, res);
  dropChallenge(services, res);
  clearSite(res, services.config);
  setFlash(services, res, 'You are signed out.');
  res.redirect(303, '/login');
}

export function start(req: Request, res: Response): void {
  const admin = req.context.actor?.permissions.has('users:read') ?? false;
  res.redirect(303, admin ? '/admin' : '/security');
}

// Credentials in an address end up in histories and logs; passport-local would take them.
function refuseSecretsInQuery(req: Request): void {
  if (['username', 'password', 'code'].some((name) => req.query[name] !== undefined)) {
    throw new BadRequest(
      'A password must never stand in an address. Open the sign-in page and type it there; if this was your password, change it.',
    );
  }
}
