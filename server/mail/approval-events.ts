/** The mails about what somebody else has to approve; part of the catalogue in `events.ts`. */
export const APPROVAL_MAILS = {
  'approvals-waiting': {
    label: 'Something waits for an approval',
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
