import type { Request, Response } from 'express';
import { User } from '#models/user.js';
import { can } from '#policies/can.js';
import { PERMISSIONS } from '#policies/permissions.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { revokeOwn } from './actions.js';
import { tokenDetails } from './details.js';
import { newTokenForm, rotationForm } from './input.js';
import { lastUse } from './last-use-page.js';
import { listTokens } from './list.js';
import { rotateToken } from './rotation.js';
import { showSecret } from './shown-page.js';
import { showTokenForm } from './token-form-page.js';
import { createToken } from './tokens.js';

export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  show(res, 'api-credentials/tokens', {
    title: 'API tokens',
    tokens: await listTokens(context),
    mayCreate: can(context.actor, 'tokens:create'),
  });
}

export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { user, tenant } = context;
  const roles = (await User.inTenant(tenant.id, user.id))?.roles ?? [];
  const cameFrom = { label: 'API tokens', href: '/security/tokens' };
  await showTokenForm(res, context, { title: 'New API token', roles, to: '/security/tokens', cameFrom }, problem);
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
        onward: '/security/tokens',
      }),
  });
}

export async function details(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const token = await tokenDetails(context, pathId(req));
  const labels = new Map<string, string>(PERMISSIONS.map(({ name, label }) => [name, label]));
  show(res, 'api-credentials/token', {
    title: token.name,
    token,
    mayRotate: token.works && can(context.actor, 'tokens:create'),
    rights: token.permissions.map((name) => ({ name, label: labels.get(name) ?? name })),
    ...problem,
  });
}

export async function rotate(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: rotationForm,
    act: ({ overlapHours }) => rotateToken(context, id, Number(overlapHours) as 0 | 1 | 24),
    again: (problem) => details(req, res, problem),
    done: ({ credential: token, secret }, { overlapHours }) =>
      showSecret(res, context, {
        title: 'Your new secret',
        label: `New secret of “${token.name}”`,
        kind: 'token',
        text: secret,
        expiresAt: token.expiresAt,
        waits: token.waitingSince !== null,
        former: FORMER[overlapHours],
        onward: `/security/tokens/${token.id}`,
      }),
  });
}

const FORMER = {
  0: 'The old secret is dead.',
  1: 'The old secret works for one more hour: give the program the new one by then.',
  24: 'The old secret works for 24 more hours: give the program the new one by then.',
} as const;

export async function askRevoke(req: Request, res: Response): Promise<void> {
  const token = await tokenDetails(signedIn(req), pathId(req));
  askFirst(req, res, {
    heading: `Revoke “${token.name}”?`,
    text: ['Calls with this token fail at once. It cannot be undone.', lastUse(req, token)],
    label: 'Revoke the token',
    back: `/security/tokens/${token.id}`,
  });
}

export async function revoke(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await revokeOwn(context, pathId(req), 'token');
  setFlash(context.services, res, 'The token has been revoked. It no longer works.');
  res.redirect(303, '/security/tokens');
}
