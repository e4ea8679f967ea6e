import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { newTokenForm, rotationForm } from '../api-credentials/input.js';
import { listTokens } from '../api-credentials/list.js';
import { showReview } from '../api-credentials/review-page.js';
import { showRotated, showSecret } from '../api-credentials/shown-page.js';
import { summaryOf } from '../api-credentials/summary.js';
import { showTokenForm } from '../api-credentials/token-form-page.js';
import { showToken } from '../api-credentials/token-page.js';
import {
  createServiceToken,
  findServiceAccount,
  lookAtServiceAccount,
  mayRotate,
  rotateServiceToken,
} from './actions.js';
import { mayMakeTokenFor, mayRevokeOf } from './rule.js';

const pathOf = (id: string): string => `/admin/users/${id}/tokens`;

/** The tokens of a service account: those that work, and those that have ended lately. */
export async function list(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const account = await lookAtServiceAccount(context, pathId(req));
  show(res, 'api-credentials/tokens', {
    title: `API tokens of ${account.name}`,
    ...{ account: account.name, path: pathOf(account.id), removals: '/admin/credentials', only: false },
    back: can(context.actor, 'users:read')
      ? { label: account.name, href: `/admin/users/${account.id}` }
      : { label: 'API credentials', href: '/admin/credentials' },
    tokens: await listTokens({ ...context, user: account }),
    mayCreate: mayMakeTokenFor(context, account),
    mayRevoke: mayRevokeOf(context, account),
  });
}

/** One of them: what it can do right now, and a call to try. Works for one that has ended, too. */
export async function details(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const account = await lookAtServiceAccount(context, pathId(req));
  const id = pathId(req, 'tokenId');
  const look = {
    ...{ account: account.name, path: `${pathOf(account.id)}/${id}`, removal: `/admin/credentials/${id}/removal` },
    back: { label: `API tokens of ${account.name}`, href: pathOf(account.id) },
    mayRevoke: mayRevokeOf(context, account),
    mayRotate: await mayRotate(context, account, id),
  };
  await showToken(req, res, { ...context, user: account }, id, look, problem);
}

/** Shows the new secret once, to whoever is to give it to the program. */
export async function rotate(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const [id, tokenId] = [pathId(req), pathId(req, 'tokenId')];
  const looks = can(context.actor, 'credentials:read');
  await answerForm(req, res, {
    form: rotationForm,
    act: ({ overlapHours, replaces }) => rotateServiceToken(context, id, tokenId, overlapHours, replaces),
    again: (problem) => details(req, res, problem),
    done: (shown, { overlapHours }) => {
      const onward = looks ? `${pathOf(id)}/${tokenId}` : `/admin/users/${id}`;
      showRotated(res, context, { ...shown, overlapHours, onward });
    },
  });
}

export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const account = await findServiceAccount(context, pathId(req));
  const page = {
    title: `New API token for ${account.name}`,
    roles: account.roles,
    to: pathOf(account.id),
    cameFrom: { label: account.name, href: `/admin/users/${account.id}` },
  };
  await showTokenForm(res, context, page, problem ?? req);
}

/** Says in sentences what the token will be, and has the button that makes it. */
export async function review(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const account = await findServiceAccount(context, pathId(req));
  await answerForm(req, res, {
    form: newTokenForm,
    act: (values) => summaryOf(context, account.id, values),
    again: (problem) => showNew(req, res, problem),
    done: (summary, { name }) => showReview(req, res, { name, summary, to: pathOf(account.id), account: account.name }),
  });
}

export async function create(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  const looks = can(context.actor, 'credentials:read');
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
        onward: looks ? `${pathOf(id)}/${token.id}` : `/admin/users/${id}`,
      }),
  });
}
