import type { MailVariable } from './variables.js';

const account: MailVariable = { description: 'Name and username of the account', sample: 'Uma Ndiaye (uma)' };
const accountLink: MailVariable = { description: 'Address of the account', sample: '/admin/users/sample' };

/** The mails about accounts that are kept for the day on which nothing else opens the organisation. */
export const BREAK_GLASS_MAILS = {
  'break-glass-used': {
    label: 'A break-glass account was used',
    onlyFor: 'owner',
    description: 'To every owner, each time somebody signs in with a break-glass account.',
    variables: { account, accountLink },
  },
  'break-glass-changed': {
    label: 'A break-glass account was marked, or is none any more',
    onlyFor: 'owner',
    description: 'To every owner and to the account itself, when it is marked break-glass, or loses the mark.',
    variables: {
      account,
      accountLink,
      mark: {
        description: 'What it is from now on',
        sample: 'is a break-glass account now: no address rule and no ban of passwords keeps it out',
      },
      by: { description: 'Who did it', sample: 'Olivia Okafor' },
    },
  },
} as const;
