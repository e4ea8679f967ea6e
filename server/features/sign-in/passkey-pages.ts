import type { Request, Response } from 'express';
import { TooMany } from '#server/errors.js';
import { ensureBrowser, readBrowser } from '#server/http/browser.js';
import { readVisitor } from '#server/http/csrf.js';
import { answerForm, typedValues } from '#server/http/form.js';
import { subdomainOf } from '#server/http/host.js';
import { dropProposedUsername, rememberOrganization } from '#server/http/organization.js';
import { safeNext } from '#server/http/safe-next.js';
import { adoptSession } from '#server/http/session.js';
import { proveByPasskeyAlone, UnknownPasskey } from '#server/identity/passkey-sign-in.js';
import { noteUse } from '#server/identity/passkey-use.js';
import { demandAlone } from '#server/identity/passkey-owner.js';
import { completeSignIn } from './actions.js';
import { passkeyForm } from './input.js';
import { showForm } from './login-page.js';

/** What an authenticator has answered to the sign-in page: it says itself who it is. */
export async function sendPasskey(req: Request, res: Response): Promise<void> {
  const { services } = req.context;
  let unknown: string | null = null;
  try {
    await answerForm(req, res, {
      form: passkeyForm,
      act: ({ credential }) =>
        signIn(req, res, credential).catch((error: unknown) => {
          if (error instanceof UnknownPasskey) unknown = error.credentialId;
          throw error;
        }),
      again: (problem) => showForm(req, res, problem, unknown),
      async done({ sid, slug }, { next }) {
        await adoptSession(req, sid);
        rememberOrganization(services, res, slug);
        dropProposedUsername(services, req, res);
        res.redirect(303, safeNext(next));
      },
    });
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    res.status(error.status).setHeader('Retry-After', String(error.retryAfterSeconds));
    await showForm(req, res, { errors: [{ field: '', message: error.message }], values: typedValues(req.body) });
  }
}

async function signIn(req: Request, res: Response, credential: string): Promise<{ sid: string; slug: string }> {
  const { context } = req;
  const { services } = context;
  const { candidate, proven } = await proveByPasskeyAlone(context, {
    credential,
    visitor: readVisitor(services, req) ?? '',
    slug: subdomainOf(services.config, req.hostname),
    browser: readBrowser(services, req),
  });
  const browser = ensureBrowser(services, req, res);
  const sid = await completeSignIn(context, candidate, browser, async (policy) => {
    demandAlone(await noteUse(context, proven), policy);
  });
  return { sid, slug: candidate.tenant.slug };
}
