import { Passkey } from '#models/passkey.js';
import type { User } from '#models/user.js';
import type { TakingKind } from '#policies/enumerations.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import type { EventName } from '#server/trace/events.js';
import { dropMark } from './break-glass.js';
import { issueDisavowal } from './disavowal-link.js';
import { moveState } from './epoch.js';
import { putNewSecret } from './factor.js';
import { removeCodes } from './factors.js';
import { tellFormerAddresses } from './former-address.js';
import { keepFactors } from './kept-factors.js';
import { makePass, readmit, type Readmitted } from './make-pass.js';
import { onwardFor, whatOpens, type Onward } from './readmission.js';
import { forgetPasskeys } from './passkey.js';
import { demandTaking, passkeysOf, type Taking } from './taking.js';
import { mailUndo } from './undo-link.js';
import { endAccess, ownerOf } from './walk-access.js';

type Told = Taking & { by: string };

const NEXT: Readonly<Record<Onward, string>> = {
  pass: 'You set up a new one with the access pass that was made for you, and is given to you. Your password alone does not lead to it.',
  link: 'You set up a new one with the link in another mail, or with an access pass that an administrator gives you. Your password alone does not lead to it.',
  factor: 'You sign in with your other second factor, and can then set up a new one.',
  nothing: 'You set up a new one with an access pass: ask an administrator for it. Your password does not lead to it.',
};

const TAKE: Readonly<Record<TakingKind, (acting: TenantContext, user: User, taking: Told) => Promise<Readmitted>>> = {
  async 'two-factor-reset'(acting, user, { reason, minutes, by }) {
    await moveState(user, 'pending');
    await putNewSecret(acting, user);
    await record(acting, {
      event: 'two-factor.reset',
      target: { type: 'user', id: user.id },
      details: { reason },
      personal: ['reason'],
    });
    const next = await onwardFor(acting, user, minutes);
    const variables = { ...(await issueDisavowal(acting, user, 'two-factor.reset')), by, next: NEXT[next] };
    await queueMail(acting, { event: 'two-factor-reset', to: user, tenant: acting.tenant, variables });
    await endAccess(acting, ownerOf(user), 'factor change');
    return readmit(acting, user, { reason, minutes, by });
  },
  async 'two-factor-removal'(acting, user, { reason, minutes, by }) {
    await moveState(user, 'disabled');
    await removeCodes(acting, user);
    await record(acting, {
      event: 'two-factor.disabled',
      target: { type: 'user', id: user.id },
      details: { reason },
      personal: ['reason'],
    });
    const left = await whatOpens(acting, user);
    const variables = { ...(await issueDisavowal(acting, user, 'two-factor.disabled')), by, left };
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
  async 'access-pass'(acting, user, { minutes, reason, by }) {
    return { pass: await makePass(acting, user, { minutes: minutes ?? 0, reason, by }), onward: 'pass' };
  },
};

const TOLD_AS = {
  'two-factor-reset': 'two-factor.reset',
  'two-factor-removal': 'two-factor.disabled',
  'passkey-removal': 'passkey.removed',
  'access-pass': 'access-pass.made',
} as const satisfies Record<TakingKind, EventName>;

/**
 * Takes it, or makes the pass: the one place where an administrator does that, asked for by one or approved by another. Its
 * owner is told why, and by whom, and can put a factor back for three days; what was let in before is over. Inside a write that has reached the user; gives what came of it.
 */
export async function take(acting: TenantContext, user: User, taking: Told): Promise<Readmitted> {
  const what = await demandTaking(user, taking);
  await tellFormerAddresses(acting, user, { about: TOLD_AS[taking.kind], what, by: taking.by });
  if (taking.kind === 'access-pass') return TAKE[taking.kind](acting, user, taking);
  const keptId = await keepFactors(acting, user);
  await mailUndo(acting, user, { keptId, ...taking });
  return TAKE[taking.kind](acting, user, taking);
}
