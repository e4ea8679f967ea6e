import type { Request, Response } from 'express';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { timesFor } from '#server/http/times.js';
import { renewRecoveryCodes } from './actions.js';

/** What the page with the codes says around them. */
export interface CodesPage {
  owner: {
    user: { name: string; username: string; locale: string; timeZone: string };
    tenant: { name: string; colour: string };
  };
  codes: readonly string[];
  leadText: string;
  onward: { label: string; href: string };
}

/** Shows recovery codes, which it can do only once: only their hashes are kept. */
export function showRecoveryCodes(req: Request, res: Response, { owner, ...page }: CodesPage): void {
  const { now, services } = req.context;
  const { user, tenant } = owner;
  show(res, 'recovery-codes/shown', {
    title: 'Your recovery codes',
    layout: 'entrance',
    organization: tenant,
    account: { name: user.name, username: user.username },
    madeAt: timesFor(user.locale, user.timeZone, now).when(now),
    portalAddress: services.config.baseUrl,
    ...page,
  });
}

/** "Two recovery codes are left.", for pages and messages. */
export function codesLeft(left: number): string {
  if (left === 0) return 'No recovery codes are left.';
  return left === 1 ? 'One recovery code is left.' : `${left} recovery codes are left.`;
}

export async function renew(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const codes = await renewRecoveryCodes(context);
  showRecoveryCodes(req, res, {
    owner: context,
    codes,
    leadText: 'The old codes no longer work.',
    onward: { label: 'I have kept them. Go on', href: '/security/two-factor' },
  });
}
