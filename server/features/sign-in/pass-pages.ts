import type { Request, Response } from 'express';
import { Passkey } from '#models/passkey.js';
import { TooMany } from '#server/errors.js';
import { ensureBrowser } from '#server/http/browser.js';
import { answerForm, typedValues, type Problem } from '#server/http/form.js';
import { subdomainOf } from '#server/http/host.js';
import { limitOf, setsPassword } from '#server/http/limited.js';
import { lastOrganization, proposedUsername, rememberOrganization } from '#server/http/organization.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { onceSetUp } from '#server/http/once-set-up.js';
import { adoptSession } from '#server/http/session.js';
import { provePass, takePass, type TypedPass } from '#server/identity/access-pass.js';
import { readQuery } from '#server/input/read.js';
import { completeSignIn } from './actions.js';
import { passForm, signInQuery } from './input.js';

const SETUP = '/login/pass/setup';

/** Where a temporary access pass is entered, once there is somebody. */
export const openPass = onceSetUp((req, res) => showPass(req, res));

function showPass(req: Request, res: Response, problem?: Problem): void {
  const { services } = req.context;
  const fixed = subdomainOf(services.config, req.hostname);
  const { organization } = readQuery(signInQuery, req.query);
  const known = organization === '' ? lastOrganization(services, req) : organization;
  show(res, 'sign-in/pass', {
    title: 'Use an access pass',
    layout: 'entrance',
    organizationFixed: fixed !== null,
    values: { organization: fixed ?? known, username: proposedUsername(services, req) },
    ...problem,
  });
}

export async function sendPass(req: Request, res: Response): Promise<void> {
  const { services } = req.context;
  const fixed = subdomainOf(services.config, req.hostname);
  if (fixed !== null) req.body = { ...(req.body as object), organization: fixed };
  try {
    await answerForm(req, res, {
      form: passForm,
      act: (typed) => signInByPass(req, res, typed),
      again: (problem) => showPass(req, res, problem),
      async done({ sid, slug }) {
        await adoptSession(req, sid);
        rememberOrganization(services, res, slug);
        res.redirect(303, SETUP);
      },
    });
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    res.status(error.status).setHeader('Retry-After', String(error.retryAfterSeconds));
    showPass(req, res, { errors: [{ field: '', message: error.message }], values: typedValues(req.body) });
  }
}

async function signInByPass(req: Request, res: Response, typed: TypedPass): Promise<{ sid: string; slug: string }> {
  const { context } = req;
  const { candidate, pass } = await provePass(context, typed);
  const browser = ensureBrowser(context.services, req, res);
  const sid = await completeSignIn(context, candidate, browser, () => takePass(context, candidate, pass));
  return { sid, slug: candidate.tenant.slug };
}

/** The only page that a pass opens: the ways of signing in, each to be set anew. */
export async function showSetup(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  if (limitOf(context) !== SETUP) {
    res.redirect(303, '/');
    return;
  }
  const { user, tenant, policy } = context;
  show(res, 'sign-in/pass-setup', {
    title: 'Set up how you sign in',
    layout: 'entrance',
    organization: tenant,
    password: setsPassword(context),
    twoFactor: policy.twoFactor === 'off' ? null : user.twoFactor,
    passkeys:
      policy.passkeys === 'off' ? null : await Passkey.count({ where: { tenantId: tenant.id, userId: user.id } }),
  });
}
