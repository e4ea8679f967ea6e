import { ApiCredential } from '#models/api-credential.js';
import type { Request, Response } from 'express';
import { can } from '#policies/can.js';
import { mayActOn, mayActOnAnother } from '#policies/user.js';
import type { SignedInContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { setFlash } from '#server/http/flash.js';
import { answerForm, pathId, type Problem } from '#server/http/form.js';
import { show, type Tab } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { mayMakeTokenFor } from '../service-tokens/rule.js';
import { listSessions } from '../sessions/actions.js';
import type { Changed } from './edit.js';
import { editForm, removalForm } from './input.js';
import { guessesAt, latestOf } from './happenings.js';
import { offeredRoles } from './grant.js';
import { removeUser } from './remove.js';
import { isDamaged } from '#server/identity/factor.js';
import { listPasskeys, shownPasskey } from '#server/identity/passkey.js';
import { findUser, targetOf, type UserWithRoles } from '#server/identity/user.js';
import { READMISSION } from './pass-spans.js';
import { codesLockedUntil } from './code-lock.js';
import { changeUserAndFactor } from './two-factor.js';

/** An account: to change for who may, to read for everybody else. */
export async function showUser(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const user = await findUser(context, pathId(req));
  const [roles, sessions, codesLocked, factorDamaged, passkeys, credentialCount, happenings] = await Promise.all([
    offeredRoles(context),
    listSessions(context, user),
    codesLockedUntil(context, user.id),
    isDamaged(context, user.id),
    listPasskeys(user),
    ApiCredential.countLive(user, context.now),
    latestOf(context, user.id),
  ]);
  const held = new Set(user.roles.map(({ id }) => id));
  show(res, 'users/show', {
    title: user.name,
    account: { ...factsOf(user, context), codesLockedUntil: codesLocked, factorDamaged },
    may: powersOver(user, context),
    tabs: can(context.actor, 'log:read') ? tabsOf(user.id) : null,
    credentialsHref: can(context.actor, 'credentials:read') ? `/admin/credentials?user=${user.id}` : null,
    // A role that is held can be left as it is, or taken, by who could not give it.
    roles: roles.map(({ id, name, description, mayGrant }) => ({
      value: id,
      label: name,
      hint: description,
      disabled: !mayGrant && !held.has(id),
    })),
    sessions,
    passkeys: passkeys.map((one) => shownPasskey(context, context.tenant, one)),
    credentialCount,
    happenings,
    guesses: user.lockedUntil === null ? '' : await guessesAt(context, user.id),
    // What was typed into the two small forms below.
    unlockReason: null,
    resetReason: null,
    readmission: READMISSION,
    ...problem,
  });
}

export async function change(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: editForm,
    act: (values) => changeUserAndFactor(context, id, values),
    again: (problem) => showUser(req, res, problem),
    done(changed) {
      setFlash(context.services, res, saved(changed));
      res.redirect(303, `/admin/users/${id}`);
    },
  });
}

function tabsOf(id: string): Tab[] {
  return [
    { label: 'Account', href: `/admin/users/${id}`, current: true },
    { label: 'Security log', href: `/admin/security-log?actor=${id}` },
  ];
}

export async function showRemoval(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const user = await findUser(context, pathId(req));
  if (!powersOver(user, context).remove)
    throw new Forbidden('You cannot delete this account: it is your own, or it may do more than yours.');
  show(res, 'users/removal', { title: `Delete ${user.name}`, account: factsOf(user, context), ...problem });
}

export async function remove(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const id = pathId(req);
  await answerForm(req, res, {
    form: removalForm,
    act: ({ username }) => removeUser(context, id, username),
    again: (problem) => showRemoval(req, res, problem),
    done() {
      setFlash(context.services, res, 'The account has been deleted.');
      res.redirect(303, '/admin/users');
    },
  });
}

/** What the reader may do to this account: the same rules as the actions ask, so that no button leads to a refusal. */
function powersOver(user: UserWithRoles, context: SignedInContext) {
  const { actor } = context;
  const target = targetOf(user);
  const write = mayActOn(actor, 'users:write', target);
  const writeAnother = mayActOnAnother(actor, 'users:write', target);
  const person = user.kind === 'person';
  return {
    edit: write,
    /** Roles, status and sessions, which one does not take from oneself here. */
    editStanding: writeAnother,
    invite: write && user.status === 'invited',
    resetPassword: write && person && user.status === 'active',
    expirePassword: writeAnother && user.passwordHash !== null && !user.mustChangePassword,
    endSessions: writeAnother,
    unlock: writeAnother,
    makeToken: mayMakeTokenFor(context, user),
    revokeCredentials: mayActOn(actor, 'credentials:revoke', target),
    twoFactor: person && mayActOnAnother(actor, 'users:two-factor', target),
    accessPass: person && user.status === 'active' && mayActOnAnother(actor, 'users:two-factor', target),
    remove: mayActOnAnother(actor, 'users:delete', target),
  };
}

function factsOf(user: UserWithRoles, { actor, now }: SignedInContext) {
  const { id, kind, status, username, name, email, twoFactor, mustChangePassword, mustSetUpTwoFactor } = user;
  const { passwordChangedAt, lastSignedInAt, lockedUntil, createdAt, resetHeld, removalAt, enrolmentHeld } = user;
  return {
    ...{ id, kind, status, username, name, email, twoFactor, mustChangePassword, mustSetUpTwoFactor },
    ...{ passwordChangedAt, lastSignedInAt, createdAt, resetHeld, removalAt, enrolmentHeld },
    lockedUntil: lockedUntil !== null && lockedUntil > now ? lockedUntil : null,
    roles: user.roles.map((role) => ({ id: role.id, name: role.name })),
    own: id === actor.id,
  };
}

function saved({ sessionsEnded, invitedAgain }: Changed): string {
  if (invitedAgain) return 'The changes are saved, and an invitation is on its way to the new address.';
  return sessionsEnded
    ? 'The changes are saved. All sessions of the account have been ended.'
    : 'The changes are saved.';
}
