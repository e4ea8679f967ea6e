import { factorKinds } from '#server/identity/factor-kind.js';

/** Where rows about a person are kept, and by what they are found. */
export interface Section {
  /** What it is called in the file. */
  name: string;
  table: string;
  /** Which rows are about the user $2 of the tenant $1. */
  where: string;
  /** Beside the columns of the table: what only another table can say. */
  also?: readonly string[];
  /** Columns that are about somebody else where the person did not do it themselves. */
  ownOnly?: readonly string[];
}

const OWN = 'tenant_id = $1 AND user_id = $2';
const OF_OWN_CREDENTIALS =
  'tenant_id = $1 AND credential_id IN (SELECT id FROM api_credentials WHERE tenant_id = $1 AND user_id = $2)';

/** All that is kept of a person, table by table, with what each kind of factor keeps. Hashes, keyed hashes and what is sealed are left out wherever they stand. */
export function sections(): Section[] {
  return [...SECTIONS, ...factorKinds().flatMap((kind) => kind.sections.map((one) => ({ ...one, where: OWN })))];
}

const SECTIONS: readonly Section[] = [
  { name: 'account', table: 'users', where: 'tenant_id = $1 AND id = $2' },
  {
    name: 'roles',
    table: 'user_roles',
    where: OWN,
    also: [
      '(SELECT r.name FROM roles r WHERE r.tenant_id = user_roles.tenant_id AND r.id = user_roles.role_id) AS role_name',
    ],
  },
  { name: 'formerPasswords', table: 'password_history', where: OWN },
  { name: 'factorsKeptAside', table: 'kept_factors', where: OWN },
  { name: 'sessions', table: 'sessions', where: OWN },
  { name: 'signInsHalfDone', table: 'challenges', where: OWN },
  { name: 'knownBrowsers', table: 'known_browsers', where: OWN },
  { name: 'rememberedBrowsers', table: 'remembered_browsers', where: OWN },
  { name: 'mailedLinks', table: 'links', where: OWN },
  { name: 'mails', table: 'outbox_messages', where: OWN },
  { name: 'apiCredentials', table: 'api_credentials', where: OWN },
  { name: 'apiCredentialSecrets', table: 'api_credential_secrets', where: OF_OWN_CREDENTIALS },
  { name: 'apiCredentialAddresses', table: 'api_credential_addresses', where: OF_OWN_CREDENTIALS },
  { name: 'sshKeys', table: 'ssh_keys', where: OWN },
  { name: 'postponedAdvice', table: 'checkup_postponements', where: OWN },
  { name: 'formsThatWait', table: 'kept_forms', where: OWN },
  { name: 'changesOfManyBegun', table: 'user_jobs', where: 'tenant_id = $1 AND begun_by = $2' },
  { name: 'changesOfManyUndergone', table: 'user_job_rows', where: OWN },
  { name: 'rightsChangedLately', table: 'standing_moves', where: OWN },
  { name: 'approvalsAsked', table: 'approvals', where: 'tenant_id = $1 AND (user_id = $2 OR requested_by = $2)' },
  { name: 'policyChanges', table: 'policy_entries', where: 'tenant_id = $1 AND actor_id = $2' },
  { name: 'checkpointsMade', table: 'log_checkpoints', where: 'tenant_id = $1 AND made_by = $2' },
  { name: 'checkpointsByMail', table: 'log_checkpoint_readers', where: OWN },
  { name: 'verificationsAsked', table: 'log_walks', where: 'tenant_id = $1 AND asked_by = $2' },
  { name: 'accessPasses', table: 'access_passes', where: OWN },
  { name: 'digest', table: 'digest_readers', where: OWN },
  { name: 'policyChangesAhead', table: 'scheduled_policies', where: 'tenant_id = $1 AND actor_id = $2' },
  { name: 'mailsWorded', table: 'mail_templates', where: 'tenant_id = $1 AND created_by = $2' },
  {
    name: 'securityLog',
    table: 'security_events',
    where: `tenant_id = $1 AND (actor_id = $2 OR (target_type = 'user' AND target_id = $2))`,
    ownOnly: ['ip', 'client', 'session_id', 'request_id'],
  },
];

/** Tables that may name a person and are not in the file, and why. */
export const NOT_IN_THE_FILE: Readonly<Record<string, string>> = {
  log_person_keys: 'the key that their name stands sealed under in the security log, which is opened in the file',
  log_repeats: 'what was tried in vain within a minute, which is a row of the security log once that is over',
  passkey_challenges: 'a question to an authenticator, kept by its hash alone, for an hour',
};
