import type { Request, Response } from 'express';
import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { SshKey } from '#models/ssh-key.js';
import { passwordExpiresAt } from '#policies/password-age.js';
import { verdictOf } from '#server/checkup/finding.js';
import { ownFindings } from '#server/checkup/own.js';
import type { SignedInContext } from '#server/context.js';
import { answersTo } from '#server/http/ask-along.js';
import type { Problem } from '#server/http/form.js';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { askedOf } from '#server/identity/factor-kind.js';
import { relyingPartyOf } from '#server/identity/relying-party.js';
import { activities, eventsOf, lastSecured } from '../activity/actions.js';
import { credentialSummaryOf } from '../api-credentials/own-summary.js';
import { passwordRules } from '#server/identity/password.js';
import { openSessionsOf } from '../sessions/actions.js';
import { isNew, lastLook } from '../sessions/last-look-page.js';
import { securityQuery } from './input.js';
import { judged, securityStates } from './states.js';

/** How many sessions, and how many events, stand on the page itself. */
const NEWEST = 3;

/** What the sections of the page ask. */
export function sectionsOf(context: SignedInContext) {
  const { user, tenant } = context;
  return [
    SecurityPolicy.passwordRulesOf(tenant.id),
    openSessionsOf(context, user),
    eventsOf(context, 'actor_id', NEWEST),
    eventsOf(context, 'target_id', NEWEST),
    lastSecured(context),
    RecoveryCode.leftOf(user),
    credentialSummaryOf(context),
    SshKey.countOf(user),
    Passkey.countOf(user),
    ownFindings(context),
  ] as const;
}

/** The Security menu: every section of it, by one read, and with `problem` the form that came back. */
export async function showSecurity(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { user, tenant } = context;
  const [
    rules,
    sessions,
    done,
    suffered,
    securedAt,
    recoveryCodesLeft,
    credentials,
    sshKeyCount,
    passkeyCount,
    findings,
  ] = await answersTo(req, context, sectionsOf);
  const look = lastLook(req, res, context);
  const listed = sessions.map((one) => ({ ...one, fresh: isNew(one, look, context.session) }));
  const { passwordChangedAt, twoFactor } = user;
  const facts = {
    passwordChangedAt,
    passwordExpiresAt: passwordChangedAt === null ? null : passwordExpiresAt(passwordChangedAt, rules),
    twoFactor,
    recoveryCodesLeft,
    credentials,
    sshKeyCount,
    passkeyCount,
    passkeysOffered:
      context.policy.passkeys !== 'off' && relyingPartyOf(context.services.config, context.tenant) !== null,
    sessionCount: sessions.length,
  };
  const states = securityStates({
    ...facts,
    now: context.now,
    factors: askedOf(context.policy, user),
    twoFactorOffered: context.policy.twoFactor !== 'off',
    twoFactorDemanded: context.secondFactor.demanded,
    newSessionCount: listed.filter(({ fresh }) => fresh).length,
  });
  show(res, 'security/index', {
    title: 'Security',
    ...facts,
    states: judged(states, findings),
    verdict: verdictOf(findings),
    passwordRules: passwordRules(rules, tenant, user),
    // Folded, but for whoever came to change it and who must mend what was typed.
    passwordOpen: problem !== undefined || readQuery(securityQuery, req.query).form === 'password',
    sessions: onTop(listed),
    currentId: context.session.id,
    activity: activities(context, [done, suffered], securedAt, NEWEST),
    ...problem,
  });
}

// What is new must be seen, however many others there are.
function onTop<S extends { fresh: boolean }>(sessions: readonly S[]): S[] {
  return [...sessions.filter(({ fresh }) => fresh), ...sessions.filter(({ fresh }) => !fresh)].slice(0, NEWEST);
}
