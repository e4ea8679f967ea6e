import type { Request, Response } from 'express';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import { foundOf } from '#server/checkup/own.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { readQuery } from '#server/input/read.js';
import { revokeOwn } from './actions.js';
import { tokenDetails } from './details.js';
import { newTokenForm, rotationForm, tokensQuery } from './input.js';
import { lastUse } from './last-use-page.js';
import { listThese, listTokens } from './list.js';
import { showReview } from './review-page.js';
import { rotateToken } from './rotation.js';
import { showRotated, showSecret } from './shown-page.js';
import { showTokenForm } from './token-form-page.js';
import { summaryOf } from './summary.js';
import { showToken } from './token-page.js';
import { createToken } from './tokens.js';

const PATH = '/security/tokens';

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const { show: only } = readQuery(tokensQuery, req.query);
  show(res, 'api-credentials/tokens', {
    title: only ? ONLY[only] : 'API tokens',
    ...{ account: null, path: PATH, removals: PATH, mayRevoke: true, only: only !== undefined },
    back: only ? { label: 'Check-up', href: '/security/checkup' } : { label: 'Security', href: '/security' },
    tokens: only ? await listThese(context, await foundOf(context, only)) : await listTokens(context),
    mayCreate: !only && can(context.actor, 'tokens:create'),
  });
}

const ONLY = {
  unused: 'API credentials that nothing has used for 90 days',
  ending: 'API credentials that end within 14 days',
} as const;

export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { user, tenant } = context;
  const roles = (await User.inTenant(tenant.id, user.id))?.roles ?? [];
  const cameFrom = { label: 'API tokens', href: PATH };
  const page = { title: 'New API token', roles, to: PATH, cameFrom };
  await showTokenForm(res, context, page, problem ?? req);
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: newTokenForm,
    act: (values) => createToken(context, values),
    again: (problem) => showNew(req, res, problem),
    done: ({ credential: token, secret }) =>
      showSecret(res, context, {
        title: 'Your new API token',
        label: `API token “${token.name}”`,
        kind: 'token',
        text: secret,
        expiresAt: token.expiresAt,
        waits: token.waitingSince !== null,
        onward: PATH,
      }),
  });
}

/** Says in sentences what the token will be, and has the button that makes it. */
export async function review(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: newTokenForm,
    act: (values) => summaryOf(context, context.user.id, values),
    again: (problem) => showNew(req, res, problem),
    done: (summary, { name }) => showReview(req, res, { name, summary, to: PATH, account: null }),
  });
}

export async function details(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const page = {
    ...{ account: null, path: `${PATH}/${id}`, removal: `${PATH}/${id}/removal`, mayRevoke: true },
    ...{ back: { label: 'API tokens', href: PATH }, mayRotate: can(context.actor, 'tokens:create') },
  };
  await showToken(req, res, context, id, page, problem);
}

export async function rotate(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: rotationForm,
    act: ({ overlapHours, replaces }) => rotateToken(context, id, overlapHours, replaces),
    again: (problem) => details(req, res, problem),
    done: (shown, { overlapHours }) => showRotated(res, context, { ...shown, overlapHours, onward: `${PATH}/${id}` }),
  });
}

export async function askRevoke(req: Request, res: Response): Promise<void> {
  const token = await tokenDetails(signedIn(req), pathId(req));
  askFirst(req, res, {
    heading: `Revoke “${token.name}”?`,
    text: ['Calls with this token fail at once. It cannot be undone.', lastUse(req, token)],
    label: 'Revoke the token',
    back: `${PATH}/${token.id}`,
  });
}

export async function revoke(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await revokeOwn(context, pathId(req), 'token');
  setFlash(context.services, res, 'The token has been revoked. It no longer works.');
  res.redirect(303, PATH);
}
