import type { Request, Response } from 'express';
import { Tenant } from '#models/tenant.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { showAccessPass } from '#server/http/pass-page.js';
import { approve, refuse } from './actions.js';
import { findApproval, listApprovals } from './look.js';
import { refusalForm } from './input.js';

const PATH = '/admin/approvals';

export async function list(req: Request, res: Response): Promise<void> {
  const approvals = await listApprovals(signedIn(req));
  show(res, 'approvals/index', {
    title: 'Approvals',
    waiting: approvals.filter(({ state }) => state === 'waiting'),
    decided: approvals.filter(({ state }) => state !== 'waiting'),
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
