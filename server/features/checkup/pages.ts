import type { Request, Response } from 'express';
import { isOrganisationItem, isOwnItem, type CheckupItem } from '#policies/checkup.js';
import { verdictOf, type Finding } from '#server/checkup/finding.js';
import { checkOrganisation } from '#server/checkup/organisation.js';
import { checkOwn } from '#server/checkup/own.js';
import { NotFound } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { putOff, recall } from './actions.js';

const OWN = '/security/checkup';
const ORGANISATION = '/admin/checkup';

export async function showOwn(req: Request, res: Response): Promise<void> {
  showFindings(res, await checkOwn(signedIn(req)), {
    base: OWN,
    title: 'Check-up of your account',
    lead: 'What would make your account safer, the most pressing first.',
    back: { label: 'Security', href: '/security' },
  });
}

export async function showOrganisation(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  showFindings(res, await checkOrganisation(context), {
    base: ORGANISATION,
    title: 'Check-up',
    lead: `What would make ${context.tenant.name} safer, the most pressing first.`,
    back: { label: 'Overview', href: '/admin' },
  });
}

interface Place {
  base: string;
  title: string;
  lead: string;
  back: { label: string; href: string };
}

function showFindings(res: Response, findings: readonly Finding[], place: Place): void {
  show(res, 'checkup/index', {
    ...place,
    verdict: verdictOf(findings),
    open: findings.filter(({ putOffUntil }) => putOffUntil === null),
    putOff: findings.filter(({ putOffUntil }) => putOffUntil !== null),
  });
}

export async function putOffOwn(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await putOff(context, itemOf(req, isOwnItem));
  setFlash(context.services, res, 'Put off for 30 days.');
  res.redirect(303, OWN);
}

export async function putOffOrganisation(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await putOff(context, itemOf(req, isOrganisationItem));
  setFlash(context.services, res, 'Put off for 30 days, for you alone.');
  res.redirect(303, ORGANISATION);
}

export async function recallOwn(req: Request, res: Response): Promise<void> {
  await recall(signedIn(req), itemOf(req, isOwnItem));
  res.redirect(303, OWN);
}

export async function recallOrganisation(req: Request, res: Response): Promise<void> {
  await recall(signedIn(req), itemOf(req, isOrganisationItem));
  res.redirect(303, ORGANISATION);
}

function itemOf(req: Request, known: (text: string) => text is CheckupItem): CheckupItem {
  const { item } = req.params;
  if (typeof item !== 'string' || !known(item)) throw new NotFound();
  return item;
}
