import type { MailVariable } from './variables.js';

const starts: MailVariable = {
  description: 'When the change starts, or was to start',
  sample: '5 December 2026 at 08:00 UTC',
};

const startsOn: MailVariable = {
  description: 'The same for a subject: without the year and the time',
  sample: '5 Dec',
};

/** The mails about changes of the security policy that are set for later; part of the catalogue in `events.ts`. */
export const POLICY_MAILS = {
  'policy-change-coming': {
    label: 'Security policy changes soon',
    onlyFor: 'active',
    description:
      'To whoever must do something, 7 days and 1 day before a change of the security policy starts that was set for later.',
    variables: {
      starts,
      startsOn,
      duties: { description: 'What they must do', sample: 'set up two-factor authentication' },
      securityLink: { description: 'Address of the Security page of the account', sample: '/security' },
    },
  },
  'policy-change-dropped': {
    label: 'Change of the security policy did not happen',
    onlyFor: 'owner',
    description:
      'To the owners, when a change of the security policy that was set for later could not be made when its time had come.',
    variables: {
      starts,
      reason: { description: 'Why not', sample: 'Whoever set it may no longer change the policy.' },
      policyLink: { description: 'Address of the security policy', sample: '/admin/security-policy' },
    },
  },
} as const;
