import { countOf, many, pageOfUser, stepOf, type OrganisationCheck } from './organisation-case.js';

/** People who look after others, and whose password is all that stands before those. */
export const adminsWithoutFactor: OrganisationCheck = (one) => {
  const item = 'admins-without-second-factor';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'now',
    heading: many(count, 'administrator has no second factor', 'administrators have no second factor'),
    text: 'Whoever learns such a password has the accounts of everybody else as well.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: stepOf(
      one,
      ['users:write', 'Demand it of them', 'See who'],
      '/admin/users?kind=person&status=active&administrators=yes&secondFactor=no',
    ),
  };
};

/** What somebody has asked for, and the reader may decide. */
export const approvalsWaiting: OrganisationCheck = (one) => {
  const item = 'approvals-waiting';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'now',
    heading: many(count, 'request waits for you', 'requests wait for you'),
    text: 'Nothing of it happens before somebody else than who asked has approved it, and it does not wait for ever.',
    count,
    who: one.facts.subjects(item, (id) => `/admin/approvals/${id}`),
    step: { label: 'Decide', href: '/admin/approvals?decide=yes' },
  };
};

/** People of whom a passkey is demanded, and who have none, or not enough to do without a password. */
export const peopleWithoutPasskey: OrganisationCheck = (one) => {
  const item = 'people-without-passkey';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(count, 'person lacks the passkey that is demanded', 'people lack the passkeys that are demanded'),
    text: 'A role of theirs demands one, or passwords open nothing. Once their days of grace are over, they can do nothing else, or need an access pass.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: stepOf(
      one,
      ['users:write', 'See who, and remind them', 'See who'],
      '/admin/users?status=active&lacksPasskey=yes',
    ),
  };
};

/** One owner, or none, who can come back for the other. */
export const fewOwners: OrganisationCheck = (one) => {
  const { facts, context } = one;
  const { tenant } = context;
  const count = facts.number('owners') ?? 0;
  if (count >= 2) return undefined;
  const [top] = facts.of('top-role');
  const who = tenant.platform ? 'operator' : 'owner';
  return {
    item: 'few-owners',
    urgency: 'todo',
    heading: count === 1 ? `There is only one ${who}` : `There is no ${who} who can sign in`,
    text: `Should they lose their password and their phone, nobody here can do what only an ${who} may.`,
    count,
    who: [],
    step: stepOf(
      one,
      ['users:write', 'See who, and make somebody else one too', 'See who'],
      `/admin/users?kind=person&status=active&roleId=${top?.id ?? ''}`,
    ),
  };
};

/** What is kept for the worst day, and of which nobody has tried for long whether it works. */
export const breakGlassUnused: OrganisationCheck = (one) => {
  const item = 'break-glass-unused';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(
      count,
      'break-glass account has not been tried for 90 days',
      'break-glass accounts have not been tried for 90 days',
    ),
    text: 'Nobody knows whether its passkey is still where it should be, and works. Sign in with it, before it is needed.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: stepOf(one, ['users:write', 'See which, and try it', 'See which'], '/admin/users?stale=yes&breakGlass=yes'),
  };
};

/** Accounts that nobody signs in to. */
export const staleAccounts: OrganisationCheck = (one) => {
  const item = 'stale-accounts';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(count, 'account has not been used for 90 days', 'accounts have not been used for 90 days'),
    text: 'Nobody would notice if somebody else signed in to one.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: stepOf(
      one,
      ['users:write', 'Disable those that nobody needs', 'See which'],
      '/admin/users?stale=yes&breakGlass=no',
    ),
  };
};

/** People who were invited, and can no longer accept. */
export const oldInvitations: OrganisationCheck = (one) => {
  const item = 'old-invitations';
  const count = countOf(one, item);
  if (count === 0) return undefined;
  return {
    item,
    urgency: 'todo',
    heading: many(count, 'invitation was never accepted', 'invitations were never accepted'),
    text: 'Their week is over, and their links no longer work.',
    count,
    who: one.facts.subjects(item, pageOfUser),
    step: stepOf(one, ['users:write', 'Invite them again, or delete them', 'See whose'], '/admin/users?lapsed=yes'),
  };
};
