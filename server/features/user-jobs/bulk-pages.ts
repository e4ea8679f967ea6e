import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { UserJob } from '#models/user-job.js';
import type { TenantContext } from '#server/context.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { signedIn } from '#server/http/request.js';
import { Invalid } from '#server/errors.js';
import { showUsers } from '../users/list-pages.js';
import { beginJob } from './begin.js';
import { bulkForm } from './input.js';
import { showJobOf } from './job-pages.js';
import type { Selection } from './people.js';
import { previewBulk } from './preview.js';

/** Shows what would be done to whom; with the id of that preview, begins it. */
export async function bulk(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const sent = Object.entries((req.body ?? {}) as Record<string, unknown>);
  req.body = Object.fromEntries(sent.filter(([name, value]) => value !== '' || name === 'heldRoleId'));
  await answerForm(req, res, {
    form: bulkForm,
    act: (values) => previewOrBegin(context, values),
    again: (problem) => showUsers(req, res, sentFrom(problem)),
    names: { roleId: 'bulkRole' },
    async done(job, { confirmed }) {
      if (confirmed === undefined) {
        await showJobOf(req, res, job);
        return;
      }
      setFlash(context.services, res, 'It has begun. It goes on when you leave this page.');
      res.redirect(303, `/admin/users/bulk/${job.id}`);
    },
  });
}

/** The list has filters of its own, of which one has the name of the role to give. */
function sentFrom({ errors, values: { roleId: _given, heldRoleId: roleId, ...values } }: Problem): Problem {
  return { errors, values: roleId === undefined ? values : { ...values, roleId } };
}

async function previewOrBegin(context: TenantContext, values: z.infer<typeof bulkForm>): Promise<UserJob> {
  const { confirmed, action, reason, ...chosen } = values;
  if (confirmed !== undefined) return beginJob(context, confirmed, reason);
  if (action === undefined) throw Invalid.field('action', 'Choose what to do.');
  const givesOrTakes = action === 'give-role' || action === 'take-role';
  const selection = selectionOf(chosen, givesOrTakes ? undefined : chosen.roleId);
  return previewBulk(context, { action, reason, selection, roleId: chosen.roleId ?? '' });
}

type Chosen = Omit<z.infer<typeof bulkForm>, 'confirmed' | 'action' | 'reason'>;

function selectionOf(
  { ids, all, heldRoleId, q, kind, status, twoFactor, locked, stale }: Chosen,
  role?: string,
): Selection {
  if (!all) return { ids };
  const roleId = heldRoleId === undefined ? role : heldRoleId || undefined;
  return { filters: { q, kind, status, twoFactor, locked, stale, roleId } };
}
