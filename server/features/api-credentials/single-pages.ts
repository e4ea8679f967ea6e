import type { Request, Response } from 'express';
import { SecurityPolicy } from '#models/security-policy.js';
import { can } from '#policies/can.js';
import type { SignedInContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { readForm } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { askFirst } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { generateCredential, revokeOwn } from './actions.js';
import { generatingForm } from './input.js';
import { lastUse } from './last-use-page.js';
import { findSingle } from './list.js';
import { showSecret } from './shown-page.js';

type Kind = 'key' | 'password';

const WORDS = {
  key: { noun: 'API key', path: '/security/api-key' },
  password: { noun: 'API password', path: '/security/api-password' },
} as const;

/** The page of the API key or the API password; when there is one, generating asks first. */
export const showSingle =
  (kind: Kind) =>
  async (req: Request, res: Response): Promise<void> => {
    const context = signedIn(req);
    const { noun, path } = WORDS[kind];
    const { tenant, user } = context;
    show(res, 'api-credentials/single', {
      title: noun,
      noun,
      path,
      kindOfCredential: kind,
      current: await findSingle(context, kind),
      mayGenerate: can(context.actor, 'tokens:create'),
      basicUser: `${tenant.slug}/${user.username}`,
      signInPasswordWorks: kind === 'password' && (await takesSignInPassword(context)),
    });
  };

export const generateSingle =
  (kind: Kind) =>
  async (req: Request, res: Response): Promise<void> => {
    const context = signedIn(req);
    const { replaces } = readForm(generatingForm, req.body);
    const { noun, path } = WORDS[kind];
    const { credential, secret } = await generateCredential(context, kind, replaces);
    const { expiresAt } = credential;
    showSecret(res, context, { title: `Your new ${noun}`, label: noun, kind, text: secret, expiresAt, onward: path });
  };

export const askRevokeSingle =
  (kind: Kind) =>
  async (req: Request, res: Response): Promise<void> => {
    const { noun, path } = WORDS[kind];
    const current = await findSingle(signedIn(req), kind);
    if (!current) throw new NotFound();
    askFirst(req, res, {
      heading: `Revoke your ${noun}?`,
      text: [`Calls with ${current.firstCharacters} fail at once. It cannot be undone.`, lastUse(req, current)],
      label: `Revoke the ${noun}`,
      back: path,
    });
  };

export const revokeSingle =
  (kind: Kind) =>
  async (req: Request, res: Response): Promise<void> => {
    const context = signedIn(req);
    const { noun, path } = WORDS[kind];
    const current = await findSingle(context, kind);
    if (!current) throw new NotFound();
    await revokeOwn(context, current.id, kind);
    setFlash(context.services, res, `The ${noun} has been revoked. It no longer works.`);
    res.redirect(303, path);
  };

async function takesSignInPassword({ tenant, user, secondFactor }: SignedInContext): Promise<boolean> {
  return (
    user.twoFactor === 'disabled' && !secondFactor.demanded && (await SecurityPolicy.of(tenant.id)).allowPasswordOnApi
  );
}
