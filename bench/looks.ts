import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { SORTS } from '#server/features/users/order.js';

/** What is looked at in a place, by name: paths of pages, and of calls. */
export type Looks = Readonly<Record<string, string>>;

const USER_FILTERS = [
  ...['kind=service', 'status=invited', 'status=disabled', 'twoFactor=disabled', 'passkey=yes', 'passkey=no'],
  ...['secondFactor=yes', 'secondFactor=no', 'breakGlass=yes', 'breakGlass=no', 'lacksPasskey=yes'],
  ...['administrators=yes', 'locked=yes', 'stale=yes', 'lapsed=yes', 'stale=yes&status=active&twoFactor=disabled'],
];
/** One person, a name of thousands, two words, one letter, two letters, half a name, nobody. */
const SOUGHT = ['ada.abebe.800', 'milan', 'milan novak', 'q', 'qu', 'mil', 'berg', 'qwxyz', 'xq'];
const CREDENTIAL_FILTERS = [
  ...['', 'kind=token', 'kind=key', 'kind=password', 'kind=ssh-key', 'api=yes', 'unused=yes', 'expiring=yes'],
  ...['overPolicy=yes', 'noEnd=yes', 'ownerWithoutTwoFactor=yes', 'noAddresses=yes', 'unused=yes&expiring=yes'],
  ...[
    'q=backup',
    'q=milan',
    'q=backup+milan',
    'q=ada.abebe.800',
    'q=qwxyz',
    'q=qu',
    'api=yes&unused=yes&noAddresses=yes',
  ],
];
const LOG_FILTERS = [
  ...['', 'sort=oldest', 'event=sign-in.failed', 'event=ssh-key.added', 'event=two-factor.reset', 'level=high'],
  ...['door=web', 'door=api', 'actor=adam', 'actor=adam&event=sign-in.failed', 'q=adam', 'q=an', 'q=locked'],
  ...['q=203.0.113.2', 'q=firefox&within=details', 'q=qwxyz&within=details'],
];
const MAIL_FILTERS = ['', 'state=failed', 'state=queued', 'state=sent', 'stuck=yes', 'q=somebody.1001', 'q=qwxyz'];

/** Every list of an organisation with each of its filters and orders, its overview and its check-up, as pages and as calls. */
export async function looksAt(): Promise<{ pages: Looks; calls: Looks }> {
  const { id: tenantId } = await Tenant.findOne({ where: { slug: 'acme' }, rejectOnEmpty: true });
  const user = await Role.factory(tenantId, 'user');
  const own = await Role.findOne({ where: { tenantId, name: 'Programmers' }, rejectOnEmpty: true });
  const someone = await User.findOne({ where: { tenantId, username: 'ada.abebe.0' }, rejectOnEmpty: true });
  const by = (path: string, queries: readonly string[]): Looks =>
    Object.fromEntries(
      queries.map((query) => [query === '' ? path : `${path} ${query}`, query === '' ? path : `${path}?${query}`]),
    );
  const users = (path: string): Looks => ({
    ...by(path, [
      '',
      ...USER_FILTERS,
      ...SORTS.map((sort) => `sort=${sort}`),
      ...SOUGHT.map((q) => `q=${q.replace(' ', '+')}`),
    ]),
    ...by(
      path,
      SORTS.flatMap((sort) => ['milan', 'qu', 'berg'].map((q) => `q=${q}&sort=${sort}`)),
    ),
    ...by(path, ['q=milan&twoFactor=disabled', 'q=milan&secondFactor=no', 'q=milan&stale=yes']),
    [`${path} holders of a role of all`]: `${path}?roleId=${user.id}`,
    [`${path} holders of a role of few`]: `${path}?roleId=${own.id}`,
    [`${path} holders of a role of all, by name milan`]: `${path}?roleId=${user.id}&q=milan`,
  });
  return {
    pages: {
      ...by('/admin', ['']),
      ...by('/admin/checkup', ['']),
      ...by('/security/checkup', ['']),
      ...users('/admin/users'),
      ...by('/admin/users', ['page=2', 'page=20', 'q=milan&page=3']),
      ...by('/admin/credentials', CREDENTIAL_FILTERS),
      ...by('/admin/security-log', [...LOG_FILTERS, 'last=24h', 'last=30d']),
      ...by('/admin/mail', MAIL_FILTERS),
      ...by('/admin/roles', ['']),
      '/admin/roles, one of all': `/admin/roles/${user.id}`,
      '/admin/roles, one of few': `/admin/roles/${own.id}`,
      ...by('/admin/approvals', ['']),
      ...by('/admin/users/bulk', ['']),
      ...by('/admin/security-policy', ['']),
      ...by('/admin/security-policy/history', ['']),
      ...by('/security/tokens', ['']),
      ...by('/security/sessions', ['']),
      ...by('/security/activity', ['']),
      '/admin/users, one': `/admin/users/${someone.id}`,
    },
    calls: {
      ...users('/api/v1/users'),
      ...by('/api/v1/users', ['limit=200']),
      ...by('/api/v1/credentials', [...CREDENTIAL_FILTERS, 'limit=200']),
      ...by('/api/v1/security-log', [...LOG_FILTERS, 'limit=200']),
      ...by('/api/v1/mail', MAIL_FILTERS),
      ...by('/api/v1/checkup', ['']),
      ...by('/api/v1/roles', ['']),
      ...by('/api/v1/approvals', ['']),
      ...by('/api/v1/users/bulk', ['']),
      ...by('/api/v1/security-policy/history', ['']),
      ...by('/api/v1/security-log/checkpoints', ['']),
      ...by('/api/v1/me/checkup', ['']),
      ...by('/api/v1/me/tokens', ['']),
      ...by('/api/v1/me/sessions', ['']),
      ...by('/api/v1/me/activity', ['']),
      ...by('/api/v1/me/ssh-keys', ['']),
      '/api/v1/users, sessions of one': `/api/v1/users/${someone.id}/sessions`,
      '/api/v1/users, credentials of one': `/api/v1/users/${someone.id}/credentials`,
    },
  };
}
