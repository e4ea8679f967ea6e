import type { Request, Response } from 'express';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { freeUsername } from './former-names.js';
import { freeNameForm } from './input.js';

export function showFormerNames(req: Request, res: Response, problem?: Problem): void {
  show(res, 'users/former-names', {
    title: 'Former usernames',
    mayFree: signedIn(req).actor.top,
    ...problem,
  });
}

export async function free(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: freeNameForm,
    act: ({ username }) => freeUsername(context, username),
    again: (problem) => showFormerNames(req, res, problem),
    done() {
      setFlash(context.services, res, 'The username is free. Whoever gets it may be taken for who had it before.');
      res.redirect(303, '/admin/users/former');
    },
  });
}
