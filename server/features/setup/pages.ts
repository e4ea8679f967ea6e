import type { Request, Response } from 'express';
import { DEFAULT_POLICY } from '#policies/security-policy.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { passwordRules } from '#server/identity/password.js';
import { demandSetupCode, setUp } from './actions.js';
import { setupForm } from './input.js';

export async function showSetup(req: Request, res: Response, problem?: Problem): Promise<void> {
  const code = codeOf(req);
  await demandSetupCode(code);
  show(res, 'setup/setup', {
    title: 'Set up Gatehouse',
    formAction: `/setup/${code}`,
    passwordRules: passwordRules(DEFAULT_POLICY, { name: '', slug: '' }, { username: '', email: '', name: '' }),
    ...problem,
  });
}

export async function completeSetup(req: Request, res: Response): Promise<void> {
  const code = codeOf(req);
  await answerForm(req, res, {
    form: setupForm,
    act: (values) => setUp(req.context, code, values),
    again: (problem) => showSetup(req, res, problem),
    done(_nothing, { slug }) {
      setFlash(
        req.context.services,
        res,
        `Gatehouse is ready. Sign in to ${slug}; the same username and password open the organisation platform, where you add others.`,
      );
      res.redirect(303, `/login?organization=${encodeURIComponent(slug)}`);
    },
  });
}

function codeOf(req: Request): string {
  const { code } = req.params;
  return typeof code === 'string' ? code : '';
}
