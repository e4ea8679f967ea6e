import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { offeredRoles } from '../users/grant.js';
import { beginImport } from './begin.js';
import { beginImportForm, importForm } from './input.js';
import { previewImport } from './import-preview.js';
import { sourceOf } from './import-source.js';
import { showJobOf } from './job-pages.js';

/** The form that takes a file, or its text. */
export async function showImport(req: Request, res: Response, problem?: Problem): Promise<void> {
  const roles = await offeredRoles(signedIn(req));
  show(res, 'user-jobs/import', {
    title: 'Import users',
    usualRole: roles.find(({ usual }) => usual)?.name ?? 'User',
    ...problem,
  });
}

/** What each row would do. Nothing is done yet. */
export async function preview(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: importForm,
    act: (values) => previewImport(context, sourceOf(values)),
    again: (problem) => showImport(req, res, problem),
    done: (job) => showJobOf(req, res, job),
  });
}

/** Begins what a preview shows. */
export async function begin(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: beginImportForm,
    act: ({ import: id, reason }) => beginImport(context, id, reason),
    again: (problem) => showImport(req, res, problem),
    done(job) {
      setFlash(context.services, res, 'It has begun. It goes on when you leave this page.');
      res.redirect(303, `/admin/users/bulk/${job.id}`);
    },
  });
}
