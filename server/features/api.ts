import type { ApiRoute } from '#server/api/route.js';
import { apiRoutes as account } from './account/api.js';
import { apiRoutes as activity } from './activity/api.js';
import { apiRoutes as apiCredentials } from './api-credentials/api.js';
import { apiRoutes as approvals } from './approvals/api.js';
import { apiRoutes as checkup } from './checkup/api.js';
import { apiRoutes as credentials } from './credentials/api.js';
import { apiRoutes as forwardAuth } from './forward-auth/api.js';
import { apiRoutes as health } from './health/api.js';
import { apiRoutes as introspection } from './introspection/api.js';
import { apiRoutes as leaks } from './leaks/api.js';
import { apiRoutes as notifications } from './notifications/api.js';
import { apiRoutes as mailLog } from './mail-log/api.js';
import { apiRoutes as organisation } from './organisation/api.js';
import { apiRoutes as passkeys } from './passkeys/api.js';
import { apiRoutes as profile } from './profile/api.js';
import { apiRoutes as roles } from './roles/api.js';
import { apiRoutes as securityLog } from './security-log/api.js';
import { apiRoutes as securityPolicy } from './security-policy/api.js';
import { apiRoutes as sessions } from './sessions/api.js';
import { apiRoutes as sshKeys, programRoutes as sshPrograms } from './ssh-keys/api.js';
import { apiRoutes as tenants } from './tenants/api.js';
import { apiRoutes as userAccess } from './users/access-api.js';
import { apiRoutes as userFactors } from './users/factors-api.js';
import { apiRoutes as userPasskeys } from './users/passkeys-api.js';
import { apiRoutes as userTwoFactor } from './users/two-factor-api.js';
import { apiRoutes as userJobs } from './user-jobs/api.js';
import { apiRoutes as users } from './users/api.js';
import { apiRoutes as userRights } from './users/why-api.js';

/** Every call of the API, in the order of its documentation. */
export const apiRoutes: readonly ApiRoute[] = [
  ...profile,
  ...account,
  ...sessions,
  ...apiCredentials,
  ...passkeys,
  ...sshKeys,
  ...activity,
  ...checkup,
  ...userJobs,
  ...users,
  ...userRights,
  ...userAccess,
  ...userTwoFactor,
  ...userFactors,
  ...userPasskeys,
  ...approvals,
  ...credentials,
  ...roles,
  ...securityPolicy,
  ...organisation,
  ...mailLog,
  ...notifications,
  ...securityLog,
  ...tenants,
  ...health,
  ...introspection,
  ...forwardAuth,
  ...sshPrograms,
  ...leaks,
];
