import type { Request, Response } from 'express';
import { User } from '#models/user.js';
import { mostMonths } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, typedValues, type Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { revokeOwn } from './actions.js';
import { tokenDetails } from './details.js';
import { newTokenForm, rotationForm, trialQuery } from './input.js';
import { lastUse } from './last-use-page.js';
import { listTokens } from './list.js';
import { prefilledBy, type Prefilled } from './prefilled.js';
import { rotateToken } from './rotation.js';
import { showSecret } from './shown-page.js';
import { showTokenForm } from './token-form-page.js';
import { summaryOf } from './summary.js';
import { rightsOf, tryCall } from './trial.js';
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
  const page = { title: 'New API token', roles, to: '/security/tokens', review: true, cameFrom };
  const link = req.method === 'GET' ? prefilledBy(req.query, roles, await mostMonths(tenant.id)) : null;
  await showTokenForm(res, context, { ...page, passedOver: link?.passedOver ?? [] }, problem ?? onlyValues(link));
}

// Typed by nobody yet, so nothing is wrong with it.
function onlyValues(link: Prefilled | null): Problem | undefined {
  return link && Object.keys(link.values).length > 0 ? { errors: [], values: link.values } : undefined;
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

const FIELDS = ['name', 'months', 'roleId', 'rights', 'scopes', 'allowedIps'];

/** Says in sentences what the token will be, and has the button that makes it. */
export async function review(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: newTokenForm,
    act: (values) => summaryOf(context, values),
    again: (problem) => showNew(req, res, problem),
    done(summary, { name }) {
      const typed = typedValues(req.body);
      show(res, 'api-credentials/review', {
        title: 'Review the token',
        name,
        summary,
        fields: FIELDS.flatMap((field) =>
          [typed[field] ?? []]
            .flat()
            .filter((value) => typeof value === 'string')
            .map((value) => ({ name: field, value })),
        ),
      });
    },
  });
}

export async function details(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const token = await tokenDetails(context, pathId(req));
  const { ip, permission } = readQuery(trialQuery, req.query);
  const [wrong] = leftOut(trialQuery, req.query);
  show(res, 'api-credentials/token', {
    title: token.name,
    token,
    mayRotate: token.works && can(context.actor, 'tokens:create'),
    ...(await rightsOf(context, token.id)),
    trial: ip === undefined ? null : await tryCall(context, token.id, { ip, permission: permission ?? null }),
    tried: { ip: ip ?? context.ip ?? '', permission: permission ?? '' },
    ...(wrong === undefined ? {} : { errors: [{ field: wrong, message: WRONG }], values: typedValues(req.query) }),
    ...problem,
  });
}

const WRONG = 'Enter one IP address, such as 203.0.113.7, and choose a permission of the list.';

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
