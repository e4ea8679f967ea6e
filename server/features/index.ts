import type { Route } from '#server/http/route.js';
import { routes as account } from './account/routes.js';
import { routes as activity } from './activity/routes.js';
import { routes as apiDocs } from './api-docs/routes.js';
import { routes as apiCredentials } from './api-credentials/routes.js';
import { routes as approvals } from './approvals/routes.js';
import { routes as challenges } from './challenges/routes.js';
import { routes as checkup } from './checkup/routes.js';
import { routes as confirm } from './confirm/routes.js';
import { routes as dashboard } from './dashboard/routes.js';
import { routes as credentials } from './credentials/routes.js';
import { routes as disavowal } from './disavowal/routes.js';
import { routes as email } from './email/routes.js';
import { routes as factorUndo } from './factor-undo/routes.js';
import { routes as health } from './health/routes.js';
import { routes as invitations } from './invitations/routes.js';
import { routes as notifications } from './notifications/routes.js';
import { routes as mailLog } from './mail-log/routes.js';
import { routes as organisation } from './organisation/routes.js';
import { routes as passkeys } from './passkeys/routes.js';
import { routes as passwordReset } from './password-reset/routes.js';
import { routes as password } from './password/routes.js';
import { routes as profile } from './profile/routes.js';
import { routes as recoveryCodes } from './recovery-codes/routes.js';
import { routes as rememberedBrowsers } from './remembered-browsers/routes.js';
import { routes as roles } from './roles/routes.js';
import { routes as security } from './security/routes.js';
import { routes as securityLog } from './security-log/routes.js';
import { routes as securityPolicy } from './security-policy/routes.js';
import { routes as sessions } from './sessions/routes.js';
import { routes as setup } from './setup/routes.js';
import { routes as signIn } from './sign-in/routes.js';
import { routes as tenants } from './tenants/routes.js';
import { routes as serviceTokens } from './service-tokens/routes.js';
import { routes as sshKeys } from './ssh-keys/routes.js';
import { routes as twoFactor } from './two-factor/routes.js';
import { routes as userJobs } from './user-jobs/routes.js';
import { routes as users } from './users/routes.js';

/** Every route of the portal's pages: one folder a noun, in the order of the menu. */
export const routes: readonly Route[] = [
  ...signIn,
  ...challenges,
  ...passwordReset,
  ...invitations,
  ...setup,
  ...confirm,
  ...security,
  ...password,
  ...twoFactor,
  ...passkeys,
  ...recoveryCodes,
  ...sessions,
  ...rememberedBrowsers,
  ...apiCredentials,
  ...sshKeys,
  ...roles,
  ...credentials,
  ...serviceTokens,
  ...approvals,
  ...activity,
  ...disavowal,
  ...factorUndo,
  ...profile,
  ...email,
  ...account,
  ...dashboard,
  ...userJobs,
  ...checkup,
  ...users,
  ...securityPolicy,
  ...organisation,
  ...mailLog,
  ...notifications,
  ...securityLog,
  ...tenants,
  ...health,
  ...apiDocs,
];
