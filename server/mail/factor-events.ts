import { disavowal, of, type MailVariable, validFor } from './variables.js';

const left: MailVariable = {
  description: 'What opens the account now',
  sample: 'It is still asked for a second factor at sign-in',
};
const putBack: MailVariable = {
  description: 'What becomes of the password',
  sample: 'The password was set since and works no longer. A link for a new one is mailed.',
};
const passkey: MailVariable = { description: 'The name of the passkey', sample: 'Phone' };

/** The mails about second factors; part of the catalogue in `events.ts`. */
export const FACTOR_MAILS = {
  'two-factor-enabled': {
    label: 'Two-factor authentication enabled',
    description: 'To the owner of an account, after two-factor authentication was set up.',
    variables: disavowal,
  },
  'two-factor-disabled': {
    label: 'Two-factor authentication disabled',
    description: 'To the owner of an account, after two-factor authentication was disabled, by whomever.',
    variables: { by: { description: 'Who disabled it', sample: 'Adam Arslan' }, left, ...disavowal },
  },
  'two-factor-reset': {
    label: 'Two-factor secret reset',
    description: 'To the owner of an account, after the secret was reset, by whomever.',
    variables: {
      by: { description: 'Who reset it', sample: 'Adam Arslan' },
      next: { description: 'How the next one is set up', sample: 'Your next sign-in shows a QR code for your app.' },
      ...disavowal,
    },
  },
  'factors-taken': {
    label: 'A second factor was taken away: how to put it back',
    description:
      'To the owner of an account, after an administrator reset or removed a second factor: the link to undo that.',
    variables: {
      undoLink: { description: 'Link that puts the factor back', sample: '/recovery/undo/sample' },
      undoFor: { description: 'For how long the link works', sample: '3 days' },
      by: { description: 'Who took it', sample: 'Adam Arslan' },
      reason: { description: 'Why, in their words', sample: 'Lost the phone' },
    },
  },
  'factors-taken-notice': {
    label: 'A second factor was taken away: to the address of before',
    description:
      'To the address that an account had until lately, after an administrator took a second factor of it, or made an access pass for it.',
    variables: {
      by: { description: 'Who did it', sample: 'Adam Arslan' },
      what: { description: 'What was done', sample: 'The removal of a passkey' },
      ...disavowal,
    },
  },
  'factors-put-back': {
    label: 'Second factor put back',
    description: 'To the owner of an account, after a second factor that was taken away was put back.',
    variables: { next: putBack },
  },
  'factors-put-back-report': {
    label: 'Somebody put their second factor back',
    onlyFor: 'users:write',
    description: 'To administrators: somebody did not want what an administrator did to their second factor.',
    variables: {
      of,
      account: { description: 'Name and username of the account', sample: 'Uma Ndiaye (uma)' },
      accountLink: { description: 'Address of the account', sample: '/admin/users/sample' },
      next: putBack,
    },
  },
  'setup-link': {
    label: 'Link to set up a second factor',
    description: 'To the owner of an account, after an administrator reset or removed the last second factor of it.',
    variables: {
      setupLink: {
        description: 'Link to set up the next one; it asks for the password',
        sample: '/recovery/setup/sample',
      },
      by: { description: 'Who took the last one away', sample: 'Adam Arslan' },
      validFor: validFor('1 day'),
    },
  },
  'two-factor-locked': {
    label: 'Codes locked',
    description: 'To the owner of an account, after too many wrong codes.',
    variables: { lockedFor: { description: 'How long no code is taken', sample: '15 minutes' } },
  },
  'codes-unlocked': {
    label: 'Lock of codes opened',
    description: 'To the owner of an account, when an administrator opened the lock after too many wrong codes.',
    variables: { by: { description: 'Who opened it', sample: 'Ada Admin' }, ...disavowal },
  },
  'access-pass-made': {
    label: 'Temporary access pass made',
    description: 'To the owner of an account, when an administrator made an access pass for it. The pass is not in it.',
    variables: {
      by: { description: 'Who made it', sample: 'Adam Arslan' },
      reason: { description: 'Why', sample: 'Lost the phone' },
      worksFor: { description: 'How long the pass works', sample: '1 hour' },
      ...disavowal,
    },
  },
  'passkey-added': {
    label: 'Passkey added',
    description: 'To the owner of an account, after a passkey was added to it.',
    variables: { passkey, ...disavowal },
  },
  'passkey-changed': {
    label: 'Passkey changed',
    description: 'To the owner of an account, after a passkey got another name, or may do more or less than before.',
    variables: { passkey, ...disavowal },
  },
  'passkey-removed': {
    label: 'Passkey removed',
    description: 'To the owner of an account, after a passkey was removed, by whomever.',
    variables: {
      passkey,
      by: { description: 'Who removed it', sample: 'Adam Arslan' },
      left,
      ...disavowal,
    },
  },
  'passkey-copied': {
    label: 'A passkey may have been copied',
    description: 'To the owner of an account, when a passkey counts fewer uses than it did before.',
    variables: {
      passkey,
      outcome: { description: 'What became of it', sample: 'It was let in' },
      ...disavowal,
    },
  },
  'recovery-code-used': {
    label: 'Recovery code used',
    description: 'To the owner of an account, each time a recovery code was used.',
    variables: { left: { description: 'How many recovery codes are left', sample: '7' }, ...disavowal },
  },
  'recovery-codes-few': {
    label: 'Few recovery codes left',
    description: 'To the owner of an account, when three or fewer recovery codes are left.',
    variables: { left: { description: 'How many recovery codes are left', sample: '2' } },
  },
  'recovery-codes-renewed': {
    label: 'New recovery codes',
    description: 'To the owner of an account, after new recovery codes were made.',
    variables: disavowal,
  },
} as const;
