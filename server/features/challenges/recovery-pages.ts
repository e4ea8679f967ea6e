import type { Request, Response } from 'express';
import { RecoveryCode } from '#models/recovery-code.js';
import { TooMany } from '#server/errors.js';
import { ensureBrowser } from '#server/http/browser.js';
import { codesLeft } from '#server/http/codes-page.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, typedValues, type Problem } from '#server/http/form.js';
import { subdomainOf } from '#server/http/host.js';
import { DUTY_PATHS } from '#server/http/limited.js';
import { lastOrganization, proposedUsername, rememberOrganization } from '#server/http/organization.js';
import { show } from '#server/http/page.js';
import { safeNext } from '#server/http/safe-next.js';
import { onceSetUp } from '#server/http/once-set-up.js';
import { adoptSession } from '#server/http/session.js';
import { FEW_LEFT } from '#server/identity/recovery-codes.js';
import { proveRecoveryAlone, takeRecovery, type TypedRecovery } from '#server/identity/recovery-sign-in.js';
import { readQuery } from '#server/input/read.js';
import { completeSignIn } from '../sign-in/actions.js';
import { answerWith } from './actions.js';
import { complete, half, toSetUp } from './completion-pages.js';
import { recoveryAloneForm, recoveryForm, recoveryQuery } from './input.js';

/** Where a recovery code is entered, once there is somebody: after the password, or by a visitor whose password opens nothing. */
export const openRecovery = onceSetUp((req, res) => showRecovery(req, res));

function showRecovery(req: Request, res: Response, problem?: Problem): void {
  if (!req.halfSignedIn) {
    showRecoveryAlone(req, res, problem);
    return;
  }
  const { user, tenant } = req.halfSignedIn;
  if (toSetUp(req, res)) return;
  show(res, 'challenges/recovery', {
    title: 'Use a recovery code',
    account: user.username,
    organization: tenant,
    ...problem,
  });
}

export async function sendRecovery(req: Request, res: Response): Promise<void> {
  if (!req.halfSignedIn) {
    await sendRecoveryAlone(req, res);
    return;
  }
  const { user, tenant, challenge } = half(req);
  await complete(req, res, {
    form: recoveryForm,
    act: async ({ recoveryCode }, browser) => ({
      sid: await answerWith(req.context, half(req), { factor: 'recovery-code', given: recoveryCode }, browser),
    }),
    again: (problem) => showRecovery(req, res, problem),
    async done() {
      const left = await RecoveryCode.left(tenant.id, user.id);
      const text = `You have used a recovery code. ${codesLeft(left)} If you have lost your app or a passkey, reset the secret under Two-factor authentication, or remove the passkey under Passkeys.`;
      setFlash(req.context.services, res, text, left <= FEW_LEFT ? 'warning' : 'success');
      res.redirect(303, safeNext(challenge.next));
    },
  });
}

function showRecoveryAlone(req: Request, res: Response, problem?: Problem): void {
  const { services } = req.context;
  const fixed = subdomainOf(services.config, req.hostname);
  const { organization } = readQuery(recoveryQuery, req.query);
  const known = organization === '' ? lastOrganization(services, req) : organization;
  show(res, 'challenges/recovery-alone', {
    title: 'Use a recovery code',
    layout: 'entrance',
    organizationFixed: fixed !== null,
    values: { organization: fixed ?? known, username: proposedUsername(services, req) },
    ...problem,
  });
}

async function sendRecoveryAlone(req: Request, res: Response): Promise<void> {
  const { services } = req.context;
  const fixed = subdomainOf(services.config, req.hostname);
  if (fixed !== null) req.body = { ...(req.body as object), organization: fixed };
  try {
    await answerForm(req, res, {
      form: recoveryAloneForm,
      act: (typed) => signInByCode(req, res, typed),
      again: (problem) => showRecoveryAlone(req, res, problem),
      async done({ sid, slug }) {
        await adoptSession(req, sid);
        rememberOrganization(services, res, slug);
        res.redirect(303, DUTY_PATHS.passkey);
      },
    });
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    res.status(error.status).setHeader('Retry-After', String(error.retryAfterSeconds));
    showRecoveryAlone(req, res, { errors: [{ field: '', message: error.message }], values: typedValues(req.body) });
  }
}

async function signInByCode(req: Request, res: Response, typed: TypedRecovery): Promise<{ sid: string; slug: string }> {
  const { context } = req;
  const proven = await proveRecoveryAlone(context, typed);
  const browser = ensureBrowser(context.services, req, res);
  const sid = await completeSignIn(context, proven.candidate, browser, () => takeRecovery(context, proven));
  return { sid, slug: proven.candidate.tenant.slug };
}
