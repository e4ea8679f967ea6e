import type { Request, Response } from 'express';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { signedIn } from '#server/http/request.js';
import { newTokenForm } from '../api-credentials/input.js';
import { showSecret } from '../api-credentials/shown-page.js';
import { showTokenForm } from '../api-credentials/token-form-page.js';
import { createServiceToken, findServiceAccount } from './actions.js';

export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const account = await findServiceAccount(context, pathId(req));
  await showTokenForm(
    res,
    context,
    {
      title: `New API token for ${account.name}`,
      roles: account.roles,
      to: `/admin/users/${account.id}/tokens`,
      cameFrom: { label: account.name, href: `/admin/users/${account.id}` },
    },
    problem,
  );
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: newTokenForm,
    act: (values) => createServiceToken(context, id, values),
    again: (problem) => showNew(req, res, problem),
    done: ({ credential: token, secret }) =>
      showSecret(res, context, {
        title: 'The new API token',
        label: `API token “${token.name}”`,
        kind: 'token',
        text: secret,
        expiresAt: token.expiresAt,
        waits: token.waitingSince !== null,
        onward: `/admin/users/${id}`,
      }),
  });
}
