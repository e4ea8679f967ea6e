import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { canonicalSlug, isSlug } from '#policies/names.js';
import { visitorOf } from '#server/http/csrf.js';
import type { Problem } from '#server/http/form.js';
import { subdomainOf } from '#server/http/host.js';
import { show } from '#server/http/page.js';
import type { RequestOptions } from '#server/identity/passkey-options.js';
import { signInOptions } from '#server/identity/passkey-sign-in.js';
import { inContext } from '#server/identity/tenant.js';

/** The sign-in page; `unknownPasskey` is the id of one that is nobody's here, for the browser to forget. */
export async function showForm(
  req: Request,
  res: Response,
  problem: Problem,
  unknownPasskey: string | null = null,
): Promise<void> {
  const fixed = subdomainOf(req.context.services.config, req.hostname);
  const typed = problem.values['organization'];
  const slug = fixed ?? (typeof typed === 'string' ? canonicalSlug(typed) : '');
  const found = isSlug(slug) ? await Tenant.findOne({ where: { slug, status: 'active' } }) : null;
  // Which organisations there are is nobody's to ask, but of one that has something to say to whoever comes.
  const tenant = fixed === null && (found?.signInMessage ?? '') === '' ? null : found;
  show(res, 'sign-in/login', {
    title: 'Sign in',
    organizationFixed: fixed !== null,
    signInMessage: null,
    passkey: await askedPasskey(req, res, fixed, fixed === null ? null : found),
    unknownPasskey,
    ...(tenant
      ? {
          organization: inContext(tenant),
          signInMessage: tenant.signInMessage,
        }
      : {}),
    ...problem,
  });
}

// Of an organisation that is not greeted by name nobody can tell whether it uses passkeys so.
async function askedPasskey(
  req: Request,
  res: Response,
  slug: string | null,
  tenant: Tenant | null,
): Promise<RequestOptions | null> {
  const { context } = req;
  if (tenant && (await SecurityPolicy.of(tenant.id)).passkeys !== 'passwordless') return null;
  return signInOptions(context, { visitor: visitorOf(context.services, req, res), slug });
}
