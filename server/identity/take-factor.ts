import { Passkey } from '#models/passkey.js';
import type { User } from '#models/user.js';
import type { TakingKind } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { dropMark } from './break-glass.js';
import { issueDisavowal } from './disavowal-link.js';
import { moveState } from './epoch.js';
import { putNewSecret, removeFactor } from './factor.js';
import { keepFactors } from './kept-factors.js';
import { makePass, readmit } from './make-pass.js';
import { forgetPasskeys } from './passkey.js';
import { demandTaking, passkeysOf, type Taking } from './taking.js';
import { mailUndo } from './undo-link.js';
import { endAccess, ownerOf } from './walk-access.js';

type Told = Taking & { by: string };

const NEXT =
  'You set up a new one with the link in another mail, or with an access pass that an administrator gives you. Your password alone does not lead to it.';

const TAKE: Readonly<Record<TakingKind, (acting: TenantContext, user: User, taking: Told) => Promise<string | null>>> =
  {
    async 'two-factor-reset'(acting, user, { reason, minutes, by }) {
      await moveState(user, 'pending');
      await putNewSecret(acting, user);
      await record(acting, {
        event: 'two-factor.reset',
        target: { type: 'user', id: user.id },
        details: { reason },
        personal: ['reason'],
      });
      const variables = { ...(await issueDisavowal(acting, user, 'two-factor.reset')), by, next: NEXT };
      await queueMail(acting, { event: 'two-factor-reset', to: user, tenant: acting.tenant, variables });
      await endAccess(acting, ownerOf(user), 'factor change');
      return readmit(acting, user, { reason, minutes, by });
    },
    async 'two-factor-removal'(acting, user, { reason, minutes, by }) {
      await moveState(user, 'disabled');
      await removeFactor(acting, user);
      await record(acting, {
        event: 'two-factor.disabled',
        target: { type: 'user', id: user.id },
        details: { reason },
        personal: ['reason'],
      });
      const variables = { ...(await issueDisavowal(acting, user, 'two-factor.disabled')), by };
      await queueMail(acting, { event: 'two-factor-disabled', to: user, tenant: acting.tenant, variables });
      await endAccess(acting, ownerOf(user), 'factor change');
      return readmit(acting, user, { reason, minutes, by });
    },
    async 'passkey-removal'(acting, user, { by, reason, minutes, passkeyId }) {
      const going = await Passkey.findAll({ where: passkeysOf(user, passkeyId) });
      await forgetPasskeys(acting, user, going, { by, reason });
      await dropMark(acting, user);
      return readmit(acting, user, { reason, minutes, by });
    },
    'access-pass': (acting, user, { minutes, reason, by }) =>
      makePass(acting, user, { minutes: minutes ?? 0, reason, by }),
  };

/**
 * Takes it, or makes the pass: the one place where an administrator does that, asked for by one or approved by another. Its
 * owner is told why, and by whom, and can put a factor back for three days; what was let in before is over. Inside a write that has reached the user; gives the pass that was made.
 */
export async function take(acting: TenantContext, user: User, taking: Told): Promise<string | null> {
  await demandTaking(user, taking);
  if (taking.kind === 'access-pass') return TAKE[taking.kind](acting, user, taking);
  const keptId = await keepFactors(acting, user);
  await mailUndo(acting, user, { keptId, ...taking });
  return TAKE[taking.kind](acting, user, taking);
}
