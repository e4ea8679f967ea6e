import type { Request, Response } from 'express';
import { countFailure, refuseFailingAddress } from '#server/identity/address-limit.js';
import { setFlash } from './flash.js';
import { show } from './page.js';
import { DeadLink, type LiveLink } from '#server/identity/take-link.js';

/**
 * Answers a request for a mailed link: with `work`, or with the page `dead` where the link opens nothing. A token that
 * never was counts as a failure of the address, so that nobody tries many.
 */
export async function answerLink(req: Request, res: Response, dead: string, work: () => Promise<void>): Promise<void> {
  const { services } = req.context;
  await refuseFailingAddress(services, req.ip ?? null);
  try {
    await work();
  } catch (error) {
    if (!(error instanceof DeadLink)) throw error;
    if (error.status === 404) await countFailure(services, req.ip ?? null);
    res.status(error.status);
    show(res, dead, { title: 'This link no longer works', layout: 'entrance' });
  }
}

/** What every page of a live link is made of: it belongs to the link's organisation, whoever is signed in in this browser. */
export function pageOfLink(req: Request, { user, context }: LiveLink) {
  return {
    layout: 'entrance',
    organization: context.tenant,
    account: { username: user.username, name: user.name },
    formAction: req.path,
  };
}

/** Whose link it was that was taken. */
export interface TakenLink {
  readonly owner: { readonly id: string; readonly username: string };
  readonly tenant: { readonly slug: string; readonly name: string };
}

/**
 * Says what a link has done, and leads its owner to where they sign in. Who is signed in here with another account still
 * is, and would take it for said of that one.
 */
export function leadOn(req: Request, res: Response, { owner, tenant }: TakenLink, said: string, other = said): void {
  const { services, user } = req.context;
  if (user === null || user.id === owner.id) {
    setFlash(services, res, said);
    res.redirect(303, signInPath(tenant.slug));
    return;
  }
  const whose = `This was the account ${owner.username} of ${tenant.name}; here you are still signed in as ${user.username}.`;
  setFlash(services, res, `${other} ${whose}`);
  res.redirect(303, '/');
}

export function tokenOf(req: Request): string {
  const { token } = req.params;
  return typeof token === 'string' ? token : '';
}

/** Where a person signs in to this organisation. */
export function signInPath(slug: string): string {
  return `/login?organization=${encodeURIComponent(slug)}`;
}
