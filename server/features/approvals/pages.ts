import type { Request, Response } from 'express';
import type { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { can } from '#policies/can.js';
import { APPROVAL_KINDS } from '#policies/enumerations.js';
import type { SignedInContext } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { showAccessPass } from '#server/http/pass-page.js';
import { approve, refuse, withdraw } from './actions.js';
import { findApproval, listApprovals } from './look.js';
import { LABELS } from './asked.js';
import { approvalQuery, refusalForm } from './input.js';

const PATH = '/admin/approvals';
const STATES: readonly { value: Approval['state']; label: string }[] = [
  { value: 'waiting', label: 'Waiting' },
  { value: 'approved', label: 'Approved' },
  { value: 'refused', label: 'Refused' },
  { value: 'withdrawn', label: 'Taken back' },
  { value: 'void', label: 'Void' },
];
const KINDS = APPROVAL_KINDS.map((value) => ({ value, label: LABELS[value] }));

export async function list(req: Request, res: Response): Promise<void> {
  const query = readQuery(approvalQuery, req.query);
  const approvals = await listApprovals(signedIn(req), query);
  const { q, ...others } = query;
  const chosen = Object.values(others).filter((value) => value !== undefined).length;
  const filtered = chosen > 0 || Boolean(q);
  show(res, 'approvals/index', {
    title: 'Approvals',
    waiting: approvals.filter(({ state }) => state === 'waiting'),
    decided: approvals.filter(({ state }) => state !== 'waiting'),
    found: approvals.length,
    filtered,
    onward: filtered ? { label: 'Show all', href: PATH } : whereDecided(signedIn(req)),
    filters: {
      action: PATH,
      label: 'Approvals',
      search: { label: 'Name, or what is asked for', value: q },
      selects: [
        { name: 'state', label: 'State', empty: 'Any state', value: query.state, options: STATES },
        { name: 'kind', label: 'Kind', empty: 'Any kind', value: query.kind, options: KINDS },
      ],
      checks: [
        { name: 'decide', label: 'For me to decide', checked: query.decide !== undefined },
        { name: 'asked', label: 'Asked for by me', checked: query.asked !== undefined },
      ],
      chosen,
      clear: filtered ? PATH : null,
      ignored: leftOut(approvalQuery, req.query).map((name) => (name === 'q' ? 'the search' : name)),
    },
  });
}

export async function showOne(req: Request, res: Response, problem?: Problem): Promise<void> {
  const one = await findApproval(signedIn(req), pathId(req));
  show(res, 'approvals/show', { title: one.what, one, ...problem });
}

export async function giveApproval(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const { owner, approval, organisation } = await findApproval(context, id);
  const pass = await approve(context, id);
  if (pass !== null && owner) {
    const { slug: shortName } = await Tenant.findByPk(approval.tenantId, { rejectOnEmpty: true });
    const onward = organisation === null ? `/admin/users/${owner.id}` : PATH;
    showAccessPass(req, res, { pass, minutes: approval.minutes ?? 0, owner, shortName, onward });
    return;
  }
  setFlash(context.services, res, 'Approved. Whoever asked for it gets a mail.');
  res.redirect(303, PATH);
}

export async function takeBack(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await withdraw(context, pathId(req));
  setFlash(context.services, res, 'Taken back. Nothing comes of it, and the owner of the account is told.');
  res.redirect(303, PATH);
}

export async function giveRefusal(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: refusalForm,
    act: ({ reason }) => refuse(context, id, reason),
    again: (problem) => showOne(req, res, problem),
    done() {
      setFlash(context.services, res, 'Refused. Whoever asked for it gets a mail with your reason.');
      res.redirect(303, PATH);
    },
  });
}

// Whether something needs an approval at all is said elsewhere: of tokens by roles, of resets by the policy.
function whereDecided({ actor }: SignedInContext): { label: string; href: string } | null {
  if (can(actor, 'roles:read')) return { label: 'Roles', href: '/admin/roles' };
  return can(actor, 'policy:read') ? { label: 'Security policy', href: '/admin/security-policy' } : null;
}
