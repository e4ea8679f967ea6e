import { disavowal, of, type MailVariable } from './variables.js';

const removedOn: MailVariable = { description: 'When the account goes', sample: '5 December 2026 at 14:05 UTC' };
const signInLink: MailVariable = { description: 'Address where one signs in', sample: '/login' };

/** The mails about the end of an account; part of the catalogue in `events.ts`. */
export const ACCOUNT_MAILS = {
  'account-exported': {
    label: 'Own data downloaded',
    description: 'To the owner of an account, when all that is kept of them was downloaded.',
    variables: disavowal,
  },
  'account-removal-asked': {
    label: 'Account is going to be deleted',
    description: 'To who has asked for their account to be deleted, where the organisation gives days of grace.',
    variables: { removedOn, signInLink, ...disavowal },
  },
  'account-removal-near': {
    label: 'Account is deleted tomorrow',
    description: 'To who has asked for their account to be deleted, the day before.',
    variables: { removedOn, signInLink },
  },
  'account-removal-withdrawn': {
    label: 'Account stays',
    description: 'To who has taken back that their account is to be deleted.',
    variables: disavowal,
  },
  'account-removal-refused': {
    label: 'Account could not be deleted',
    description:
      'To who has asked for their account to be deleted, when nobody else could look after the organisation.',
    variables: {},
  },
  'account-removal-refused-report': {
    label: 'Account of an owner could not be deleted',
    onlyFor: 'owner',
    description:
      'To the owners, when an account could not be deleted because nobody else could look after the organisation.',
    variables: {
      account: { description: 'Whose it is', sample: 'Uma Ndiaye (uma)' },
      of,
      accountLink: { description: 'Address of the account in the administration', sample: '/admin/users/sample' },
    },
  },
  'account-removed': {
    label: 'Account deleted',
    description: 'To who had the account, when its days of grace are over. Nothing of this mail is kept.',
    variables: {},
  },
} as const;
