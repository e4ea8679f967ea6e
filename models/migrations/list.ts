import type { Migration } from './index.js';
import { migration as tenants } from './0001-tenants-users-roles.js';
import { migration as sessions } from './0002-sessions-throttles-links.js';
import { migration as securityLog } from './0003-security-log.js';
import { migration as outbox } from './0004-outbox.js';
import { migration as userLists } from './0005-user-lists.js';
import { migration as twoFactor } from './0006-two-factor.js';
import { migration as apiCredentials } from './0007-api-credentials.js';
import { migration as disavowal } from './0008-disavowal.js';
import { migration as credentialLists } from './0009-credential-lists.js';
import { migration as credentialPurge } from './0010-credential-purge.js';
import { migration as userSearch } from './0011-user-search.js';
import { migration as sshKeySuspension } from './0013-ssh-key-suspension.js';
import { migration as credentialEnds } from './0014-credential-ends.js';
import { migration as knownKeys } from './0015-known-keys.js';
import { migration as formerNames } from './0016-former-names.js';
import { migration as foldedNames } from './0017-folded-names.js';
import { migration as answeredForms } from './0018-answered-forms.js';
import { migration as jobRuns } from './0019-job-runs.js';
import { migration as passkeys } from './0020-passkeys.js';
import { migration as userJobs } from './0021-user-jobs.js';
import { migration as replacedFactors } from './0022-replaced-factors.js';
import { migration as stoppedSignIns } from './0023-stopped-sign-ins.js';
import { migration as formsKeptSignedOut } from './0024-forms-kept-signed-out.js';
import { migration as userTrigrams } from './0025-user-trigrams.js';
import { migration as userOrders } from './0026-user-orders.js';
import { migration as logAddresses } from './0027-log-addresses.js';
import { migration as checkup } from './0028-checkup.js';
import { migration as roleGrants } from './0029-role-grants.js';
import { migration as approvals } from './0032-approvals.js';
import { migration as credentialHistory } from './0033-credential-history.js';
import { migration as policyHistory } from './0034-policy-history.js';
import { migration as scheduledPolicies } from './0035-scheduled-policies.js';
import { migration as logCheckpoints } from './0036-log-checkpoints.js';
import { migration as logPersonKeys } from './0037-log-person-keys.js';
import { migration as dailyDigest } from './0038-daily-digest.js';
import { migration as accountRemoval } from './0039-account-removal.js';
import { migration as organisation } from './0040-organisation.js';
import { migration as mailTemplates } from './0041-mail-templates.js';
import { migration as accessPasses } from './0042-access-passes.js';
import { migration as logRepeats } from './0044-log-repeats.js';
import { migration as phishingResistantRoles } from './0047-phishing-resistant-roles.js';
import { migration as twoPersonResets } from './0050-two-person-resets.js';
import { migration as keptFactors } from './0051-kept-factors.js';
import { migration as breakGlass } from './0052-break-glass.js';
import { migration as passwordSignIn } from './0055-password-sign-in.js';
import { migration as passkeyCounter } from './0056-passkey-counter.js';
import { migration as sshKeyLists } from './0060-ssh-key-lists.js';
import { migration as tenantLogos } from './0070-tenant-logos.js';
import { migration as whatIsRare } from './0085-what-is-rare.js';
import { migration as joining } from './0090-joining.js';
import { migration as standingMoves } from './0091-standing-moves.js';
import { migration as credentialSearch } from './0110-credential-search.js';
import { migration as userCounts } from './0112-user-counts.js';
import { migration as userPlaces } from './0113-user-places.js';
import { migration as userLetters } from './0114-user-letters.js';
import { migration as mailsByRole } from './0115-mails-by-role.js';
import { migration as passkeysCounted } from './0116-passkeys-counted.js';
import { migration as holdersCounted } from './0117-holders-counted.js';
import { migration as usersWithoutFactor } from './0118-users-without-factor.js';
import { migration as userSortPlaces } from './0119-user-sort-places.js';
import { migration as usersWithPasskey } from './0120-users-with-passkey.js';
import { migration as userSortNames } from './0121-user-sort-names.js';

/** Every change of the schema, in the order in which they are made. */
export const MIGRATIONS: readonly Migration[] = [
  tenants,
  sessions,
  securityLog,
  outbox,
  userLists,
  twoFactor,
  apiCredentials,
  disavowal,
  credentialLists,
  credentialPurge,
  userSearch,
  sshKeySuspension,
  credentialEnds,
  knownKeys,
  formerNames,
  foldedNames,
  answeredForms,
  jobRuns,
  passkeys,
  userJobs,
  replacedFactors,
  stoppedSignIns,
  formsKeptSignedOut,
  userTrigrams,
  userOrders,
  logAddresses,
  checkup,
  roleGrants,
  approvals,
  credentialHistory,
  policyHistory,
  scheduledPolicies,
  logCheckpoints,
  logPersonKeys,
  dailyDigest,
  accountRemoval,
  organisation,
  mailTemplates,
  accessPasses,
  logRepeats,
  phishingResistantRoles,
  twoPersonResets,
  keptFactors,
  breakGlass,
  passwordSignIn,
  passkeyCounter,
  sshKeyLists,
  tenantLogos,
  whatIsRare,
  joining,
  standingMoves,
  credentialSearch,
  userCounts,
  userPlaces,
  userLetters,
  mailsByRole,
  passkeysCounted,
  holdersCounted,
  usersWithoutFactor,
  userSortPlaces,
  usersWithPasskey,
  userSortNames,
];
