import type { Request, Response } from 'express';
import type { Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { safeNext } from '#server/http/safe-next.js';
import { rememberThisBrowser, rememberDays } from '../remembered-browsers/pages.js';
import { typedOf } from '#server/identity/factor-kind.js';
import { readQuery } from '#server/input/read.js';
import { awakePasskeys } from '#server/identity/passkey.js';
import { requestOptions } from '#server/identity/passkey-options.js';
import { aboutChallenge, answerWith } from './actions.js';
import { complete, half, toSetUp } from './completion-pages.js';
import { codeForm, codeQuery, passkeyForm } from './input.js';

export async function showCode(req: Request, res: Response, problem?: Problem): Promise<void> {
  const { user, tenant, factors } = half(req);
  if (toSetUp(req, res)) return;
  const passkeys = factors.includes('passkey') ? await awakePasskeys(req.context, tenant, user) : [];
  const ceremony = { about: aboutChallenge(half(req)), verified: false };
  const options = passkeys.length > 0 ? requestOptions(req.context, tenant, ceremony, passkeys) : null;
  const sent = problem?.values['factor'];
  const chosen = typeof sent === 'string' ? sent : readQuery(codeQuery, req.query).factor;
  const { first, others } = typedOf(factors, chosen);
  show(res, 'challenges/code', {
    title: first ? 'Enter your code' : 'Use your passkey',
    account: user.username,
    organization: tenant,
    typed: first?.typed && { ...first.typed, name: others.length > 0 ? first.name : null },
    others: others.flatMap(({ name, typed }) => (typed ? [{ name, label: typed.instead }] : [])),
    options,
    // Made for an address at which the portal was before, or set aside until their owner has looked at them.
    passkeysAsleep: factors.includes('passkey') && options === null,
    rememberDays: await rememberDays(tenant.id),
    ...problem,
  });
}

export async function sendCode(req: Request, res: Response): Promise<void> {
  await complete(req, res, {
    form: codeForm,
    act: async ({ code, factor: chosen, remember }, browser) => {
      // Who has none of six digits is refused by the proof, like who types a wrong one.
      const factor = typedOf(half(req).factors, chosen).first?.name ?? 'totp';
      const sid = await answerWith(req.context, half(req), { factor, given: code }, browser);
      if (remember) await rememberThisBrowser(req, res, half(req));
      return { sid };
    },
    again: (problem) => showCode(req, res, problem),
    done: () => res.redirect(303, safeNext(half(req).challenge.next)),
  });
}

export async function sendPasskey(req: Request, res: Response): Promise<void> {
  await complete(req, res, {
    form: passkeyForm,
    act: async ({ credential, remember }, browser) => {
      const sid = await answerWith(req.context, half(req), { factor: 'passkey', given: credential }, browser);
      if (remember) await rememberThisBrowser(req, res, half(req));
      return { sid };
    },
    again: (problem) => showCode(req, res, problem),
    done: () => res.redirect(303, safeNext(half(req).challenge.next)),
  });
}
