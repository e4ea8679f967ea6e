import type { Request, Response } from 'express';
import { askTogether } from '#models/question.js';
import { Passkey } from '#models/passkey.js';
import { RecoveryCode } from '#models/recovery-code.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { SshKey } from '#models/ssh-key.js';
import { passwordExpiresAt } from '#policies/password-age.js';
import type { Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { activities, eventsOf, lastSecured } from '../activity/actions.js';
import { credentialSummaryOf } from '../api-credentials/list.js';
import { passwordRules } from '#server/identity/password.js';
import { openSessionsOf } from '../sessions/actions.js';

const NEWEST = 5;

/** The Security menu: every section of it, by one read, and with `problem` the form that came back. */
export async function showSecurity(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  const { services, user, tenant } = context;
  const [rules, sessions, done, suffered, securedAt, recoveryCodesLeft, credentials, sshKeyCount, passkeyCount] =
    await askTogether(services.database, [
      SecurityPolicy.passwordRulesOf(tenant.id),
      openSessionsOf(context, user),
      eventsOf(context, 'actor_id', NEWEST),
      eventsOf(context, 'target_id', NEWEST),
      lastSecured(context),
      RecoveryCode.leftOf(user),
      credentialSummaryOf(context),
      SshKey.countOf(user),
      Passkey.countOf(user),
    ]);
  show(res, 'security/index', {
    title: 'Security',
    passwordChangedAt: user.passwordChangedAt,
    passwordExpiresAt: user.passwordChangedAt === null ? null : passwordExpiresAt(user.passwordChangedAt, rules),
    passwordRules: passwordRules(rules, tenant, user),
    twoFactor: user.twoFactor,
    recoveryCodesLeft,
    credentials,
    sshKeyCount,
    passkeyCount,
    passkeysOffered: context.policy.passkeys !== 'off',
    sessions: sessions.slice(0, NEWEST),
    sessionCount: sessions.length,
    currentId: context.session.id,
    activity: activities(context, [done, suffered], securedAt, NEWEST),
    ...problem,
  });
}
