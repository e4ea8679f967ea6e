import type { MenuEntry } from '#server/http/page.js';

const YOURS = '';
const ADMIN = 'Administration';
const PLATFORM = 'Platform';

/** The menu of the portal, in its order; who sees an entry is the permission beside it. */
export const menu: readonly MenuEntry[] = [
  { group: YOURS, label: 'Security', href: '/security', icon: 'shield-lock', permission: null },
  { group: YOURS, label: 'Profile', href: '/profile', icon: 'user-circle', permission: null },
  { group: ADMIN, label: 'Overview', href: '/admin', icon: 'layout-dashboard', permission: 'users:read' },
  { group: ADMIN, label: 'Check-up', href: '/admin/checkup', icon: 'shield-check', permission: 'users:read' },
  { group: ADMIN, label: 'Users', href: '/admin/users', icon: 'users', permission: 'users:read' },
  { group: ADMIN, label: 'Roles', href: '/admin/roles', icon: 'id-badge', permission: 'roles:read' },
  { group: ADMIN, label: 'API credentials', href: '/admin/credentials', icon: 'key', permission: 'credentials:read' },
  { group: ADMIN, label: 'Approvals', href: '/admin/approvals', icon: 'circle-check', permission: 'users:read' },
  { group: ADMIN, label: 'Security policy', href: '/admin/security-policy', icon: 'lock', permission: 'policy:read' },
  {
    group: ADMIN,
    label: 'Organisation',
    href: '/admin/organisation',
    icon: 'building-skyscraper',
    permission: 'organisation:read',
  },
  {
    group: ADMIN,
    label: 'Notifications',
    href: '/admin/notifications',
    icon: 'template',
    permission: 'notifications:read',
  },
  { group: ADMIN, label: 'Mail log', href: '/admin/mail', icon: 'mail', permission: 'notifications:read' },
  { group: ADMIN, label: 'Security log', href: '/admin/security-log', icon: 'list-details', permission: 'log:read' },
  { group: PLATFORM, label: 'Organisations', href: '/platform/tenants', icon: 'building', permission: 'tenants:read' },
  {
    group: PLATFORM,
    label: 'Health',
    href: '/platform/health',
    icon: 'heart-rate-monitor',
    permission: 'tenants:read',
  },
];
