/** What happens to a security policy; part of the catalogue in `events.ts`. */
export const POLICY_EVENTS = {
  'policy.changed': { level: 'high', label: 'Security policy changed' },
  'policy.scheduled': { level: 'high', label: 'Change of the security policy set for later' },
  'policy.schedule-removed': {
    level: 'high',
    label: 'Change of the security policy that was set for later taken back',
  },
  'policy.schedule-dropped': {
    level: 'high',
    label: 'Change of the security policy that was set for later did not happen',
  },
} as const;
