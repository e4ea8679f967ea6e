import type { Request, Response } from 'express';
import type { z } from 'zod';
import { can } from '#policies/can.js';
import { mayRemoveTenant, maySuspend } from '#policies/tenant.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { changesIn, leftOut, readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { mailed } from '#server/http/mailed.js';
import { signedIn } from '#server/http/request.js';
import { changeTenant, createTenantWithOwner, resumeTenant, suspendTenant } from './actions.js';
import { peopleOf, readTenant } from './figures.js';
import { inviteOwnersAgain } from './invite.js';
import { listTenants } from './list.js';
import { newTenantForm, tenantForm, tenantQuery } from './input.js';

const PATH = '/platform/tenants';
const STATES = [
  { value: 'active', label: 'Active' },
  { value: 'suspended', label: 'Suspended' },
];

export async function showTenants(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(tenantQuery, req.query);
  const { tenants, total, page, size } = await listTenants(context, query);
  const people = await peopleOf(
    context,
    tenants.map(({ id }) => id),
  );
  const filtered = query.q !== '' || query.status !== undefined;
  show(res, 'tenants/index', {
    title: 'Organisations',
    tenants: tenants.map((one) => ({ ...one, ...people.get(one.id) })),
    filters: {
      action: PATH,
      label: 'Organisations',
      search: { label: 'Name or short name', value: query.q },
      selects: [{ name: 'status', label: 'Status', empty: 'Any status', value: query.status, options: STATES }],
      chosen: query.status === undefined ? 0 : 1,
      clear: filtered ? PATH : null,
      ignored: leftOut(tenantQuery, req.query).map((name) => (name === 'q' ? 'the search' : name)),
    },
    mayCreate: can(context.actor, 'tenants:write'),
    pager: {
      from: tenants.length === 0 ? 0 : (page - 1) * size + 1,
      to: (page - 1) * size + tenants.length,
      total,
      previous: page > 1 ? linkTo(query, page - 1) : null,
      next: page * size < total ? linkTo(query, page + 1) : null,
    },
  });
}

export function showNew(_req: Request, res: Response, problem?: Problem): void {
  show(res, 'tenants/new', { title: 'Add an organisation', ...problem });
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: newTenantForm,
    act: (values) => createTenantWithOwner(context, values),
    again: (problem) => showNew(req, res, problem),
    done({ tenant, owner }) {
      setFlash(
        context.services,
        res,
        `${tenant.name} has been added. ${mailed(context.services, 'an invitation', ` to ${owner.email}`)}`,
      );
      res.redirect(303, `${PATH}/${tenant.id}`);
    },
  });
}

export async function showTenant(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { tenant, ...figures } = await readTenant(context, pathId(req));
  const mayWrite = can(context.actor, 'tenants:write');
  show(res, 'tenants/tenant', {
    title: tenant.name,
    tenant: tenant.get({ plain: true }),
    platform: tenant.isPlatform,
    ...figures,
    mayWrite,
    maySuspend: maySuspend(context.actor, { platform: tenant.isPlatform }) && tenant.status === 'active',
    mayRemove: mayRemoveTenant(context.actor, { platform: tenant.isPlatform }),
    mayResume: mayWrite && tenant.status === 'suspended',
    mayInvite: mayWrite && tenant.status === 'active' && figures.owners.some(({ status }) => status === 'invited'),
    ...problem,
  });
}

export async function rename(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: tenantForm,
    act(values) {
      const { changes, seen } = changesIn(tenantForm, values);
      return changeTenant(context, id, { ...changes, seen });
    },
    again: (problem) => showTenant(req, res, problem),
    done: ({ name }) => back(req, res, `The organisation is called ${name}.`),
  });
}

export async function inviteAgain(req: Request, res: Response): Promise<void> {
  const count = await inviteOwnersAgain(signedIn(req), pathId(req));
  back(
    req,
    res,
    count === 0
      ? 'No owner is waiting for an invitation.'
      : `${mailed(req.context.services, 'a new invitation')} The one before no longer works.`,
  );
}

export async function confirmSuspension(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { tenant, sessions } = await readTenant(context, pathId(req));
  if (!maySuspend(context.actor, { platform: tenant.isPlatform }) || tenant.status !== 'active') {
    res.redirect(303, `${PATH}/${tenant.id}`);
    return;
  }
  show(res, 'tenants/suspension', { title: `Suspend ${tenant.name}`, tenant: tenant.get({ plain: true }), sessions });
}

export async function suspend(req: Request, res: Response): Promise<void> {
  await suspendTenant(signedIn(req), pathId(req));
  back(req, res, 'The organisation is suspended. Everybody in it has been signed out.');
}

export async function resume(req: Request, res: Response): Promise<void> {
  await resumeTenant(signedIn(req), pathId(req));
  back(req, res, 'The organisation is open again. Its people can sign in.');
}

function back(req: Request, res: Response, text: string): void {
  setFlash(req.context.services, res, text);
  res.redirect(303, `${PATH}/${pathId(req)}`);
}

function linkTo({ q, status }: z.infer<typeof tenantQuery>, page: number): string {
  const query = new URLSearchParams({
    ...(q === '' ? {} : { q }),
    ...(status === undefined ? {} : { status }),
    page: String(page),
  });
  return `${PATH}?${query.toString()}`;
}
