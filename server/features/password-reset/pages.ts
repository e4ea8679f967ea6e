import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { TooMany } from '#server/errors.js';
import { countResetRequest } from '#server/identity/address-limit.js';
import { answerForm, typedValues, type Problem } from '#server/http/form.js';
import { readQuery } from '#server/input/read.js';
import { subdomainOf } from '#server/http/host.js';
import { proposeUsername } from '#server/http/organization.js';
import { show } from '#server/http/page.js';
import { onceSetUp } from '#server/http/once-set-up.js';
import { answerLink, leadOn, pageOfLink, tokenOf } from '#server/http/link-page.js';
import { findLink } from '#server/identity/take-link.js';
import { newPasswordForm } from '../password/input.js';
import { passwordRules } from '#server/identity/password.js';
import { inContext } from '#server/identity/tenant.js';
import { resetPassword } from './actions.js';
import { forgotForm, forgotQuery } from './input.js';
import { requestReset } from './request.js';

const DEAD = 'password-reset/invalid';

/** Where a link for a new password is asked for, once there is somebody. */
export const openForgot = onceSetUp((req, res) => showForgot(req, res));

async function showForgot(req: Request, res: Response, problem?: Problem): Promise<void> {
  const slug = subdomainOf(req.context.services.config, req.hostname);
  const tenant = slug === null ? null : await Tenant.findOne({ where: { slug, status: 'active' } });
  show(res, 'password-reset/forgot', {
    title: 'Forgotten your password?',
    layout: 'entrance',
    organizationFixed: slug !== null,
    ...(tenant ? { organization: inContext(tenant) } : {}),
    values: readQuery(forgotQuery, req.query),
    ...problem,
  });
}

export async function forgot(req: Request, res: Response): Promise<void> {
  const { services } = req.context;
  const fixed = subdomainOf(services.config, req.hostname);
  if (fixed !== null) req.body = { ...(req.body as object), organization: fixed };
  try {
    await answerForm(req, res, {
      form: forgotForm,
      async act(asked) {
        await countResetRequest(services, req.ip ?? null);
        await requestReset(req.context, asked);
      },
      again: (problem) => showForgot(req, res, problem),
      done: () => res.redirect(303, '/password/forgot/sent'),
    });
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    res.status(error.status).setHeader('Retry-After', String(error.retryAfterSeconds));
    await showForgot(req, res, { errors: [{ field: '', message: error.message }], values: typedValues(req.body) });
  }
}

export function showSent(_req: Request, res: Response): void {
  show(res, 'password-reset/sent', { title: 'Look in your inbox', layout: 'entrance' });
}

export async function showReset(req: Request, res: Response, problem?: Problem): Promise<void> {
  await answerLink(req, res, DEAD, async () => {
    const found = await findLink(req.context, 'password-reset', tokenOf(req));
    const { tenant } = found.context;
    const policy = await SecurityPolicy.of(tenant.id);
    show(res, 'password-reset/reset', {
      title: 'Choose a new password',
      passwordRules: passwordRules(policy, tenant, found.user),
      ...pageOfLink(req, found),
      ...problem,
    });
  });
}

export async function reset(req: Request, res: Response): Promise<void> {
  await answerLink(req, res, DEAD, () =>
    answerForm(req, res, {
      form: newPasswordForm,
      act: (typed) => resetPassword(req.context, tokenOf(req), typed),
      again: (problem) => showReset(req, res, problem),
      done(taken) {
        proposeUsername(req.context.services, res, taken.owner.username);
        leadOn(
          req,
          res,
          taken,
          'Your new password is set, and you are signed out everywhere. Sign in with it.',
          'The new password is set, and the account is signed out everywhere.',
        );
      },
    }),
  );
}
