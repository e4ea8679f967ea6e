import { askTogether, type Question } from '#models/question.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { STUCK } from '#models/stuck-mail.js';
import { can } from '#policies/can.js';
import { isOrganisationItem, ORGANISATION_ITEMS } from '#policies/checkup.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { inOrder, UNUSED_FOR, type Finding } from './finding.js';
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
import { ORGANISATION_SQL } from './organisation-sql.js';
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
  const { services, tenant } = context;
  const [facts, rules] = await askTogether(services.database, [
    factsOf(context),
    SecurityPolicy.passwordRulesOf(tenant.id),
  ]);
  const found = CHECKS.flatMap((check) => check({ context, facts, rules }) ?? []).filter(
    ({ item }) => isOrganisationItem(item) && can(context.actor, ORGANISATION_ITEMS[item]),
  );
  return inOrder(found, facts.putOff);
}

function factsOf({ services, tenant, actor, now }: TenantContext): Question<Facts> {
  return {
    columns: COLUMNS,
    sql: ORGANISATION_SQL[services.database.dialect](),
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
