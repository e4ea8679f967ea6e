/** The events about what waits for an approval; part of the catalogue in `events.ts`. */
export const APPROVAL_EVENTS = {
  'approval.requested': {
    level: 'middle',
    label: 'Approval asked for',
    many: 'approvals asked for',
    disavowable: true,
  },
  'approval.given': { level: 'high', label: 'Request approved', many: 'requests approved' },
  'approval.refused': { level: 'middle', label: 'Request refused', many: 'requests refused' },
  'approval.withdrawn': { level: 'low', label: 'Request taken back' },
  'approval.void': { level: 'low', label: 'Request void' },
} as const;
