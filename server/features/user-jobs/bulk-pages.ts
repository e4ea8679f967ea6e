import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { signedIn } from '#server/http/request.js';
import { showUsers } from '../users/list-pages.js';
import { previewOrBegin } from './preview.js';
import { bulkForm } from './input.js';
import { showJobOf } from './job-pages.js';

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
