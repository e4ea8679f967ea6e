/** The mails about the security log. */
export const LOG_MAILS = {
  'log-checkpoint': {
    label: 'Checkpoint of the security log',
    onlyFor: 'log:export',
    description: 'Each day, to who asked for it on the page of the log: what the log can be held against later.',
    variables: {
      organisationId: {
        description: 'Id of the organisation',
        sample: '01a1fd73-7ca1-7646-b816-b41fda5f784f',
        required: true,
      },
      rows: { description: 'How many rows the log has', sample: '1204', required: true },
      hash: {
        description: 'Fingerprint of the last row',
        sample: 'Q2hlY2twb2ludE9mVGhlU2VjdXJpdHlMb2c',
        required: true,
      },
      madeAt: { description: 'When it was made, in UTC', sample: '2026-11-21T06:00:00.000Z', required: true },
      keyId: { description: 'Id of the secret key that signed it', sample: 'k1', required: true },
      signature: { description: 'Its signature', sample: 'U2lnbmF0dXJlT2ZUaGVDaGVja3BvaW50', required: true },
    },
  },
  'daily-digest': {
    label: 'Daily digest',
    onlyFor: 'log:read',
    description: 'At seven in the morning, to who asked for it in their profile: what the security log has to tell.',
    variables: {
      high: { description: 'Events of level high, with how many', sample: 'Role changed; 2 users deleted' },
      unusual: {
        description: 'What happened far more often than usual',
        sample: '40 accounts locked after failed sign-ins in a day, where none is usual',
      },
      waiting: { description: 'What waits for somebody', sample: '3 invitations that were not accepted' },
      logLink: { description: 'Address of the security log', sample: '/admin/security-log' },
    },
  },
} as const;
