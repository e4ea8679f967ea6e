import { disavowal } from './variables.js';

const what = { description: 'What was asked for', sample: 'The reset of the two-factor secret' };
const why = { description: 'Why, in the words of who asks', sample: 'Lost the phone' };

/** The mails about what somebody else has to approve; part of the catalogue in `events.ts`. */
export const APPROVAL_MAILS = {
  'reset-asked': {
    label: 'An administrator has asked to reset a second factor',
    description: 'To the owner of an account: what an administrator has asked for about it, and another must approve.',
    variables: { by: { description: 'Who asks', sample: 'Adam Arslan' }, what, reason: why, ...disavowal },
  },
  'reset-withheld': {
    label: 'What an administrator has asked for is not done',
    description: 'To the owner of an account: what was asked for about it was refused, or is void.',
    variables: {
      what,
      decision: { description: 'What has become of it', sample: 'has been refused' },
      reason: { description: 'Why, in the words of who decided', sample: 'She has found the phone' },
      ...disavowal,
    },
  },
  'approvals-waiting': {
    label: 'Something waits for an approval',
    onlyFor: 'users:write',
    description: 'To those who may decide it, once a day while something waits.',
    variables: {
      waiting: { description: 'How many requests wait', sample: '2 requests wait' },
      approvalsLink: { description: 'Address of what waits', sample: '/admin/approvals' },
    },
  },
  'approval-decided': {
    label: 'Request decided',
    description: 'To whoever has asked for something that another had to approve: what has become of it.',
    variables: {
      what: { description: 'What was asked for', sample: 'The API token “Nightly backup”' },
      decision: { description: 'What has become of it', sample: 'has been refused' },
      reason: { description: 'Why, in the words of who decided', sample: 'Use the token of the backup server' },
    },
  },
} as const;
