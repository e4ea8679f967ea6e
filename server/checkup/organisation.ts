import { askTogether, type Question } from '#models/question.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { STUCK } from '#models/stuck-mail.js';
import { can } from '#policies/can.js';
import { isOrganisationItem, ORGANISATION_ITEMS } from '#policies/checkup.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { inOrder, UNUSED_FOR, verdictOf, type Finding, type Verdict } from './finding.js';
import {
  adminsWithoutFactor,
  approvalsWaiting,
  breakGlassUnused,
  fewOwners,
  oldInvitations,
  peopleWithoutPasskey,
  staleAccounts,
} from './organisation-people.js';
import { keysWithoutEnd, policyBelowPreset, tokensOverPolicy, unusedTokens } from './organisation-rules.js';
import { lockSpike, logBroken, logUnverified, mailStuck, noBackup } from './organisation-running.js';
import { ORGANISATION_SQL, VERDICT_SQL } from './organisation-sql.js';
import { COLUMNS, Facts } from './rows.js';

/** The longest month: with fewer days for each month, a token is within what the policy allows. */
const MONTH = 31 * DAY;

// Worst first, among what is alike.
const CHECKS = [
  logBroken,
  approvalsWaiting,
  adminsWithoutFactor,
  lockSpike,
  mailStuck,
  policyBelowPreset,
  fewOwners,
  peopleWithoutPasskey,
  keysWithoutEnd,
  tokensOverPolicy,
  unusedTokens,
  breakGlassUnused,
  staleAccounts,
  oldInvitations,
  logUnverified,
  noBackup,
];

/** What is to be done about the organisation, worst first; of what the reader may not see, nothing. */
export async function checkOrganisation(context: TenantContext): Promise<Finding[]> {
  return findingsBy(context, ORGANISATION_SQL);
}

/** The same in a few words, for whoever wants no more: of what there are thousands, one is looked for. */
export async function organisationVerdict(context: TenantContext): Promise<Verdict> {
  return verdictOf(await findingsBy(context, VERDICT_SQL));
}

async function findingsBy(context: TenantContext, texts: typeof ORGANISATION_SQL): Promise<Finding[]> {
  const { services, tenant } = context;
  const [facts, rules] = await askTogether(services.database, [
    factsOf(context, texts[services.database.dialect]()),
    SecurityPolicy.passwordRulesOf(tenant.id),
  ]);
  const found = CHECKS.flatMap((check) => check({ context, facts, rules }) ?? []).filter(
    ({ item }) => isOrganisationItem(item) && can(context.actor, ORGANISATION_ITEMS[item]),
  );
  return inOrder(found, facts.putOff);
}

function factsOf({ tenant, actor, now }: TenantContext, sql: string): Question<Facts> {
  return {
    columns: COLUMNS,
    sql,
    bind: [
      tenant.id,
      actor.id ?? '',
      now,
      now - UNUSED_FOR,
      now - STUCK.afterMs,
      now - STUCK.duringMs,
      MONTH,
      Math.floor(now / DAY) - 31,
    ],
    answer: (rows) => new Facts(rows),
  };
}
