import type { Request, Response } from 'express';
import type { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { codesLeft, showRecoveryCodes } from '#server/http/codes-page.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { subdomainOf } from '#server/http/host.js';
import { limitOf } from '#server/http/limited.js';
import { show } from '#server/http/page.js';
import { askFirst, howMany } from '#server/http/question.js';
import { signedIn } from '#server/http/request.js';
import { adoptSession } from '#server/http/session.js';
import { changesIn } from '#server/input/read.js';
import { refuseOtherDuty } from '#server/identity/admission.js';
import { FEW_LEFT } from '#server/identity/recovery-codes.js';
import { refuseHeld } from '#server/identity/enrolment.js';
import { lookUpOwn } from '#server/identity/prove.js';
import { listPasskeys, shownPasskey } from '#server/identity/passkey.js';
import type { SignedInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { acceptedOf } from './accepted.js';
import * as actions from './actions.js';
import { creationOptions } from './creation.js';
import { newPasskeyForm, passkeyForm } from './input.js';

const PATH = '/security/passkeys';

export async function list(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { user, tenant, policy } = context;
  const passkeys = await listPasskeys(user);
  const left = await RecoveryCode.left(tenant.id, user.id);
  show(res, 'passkeys/index', {
    title: 'Passkeys',
    passkeys: passkeys.map((one) => shownPasskey(context, tenant, one)),
    offered: policy.passkeys !== 'off',
    alone: policy.passkeys === 'passwordless',
    full: passkeys.length >= actions.MOST_PASSKEYS,
    accepted: acceptedOf(context, passkeys),
    codesLeft: codesLeft(left),
    fewLeft: left <= FEW_LEFT,
    ...problem,
  });
}

/** Where a password manager sends somebody who is to have a passkey here, or looks after theirs. */
export function endpoints(req: Request, res: Response): void {
  const { config } = req.context.services;
  const own = subdomainOf(config, req.hostname);
  const origin = own === null ? config.baseUrl : `${new URL(config.baseUrl).protocol}//${req.headers.host ?? ''}`;
  res.json({ enroll: `${origin}${PATH}/new`, manage: `${origin}${PATH}` });
}

/** Where a passkey is made. Who has no other factor yet, and must have one, gets here before anything else. */
export async function showNew(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  refuseOtherDuty(context, 'passkey');
  const passkeys = await listPasskeys(context.user);
  actions.refuseMore(context, passkeys.length);
  refuseHeld(await lookUpOwn(context), context.session.methods);
  show(res, 'passkeys/new', {
    title: 'Add a passkey',
    options: creationOptions(context, passkeys),
    first: passkeys.length === 0,
    bound: context.duty === 'passkey',
    onlyPasskeys: actions.onlyPasskeys(context),
    // What stands beside the password so far may do without it.
    promotable: passkeys
      .filter((one) => !one.signInAlone && actions.mayBePromoted(context, one))
      .map(({ id, name }) => ({ id, name })),
    mayStandAlone: context.policy.passkeys === 'passwordless',
    backTo: backOf(context),
    ...problem,
  });
}

function backOf(context: SignedInContext): { label: string; href: string } | null {
  if (context.duty === 'passkey')
    return context.user.factors.includes('passkey')
      ? { label: 'Confirm with a passkey that you have', href: '/confirm?next=/' }
      : null;
  if (context.duty === 'pass') return { label: 'Set up how you sign in', href: '/login/pass/setup' };
  if (limitOf(context) !== null) return { label: 'Set up an app instead', href: '/login/two-factor/setup' };
  return { label: 'Passkeys', href: PATH };
}

export async function add(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await answerForm(req, res, {
    form: newPasskeyForm,
    act: (values) => actions.addPasskey(context, values),
    again: (problem) => showNew(req, res, problem),
    async done({ passkey, sid, codes }) {
      await adoptSession(req, sid);
      if (codes) {
        showRecoveryCodes(req, res, {
          owner: context,
          codes,
          leadText: `The passkey “${passkey.name}” is added. ${asksFrom(passkey)} Your other sessions have been ended.`,
          onward: { label: 'I have kept them. Go on', href: limitOf(context) === null ? PATH : '/' },
        });
        return;
      }
      setFlash(context.services, res, `The passkey “${passkey.name}” is added. ${asksFrom(passkey)}`);
      res.redirect(303, limitOf(context) === null ? PATH : '/');
    },
  });
}

function asksFrom({ signInAlone }: Passkey): string {
  return signInAlone
    ? 'From now on it signs you in by itself; after your password you are asked for it, too.'
    : 'From now on it is asked for after your password.';
}

export async function showOne(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  refuseOtherDuty(context, 'promotion');
  const passkey = await actions.findPasskey(context, pathId(req));
  const promotable = actions.mayBePromoted(context, passkey);
  show(res, 'passkeys/one', {
    title: passkey.name,
    passkey: shownPasskey(context, context.tenant, passkey),
    promotable,
    // Where it is not offered, there is no box.
    shown: { name: passkey.name, signInAlone: promotable && passkey.signInAlone },
    ...problem,
  });
}

export async function change(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: passkeyForm,
    act: (values) => actions.changePasskey(context, id, changesIn(passkeyForm, values).changes),
    again: (problem) => showOne(req, res, problem),
    done() {
      setFlash(context.services, res, 'The passkey is changed.');
      res.redirect(303, limitOf(context) === null ? PATH : '/');
    },
  });
}

export async function restore(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  await actions.restorePasskey(context, pathId(req));
  setFlash(context.services, res, 'The passkey works again.');
  res.redirect(303, PATH);
}

export async function askRemove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const passkey = await actions.findPasskey(context, pathId(req));
  const reason = await actions.whyMyPasskeyStays(context, passkey);
  if (reason !== null) throw new Conflict(reason);
  const { user, tenant } = context;
  const last = (await listPasskeys(user)).length === 1 && user.twoFactor !== 'active';
  askFirst(req, res, {
    heading: `Remove “${passkey.name}”?`,
    text: [
      'It stops working at once. Your other sessions end, this one goes on.',
      last
        ? `Your password alone then opens your account, and your recovery codes go with it: ${howMany(await RecoveryCode.left(tenant.id, user.id), 'code')}.`
        : 'Remove it from the device or password manager as well: it would still be offered there.',
    ],
    label: 'Remove the passkey',
    back: PATH,
  });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const sid = await actions.removePasskey(context, pathId(req));
  if (sid !== null) await adoptSession(req, sid);
  setFlash(context.services, res, 'The passkey has been removed. All your other sessions have been ended.');
  res.redirect(303, PATH);
}
