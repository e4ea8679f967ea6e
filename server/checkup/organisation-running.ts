import { can } from '#policies/can.js';
import { isLockSpike } from '#policies/checkup.js';
import { counted } from '#policies/counted.js';
import { DAY } from '#server/lib/clock.js';
import { countOf, many, type OrganisationCheck } from './organisation-case.js';

const MONTH = 30 * DAY;
/** A day longer than a week: whoever makes one each week is not reminded for being an hour late. */
const OLD_BACKUP = 8 * DAY;

/** A chain that was found broken, and not found whole since. */
export const logBroken: OrganisationCheck = ({ facts }) => {
  const broken = facts.number('last log.broken');
  if (broken === null || broken < (facts.number('last log.verified') ?? 0)) return undefined;
  return {
    item: 'log-broken',
    urgency: 'now',
    heading: 'The security log was found broken',
    text: 'Rows were changed or taken out by somebody who reaches the database itself. Keep a copy, and find out who.',
    count: null,
    who: [],
    step: { label: 'See where', href: '/admin/security-log?event=log.broken' },
  };
};

/** So many locked accounts in a day as never: somebody is trying passwords. */
export const lockSpike: OrganisationCheck = ({ facts, context: { now } }) => {
  const today = Math.floor(now / DAY);
  const byDay = new Map(facts.of('locked').map(({ id, number }) => [Number(id), number]));
  const lockedOn = (day: number): number => byDay.get(day) ?? 0;
  const monthBefore = (day: number): number[] => Array.from({ length: 30 }, (_none, at) => lockedOn(day - 1 - at));
  // What began before midnight is still news in the morning.
  const day = [today, today - 1].find((one) => isLockSpike(lockedOn(one), monthBefore(one)));
  if (day === undefined) return undefined;
  const date = new Date(day * DAY).toISOString().slice(0, 10);
  const count = lockedOn(day);
  return {
    item: 'lock-spike',
    urgency: 'now',
    heading: `${many(count, 'account was', 'accounts were')} locked ${day === today ? 'today' : 'yesterday'}`,
    text: 'That is far more than usual: somebody may be trying passwords. See from where, and whether any sign-in went well.',
    count,
    who: [],
    step: {
      label: 'See them in the log',
      href: `/admin/security-log?event=account.locked&from=${date}&to=${date}&days=utc`,
    },
  };
};

/** Mail that should have gone. */
export const mailStuck: OrganisationCheck = (one) => {
  const item = 'mail-stuck';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'now',
    heading: many(count, 'mail did not leave', 'mails did not leave'),
    text: 'Links to new passwords, invitations and warnings go by mail: until it works, people wait for them in vain.',
    count,
    who: one.facts.subjects(item, () => null),
    step: can(one.context.actor, 'notifications:read')
      ? { label: 'See them in the mail log', href: '/admin/mail?stuck=yes' }
      : { label: 'Tell whoever runs this installation', href: null },
  };
};

/** A log that nobody has verified for a month. */
export const logUnverified: OrganisationCheck = ({ facts, context: { now } }) => {
  const since = Math.max(
    facts.number('last log.verified') ?? 0,
    facts.number('last log.broken') ?? 0,
    facts.number('since') ?? now,
  );
  if (now - since <= MONTH) return undefined;
  return {
    item: 'log-unverified',
    urgency: 'todo',
    heading: 'The security log has not been verified for a month',
    text: 'Each row is chained to the one before it. Only a look at the whole chain shows that none was changed or taken out.',
    count: null,
    who: [],
    step: { label: 'Verify it', href: '/admin/security-log' },
  };
};

/** No backup, or an old one: of the whole installation, so its operators are told. */
export const noBackup: OrganisationCheck = ({ facts, context: { tenant, now } }) => {
  if (!tenant.platform) return undefined;
  const last = facts.number('last backup.made');
  if (last !== null && now - last <= OLD_BACKUP) return undefined;
  return {
    item: 'no-backup',
    urgency: last === null ? 'now' : 'todo',
    heading:
      last === null
        ? 'No backup has been made yet'
        : `The last backup was made ${counted(Math.floor((now - last) / DAY), 'day')} ago`,
    text: 'With the disk goes everything. A backup can be made while Gatehouse serves: gatehouse backup <file>.',
    count: null,
    who: [],
    step: { label: 'See how the installation is', href: '/platform/health' },
  };
};
