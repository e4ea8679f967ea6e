import { ApiCredential } from '#models/api-credential.js';
import type { Request, Response } from 'express';
import { mayMarkBreakGlass } from '#policies/break-glass.js';
import { can } from '#policies/can.js';
import { mayActOn, mayActOnAnother } from '#policies/user.js';
import type { SignedInContext } from '#server/context.js';
import { Forbidden } from '#server/errors.js';
import { pathId, type Problem } from '#server/http/form.js';
import { show, type Tab } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { mayMakeTokenFor } from '../service-tokens/rule.js';
import { listSessions } from '../sessions/actions.js';
import { approvalText } from './approver-text.js';
import { guessesAt, latestOf } from './happenings.js';
import { offeredRoles } from './grant.js';
import { approverOf, waitingAbout } from '#server/identity/approver.js';
import { labelsOf } from '#server/identity/factor-kind.js';
import { codesInWords, factorsOf } from '#server/identity/factors.js';
import { isDamaged } from '#server/identity/factor.js';
import { listPasskeys, shownPasskey } from '#server/identity/passkey.js';
import { livePass } from '#server/identity/make-pass.js';
import { findUser, targetOf, type UserWithRoles } from '#server/identity/user.js';
import { READMISSION } from './pass-spans.js';
import { codesLockedUntil } from './code-lock.js';

/** An account: to change for who may, to read for everybody else. */
export async function showUser(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  // Also where a form goes back to it with its mistakes.
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const user = await findUser(context, pathId(req));
  const [
    roles,
    sessions,
    codesLocked,
    factorDamaged,
    passkeys,
    credentialCount,
    happenings,
    approver,
    asked,
    factors,
    codes,
    pass,
  ] = await Promise.all([
    offeredRoles(context),
    listSessions(context, user),
    codesLockedUntil(context, user.id),
    isDamaged(context, user.id),
    listPasskeys(user),
    ApiCredential.countLive(user, context.now),
    latestOf(context, user.id),
    approverOf(context, targetOf(user)),
    waitingAbout(context, user.id),
    factorsOf(user, context.policy),
    codesInWords(user),
    user.twoFactor === 'disabled' ? null : livePass(context, user),
  ]);
  const held = new Set(user.roles.map(({ id }) => id));
  show(res, 'users/show', {
    title: user.name,
    account: { ...factsOf(user, context), codesLockedUntil: codesLocked, factorDamaged },
    may: powersOver(user, context),
    shown: shownOf(user, powersOver(user, context), codes !== ''),
    tabs: can(context.actor, 'log:read') ? tabsOf(user.id) : null,
    credentialsHref: can(context.actor, 'credentials:read') ? credentialsOf(user) : null,
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
    codes,
    askedFor: labelsOf(factors),
    // What was typed into the two small forms below.
    unlockReason: null,
    resetReason: null,
    readmission: READMISSION,
    passId: pass?.id ?? '',
    approvalText: approvalText(approver)[0] ?? null,
    asked,
    ...problem,
  });
}

function tabsOf(id: string): Tab[] {
  return [
    { label: 'Account', href: `/admin/users/${id}`, current: true },
    { label: 'Security log', href: `/admin/security-log?actor=${id}` },
  ];
}

/** What the reader may do to this account: the same rules as the actions ask, so that no button leads to a refusal. */
export function powersOver(user: UserWithRoles, context: SignedInContext) {
  const { actor } = context;
  const target = targetOf(user);
  const write = mayActOn(actor, 'users:write', target);
  const writeAnother = mayActOnAnother(actor, 'users:write', target);
  const person = user.kind === 'person';
  return {
    edit: write,
    /** Roles, status and sessions, which one does not take from oneself here. */
    editStanding: writeAnother,
    markBreakGlass: person && mayMarkBreakGlass(actor, target),
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

// What the form of the account shows, as it sends that where nobody touches it.
function shownOf(
  user: UserWithRoles,
  { editStanding, markBreakGlass, twoFactor }: ReturnType<typeof powersOver>,
  codes: boolean,
) {
  const { name, username, email, status, roles, breakGlass, mustSetUpTwoFactor } = user;
  const person = user.kind === 'person';
  const standing = { roleIds: roles.map(({ id }) => id), status: status === 'disabled' ? 'disabled' : 'active' };
  return {
    ...{ name, username, email },
    ...(editStanding ? standing : {}),
    mustSetUpTwoFactor: person && mustSetUpTwoFactor,
    breakGlass: markBreakGlass && breakGlass,
    twoFactorActive: twoFactor && codes,
  };
}

/** What the pages say of it. */
export function factsOf(user: UserWithRoles, { actor, now }: SignedInContext) {
  const { id, kind, status, username, name, email, twoFactor, mustChangePassword, mustSetUpTwoFactor } = user;
  const { passwordChangedAt, lastSignedInAt, lockedUntil, createdAt, resetHeld, removalAt, enrolmentHeld, breakGlass } =
    user;
  return {
    ...{ id, kind, status, username, name, email, twoFactor, mustChangePassword, mustSetUpTwoFactor },
    ...{ passwordChangedAt, lastSignedInAt, createdAt, resetHeld, removalAt, enrolmentHeld, breakGlass },
    lockedUntil: lockedUntil !== null && lockedUntil > now ? lockedUntil : null,
    roles: user.roles.map((role) => ({ id: role.id, name: role.name })),
    own: id === actor.id,
  };
}

// A service account has nothing but tokens: those that are dead stand on their page, too.
function credentialsOf({ id, kind }: UserWithRoles): string {
  return kind === 'service' ? `/admin/users/${id}/tokens` : `/admin/credentials?user=${id}`;
}
