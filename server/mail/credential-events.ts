import { of, type MailVariable } from './variables.js';

const credential: MailVariable = { description: 'Which credential it is', sample: 'The API token “Nightly backup”' };
const expires: MailVariable = {
  description: 'That it expires, and when',
  sample: 'expires on 5 December 2026 at 14:05 UTC',
};
const ends: MailVariable = {
  description: 'The same for a subject: without the year and the time',
  sample: 'expires on 5 Dec',
};
const which: MailVariable = {
  description: 'Each of them, and when it ends',
  sample: 'The API token “Nightly backup”: 5 December 2026 at 14:05 UTC',
};
const by: MailVariable = { description: 'Who has shortened it', sample: 'Adam Arslan' };
const credentialsLink: MailVariable = {
  description: 'Address of where the account looks after it',
  sample: '/security/tokens',
};
const account: MailVariable = { description: 'Whose it is', sample: 'Uma Ndiaye (uma)' };
const accountLink: MailVariable = {
  description: 'Address of the account in the administration',
  sample: '/admin/users/sample',
};

/** The mails about what programs sign in with; part of the catalogue in `events.ts`. */
export const CREDENTIAL_MAILS = {
  'credential-shortened': {
    label: 'API credential ends sooner',
    description:
      'To the owner of credentials, when the organisation, or an administrator, has shortened how long these are valid.',
    variables: { credential, expires, ends, which, by, credentialsLink },
  },
  'credential-leaked': {
    label: 'API credential leaked',
    description: 'To the owner of an API credential that was reported as leaked, and revoked.',
    variables: { credential, of, credentialsLink },
  },
  'credential-refused': {
    label: 'API credential used from a forbidden address',
    description: 'To the owner of an API credential, when its secret comes from where it may not be used.',
    variables: { credential, of },
  },
  'credential-new-address': {
    label: 'API credential used from a new address',
    description: 'To the owner of an API credential, once for each address that it is used from beside its first.',
    variables: { credential, of, credentialsLink },
  },
  'credential-revoked': {
    label: 'API credential revoked by somebody else',
    description: 'To the owner of API credentials that an administrator has revoked.',
    variables: { credential, by: { description: 'Who revoked it', sample: 'Adam Arslan' }, credentialsLink },
  },
  'credential-expiring': {
    label: 'API credential expires',
    silenceable: true,
    onlyFor: 'active',
    description: 'To the owner of an API credential, 14 and 3 days before it expires, and when it has.',
    variables: { credential, expires, ends, credentialsLink },
  },
  'credential-expiring-report': {
    label: 'API credential of somebody else expires',
    silenceable: true,
    onlyFor: 'users:write',
    description: 'To the administrators, three days before an API credential expires that can change things.',
    variables: { credential, account, of, expires, ends, accountLink },
  },
  'service-credential-expiring': {
    label: 'API token of a service account expires',
    silenceable: true,
    onlyFor: 'users:write',
    description:
      'To the administrators, 14 and 3 days before an API token of a service account expires, and when it has.',
    variables: { credential, account, of, expires, ends, accountLink },
  },
  'service-credential-shortened': {
    label: 'API token of a service account ends sooner',
    onlyFor: 'users:write',
    description:
      'To the administrators, when the organisation, or one of them, has shortened how long tokens of a service account are valid.',
    variables: { credential, account, of, expires, ends, which, by, accountLink },
  },
  'service-credential-rotated': {
    label: 'API token of a service account has a new secret',
    onlyFor: 'users:write',
    description: 'To the administrators, when one of them gives an API token of a service account a new secret.',
    variables: { credential, account, of, by: { description: 'Who did it', sample: 'Adam Arslan' }, accountLink },
  },
} as const;
