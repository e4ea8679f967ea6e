import type { Request, Response } from 'express';
import { ownAddress } from '#server/lib/own-address.js';
import { show } from './page.js';
import { timesFor } from './times.js';

/** What the page with the codes says around them. */
export interface CodesPage {
  owner: {
    user: { name: string; username: string; locale: string; timeZone: string };
    tenant: { slug: string; name: string; colour: string; logo: string | null };
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
    portalAddress: ownAddress(services.config, tenant.slug),
    ...page,
  });
}

/** "Two recovery codes are left.", for pages and messages. */
export function codesLeft(left: number): string {
  if (left === 0) return 'No recovery codes are left.';
  return left === 1 ? 'One recovery code is left.' : `${left} recovery codes are left.`;
}
