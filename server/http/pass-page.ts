import type { Request, Response } from 'express';
import { MINUTE } from '#server/lib/clock.js';
import { ownAddress } from '#server/lib/own-address.js';
import { show } from './page.js';

/** Whose access pass it is, and what the page says around it. */
export interface PassPage {
  pass: string;
  minutes: number;
  owner: { name: string; username: string };
  /** The short name of its organisation. */
  shortName: string;
  onward: string;
}

/** Shows an access pass, which it can do only once: only its hash is kept. */
export function showAccessPass(req: Request, res: Response, { pass, minutes, owner, ...page }: PassPage): void {
  const { now, services } = req.context;
  show(res, 'users/access-pass', {
    title: `Access pass of ${owner.name}`,
    account: { name: owner.name, username: owner.username },
    pass,
    until: now + minutes * MINUTE,
    address: `${ownAddress(services.config, page.shortName)}/login/pass`,
    ...page,
  });
}
