import type { Request, Response } from 'express';
import { mayRemoveTenant } from '#policies/tenant.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { readTenant } from './figures.js';
import { removalForm } from './input.js';
import { removeTenant } from './remove.js';

/** Asks for the short name, and says what goes and what stays. */
export async function showRemoval(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { tenant, users, logRows } = await readTenant(context, pathId(req));
  if (!mayRemoveTenant(context.actor, { platform: tenant.isPlatform })) {
    res.redirect(303, `/platform/tenants/${tenant.id}`);
    return;
  }
  show(res, 'tenants/removal', {
    title: `Remove ${tenant.name}`,
    tenant: tenant.get({ plain: true }),
    accounts: users.invited + users.active + users.disabled,
    logRows,
    ...problem,
  });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: removalForm,
    act: ({ slug }) => removeTenant(context, id, slug),
    again: (problem) => showRemoval(req, res, problem),
    done({ name }) {
      setFlash(context.services, res, `${name} has been removed, with everybody in it.`);
      res.redirect(303, '/platform/tenants');
    },
  });
}
